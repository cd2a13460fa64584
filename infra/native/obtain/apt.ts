// Debian packages in a private root, without installing anything: own apt configuration, the system's own mirror and keys.
// Suite sid, because it alone carries MySQL 9.7; apt checks the signatures, and what came is recorded beside it.

import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hostEnvironment } from '../../runtime/config.ts';
import { LedgerflowError } from '../../runtime/errors.ts';
import { readIfExists } from '../files.ts';
import { download, watchSize, type ObtainContext } from './context.ts';
import { findOnPath } from './find-program.ts';
import { fixLinks } from './private-root.ts';
import { runCommand } from './run-command.ts';

const SUITE = 'sid';
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface DebianRequest {
  readonly part: string;
  readonly packages: readonly string[];
  /** Packages of the dependency closure that are really needed (perl, debconf, init … are not). */
  readonly keep: RegExp;
  readonly sizeMb: number;
}

/** True on Debian with apt: the only system whose own mirror carries the suite. */
export function aptUsable(): boolean {
  const release = readIfExists('/etc/os-release') ?? '';
  const tools = ['apt-get', 'apt-cache', 'apt-config', 'dpkg'].every((name) => findOnPath(name) !== undefined);
  return process.platform === 'linux' && process.arch in ARCHITECTURES && /^ID=debian$/m.test(release) && tools;
}

/** Unpacks the packages and the libraries they need into `root`, and writes `packages.json` (name and version of each) beside its content. */
export async function unpackDebian(context: ObtainContext, request: DebianRequest, root: string): Promise<void> {
  const { part } = request;
  const work = path.join(root, '.apt');
  const env = await privateApt(work);
  const apt = (command: string, args: readonly string[], cwd = work): Promise<string> =>
    runCommand(command, args, { env, cwd, signal: context.signal, timeoutMs: 20 * 60_000 });
  context.onProgress({ part, text: 'reading the package index of the Debian mirror (11 MB)' });
  await download(context, part, () => apt('apt-get', ['update', '-q', '-o', 'APT::Update::Error-Mode=any']));
  const names = closure(await apt('apt-cache', [...CLOSURE_ARGS, ...request.packages]), request);
  const debs = path.join(work, 'debs');
  mkdirSync(debs);
  {
    using _size = watchSize(context, part, debs, `downloading ${names.length} packages of about ${request.sizeMb} MB`);
    await download(context, part, () => apt('apt-get', ['download', '-q', ...names], debs));
  }
  context.onProgress({ part, text: `unpacking ${names.length} packages` });
  const files = readdirSync(debs).filter((name) => name.endsWith('.deb'));
  for (const file of files) await runCommand('dpkg', ['-x', path.join(debs, file), root], { signal: context.signal });
  fixLinks(root);
  const versions: Record<string, string> = {};
  for (const file of files) {
    const [name = '', version = ''] = file.split('_').map((text) => decodeURIComponent(text));
    versions[name] = version;
  }
  writeFileSync(path.join(root, 'packages.json'), `${JSON.stringify(versions, null, 2)}\n`);
}

const NOT = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`);
const CLOSURE_ARGS = ['depends', '--recurse', ...NOT];

function closure(listing: string, request: DebianRequest): string[] {
  const names = new Set(listing.split('\n').filter((line) => /^[a-z0-9]/.test(line)));
  const kept = [...names].filter((name) => request.packages.includes(name) || request.keep.test(name)).sort();
  const missing = request.packages.filter((name) => !names.has(name));
  if (missing.length > 0) throw new LedgerflowError('LF_PLATFORM_UNSUPPORTED', `the Debian mirror has no package ${missing.join(', ')}`);
  return kept;
}

/** Makes the private apt folders below `work`; the environment that selects them. */
async function privateApt(work: string): Promise<NodeJS.ProcessEnv> {
  for (const folder of ['etc/apt.conf.d', 'etc/preferences.d', 'state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(path.join(work, folder), { recursive: true });
  }
  writeFileSync(path.join(work, 'status'), '');
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const signedBy = readdirSync('/usr/share/keyrings').includes(path.basename(keyring)) ? `[signed-by=${keyring}] ` : '';
  writeFileSync(path.join(work, 'etc/sources.list'), `deb ${signedBy}${await systemMirror()} ${SUITE} main\n`);
  const file = path.join(work, 'apt.conf');
  writeFileSync(file, aptSettings(work));
  appendFileSync(file, await systemNetworkSettings());
  return { ...hostEnvironment(), APT_CONFIG: file, LC_ALL: 'C' };
}

function aptSettings(work: string): string {
  return [
    `Dir::Etc "${work}/etc";`,
    `Dir::Etc::parts "${work}/etc/apt.conf.d";`,
    `Dir::Etc::sourcelist "${work}/etc/sources.list";`,
    'Dir::Etc::sourceparts "-";',
    'Dir::Etc::trusted "/etc/apt/trusted.gpg";',
    'Dir::Etc::trustedparts "/etc/apt/trusted.gpg.d";',
    `Dir::State "${work}/state";`,
    `Dir::State::status "${work}/status";`,
    `Dir::Cache "${work}/cache";`,
    `APT::Architecture "${ARCHITECTURES[process.arch] ?? ''}";`,
    'APT::Install-Recommends "false";',
    // Dropping to user _apt needs root and a folder that user may write.
    'APT::Sandbox::User "";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
    // A mirror's Release file may be old; the signatures are checked all the same.
    'Acquire::Check-Valid-Until "false";',
    '',
  ].join('\n');
}

/** The user's proxies, TLS and time settings: the private configuration must reach the network the same way. */
async function systemNetworkSettings(): Promise<string> {
  const dump = await runCommand('apt-config', ['dump']);
  const lines = dump.split('\n').filter((line) => /^Acquire::(https?|Check-Date|ForceIPv[46]|socks)\b/.test(line) && !line.endsWith('"";'));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** The mirror this system uses for its own release. */
async function systemMirror(): Promise<string> {
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? SUITE;
  const targets = await runCommand('apt-get', ['indextargets', '--format', '$(REPO_URI)|$(RELEASE)', 'Created-By: Packages']);
  const sources = targets.split('\n').map((line) => line.split('|'));
  const own = sources.find(([, release]) => release === codename) ?? sources.find(([, release]) => release === SUITE);
  if (own?.[0] === undefined || own[0] === '') {
    throw new LedgerflowError('LF_PLATFORM_UNSUPPORTED', `apt has no source for ${codename}, so MySQL cannot be obtained`);
  }
  return own[0];
}
