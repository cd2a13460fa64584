// Programs unpacked into a private root: their absolute links are turned inwards, and each is started through its own loader
// by a small script, so that neither the system's libraries nor root rights are needed.

import { existsSync, lstatSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LedgerflowError } from '../../runtime/errors.ts';

const LOADERS: Readonly<Record<string, { readonly loader: readonly string[]; readonly triplet: string }>> = {
  x64: { loader: ['usr/lib64/ld-linux-x86-64.so.2', 'lib64/ld-linux-x86-64.so.2'], triplet: 'x86_64-linux-gnu' },
  arm64: { loader: ['usr/lib/ld-linux-aarch64.so.1', 'lib/ld-linux-aarch64.so.1'], triplet: 'aarch64-linux-gnu' },
};

/** Makes absolute symbolic links below `root` point into it. */
export function fixLinks(root: string, folder = root): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const stat = lstatSync(file);
    if (stat.isDirectory()) fixLinks(root, file);
    else if (stat.isSymbolicLink()) turnInwards(root, file);
  }
}

function turnInwards(root: string, link: string): void {
  const target = readlinkSync(link);
  if (!path.isAbsolute(target)) return;
  rmSync(link);
  symlinkSync(path.relative(path.dirname(link), path.join(root, target)), link);
}

export interface LauncherOptions {
  /** The program inside the root, e.g. usr/sbin/mysqld. */
  readonly program: string;
  /** Extra library folders inside the root. */
  readonly libraries?: readonly string[];
  /** Arguments always given first. */
  readonly args?: readonly string[];
}

/** Writes `file`, a script that replaces itself (same pid) by the program run through the root's loader. The root may be moved with it. */
export function writeLauncher(root: string, file: string, options: LauncherOptions): void {
  const system = LOADERS[process.arch];
  const loader = system?.loader.find((name) => existsSync(path.join(root, name)));
  if (system === undefined || loader === undefined) {
    throw new LedgerflowError('LF_PLATFORM_UNSUPPORTED', `no program loader for ${process.arch} in the unpacked packages`);
  }
  const toRoot = path.relative(path.dirname(file), root);
  const libraries = [`usr/lib/${system.triplet}`, `lib/${system.triplet}`, ...(options.libraries ?? [])]
    .map((name) => `$r/${name}`)
    .join(':');
  const args = (options.args ?? []).map((arg) => ` "${arg}"`).join('');
  const script = `#!/bin/sh
# Starts ${path.basename(options.program)} of the private root through the root's own loader.
r=$(cd "$(dirname "$(readlink -f "$0")")/${toRoot}" && pwd)
exec "$r/${loader}" --library-path "${libraries}" "$r/${options.program}"${args} "$@"
`;
  writeFileSync(file, script, { mode: 0o755 });
}
