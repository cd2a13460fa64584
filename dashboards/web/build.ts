// Builds the pages with Vite when their sources changed; the result is compressed once, here, and not part of the repository.
// A digest of the sources stands beside it, so that every start is quick when nothing changed.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';

const ROOM = fileURLToPath(new URL('.', import.meta.url));
const ROOT = path.resolve(ROOM, '../..');
const SOURCES = path.join(ROOM, 'src');
const OUTPUT = path.join(ROOM, 'dist');
const DIGEST_FILE = 'sources.sha256';
/** Smaller files gain nothing. */
const COMPRESSED_BYTES_MIN = 512;

/** @returns the folder of the built pages @throws LedgerflowError LF_WEB_BUILD */
export async function buildPages(): Promise<string> {
  const digest = sourceDigest();
  if (builtFrom() === digest) return OUTPUT;
  const fresh = `${OUTPUT}.${process.pid}`;
  try {
    await bundle(fresh);
    await compressFiles(fresh);
    await writeFile(path.join(fresh, DIGEST_FILE), digest);
    await replaceOutput(fresh);
  } catch (error) {
    throw new LedgerflowError('LF_WEB_BUILD', `the pages cannot be built: ${messageOf(error)}`, { where: SOURCES, cause: error });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return OUTPUT;
}

/** True when the pages are built and their sources have not changed since. */
export function pagesAreBuilt(): boolean {
  return builtFrom() === sourceDigest();
}

function builtFrom(): string | undefined {
  const file = path.join(OUTPUT, DIGEST_FILE);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Everything the pages are made from: their own files, the types they share with the API, this file, the versions of the libraries. */
function sourceDigest(): string {
  const files = readdirSync(SOURCES, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const shared = [path.join(ROOM, 'build.ts'), path.join(ROOT, 'package-lock.json'), path.join(ROOT, 'cdc/position.ts')];
  const hash = createHash('sha256');
  for (const file of [...files.sort(), ...shared])
    hash
      .update(`${path.relative(ROOT, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

async function bundle(folder: string): Promise<void> {
  const { build } = await import('vite'); // only when there is something to build: loading it takes a second
  await build({
    root: SOURCES,
    configFile: false,
    logLevel: 'error',
    publicDir: path.join(SOURCES, 'public'),
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { outDir: folder, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  });
}

async function compressFiles(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name)) continue;
    const file = path.join(entry.parentPath, entry.name);
    const text = await readFile(file);
    if (text.length < COMPRESSED_BYTES_MIN) continue;
    await writeFile(`${file}.br`, await promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    await writeFile(`${file}.gz`, await promisify(gzip)(text, { level: 9 }));
  }
}

/** Another process may do the same at the same time: whoever comes last wins, and both are right. */
async function replaceOutput(fresh: string): Promise<void> {
  const old = `${fresh}.old`;
  await mkdir(OUTPUT, { recursive: true });
  await rename(OUTPUT, old).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  await rename(fresh, OUTPUT);
  await rm(old, { recursive: true, force: true });
}
