// The DuckLake extension: DUCKLAKE_EXTENSION_PATH, a verified file in the cache, DuckDB's own repository, or the PyPI wheel.
// DuckDB itself checks the signature at LOAD; ingestion runs without the extension, publication then waits.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAborted, LedgerflowError, messageOf } from '../../runtime/errors.ts';
import { buildInto } from './cache.ts';
import { download, type ObtainContext } from './context.ts';
import { findOnPath } from './find-program.ts';
import { verifyFile, type PartsLock } from './lock-file.ts';
import { runCommand } from './run-command.ts';

const FILE = 'ducklake.duckdb_extension';
const INSTALL_TIMEOUT_MS = 60_000;
const PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux_amd64',
  'linux-arm64': 'linux_arm64',
  'darwin-arm64': 'osx_arm64',
  'darwin-x64': 'osx_amd64',
};

function platform(): string {
  return PLATFORMS[`${process.platform}-${process.arch}`] ?? `${process.platform}-${process.arch}`;
}

/** The extension's file, if it is there; `setting` is DUCKLAKE_EXTENSION_PATH. */
export function findDucklake(cache: string, lock: PartsLock, setting?: string): string | undefined {
  if (setting !== undefined) return existsSync(setting) ? path.resolve(setting) : undefined;
  const file = path.join(targetOf(cache, lock), FILE);
  return existsSync(file) ? file : undefined;
}

function targetOf(cache: string, lock: PartsLock): string {
  return path.join(cache, `ducklake-${lock.ducklake.version}-${platform()}`);
}

/** @throws LedgerflowError LF_PART_DOWNLOAD, LF_PART_CHECKSUM */
export async function obtainDucklake(context: ObtainContext, setting?: string): Promise<string> {
  const found = findDucklake(context.cache, context.lock, setting);
  if (found !== undefined) return found;
  if (setting !== undefined) throw new LedgerflowError('LF_CONFIG_INVALID', `DUCKLAKE_EXTENSION_PATH names no file: ${setting}`);
  const target = targetOf(context.cache, context.lock);
  await buildInto(target, async (temporary) => {
    try {
      await fromDuckdb(context, temporary);
    } catch (error) {
      if (isAborted(error)) throw error;
      context.onProgress({
        part: 'DuckLake',
        text: `DuckDB's own repository is not reachable, trying the Python package (${reason(error)})`,
      });
      await fromWheel(context, temporary);
    }
  });
  return path.join(target, FILE);
}

/** DuckDB wraps the cause in a page of advice. */
function reason(error: unknown): string {
  const text = messageOf(error);
  return /\(ERROR ([^)]+)\)/.exec(text)?.[1] ?? text.slice(0, 120);
}

/** INSTALL in a process of its own, because it cannot be cancelled when a firewall swallows its packets. */
async function fromDuckdb(context: ObtainContext, target: string): Promise<void> {
  context.onProgress({ part: 'DuckLake', text: `asking DuckDB's own repository (${context.lock.ducklake.sizeMb} MB)` });
  const script = `import { DuckDBInstance } from '@duckdb/node-api';
const db = await DuckDBInstance.create(':memory:', { extension_directory: process.argv[1] });
const connection = await db.connect();
await connection.run('INSTALL ducklake');
await connection.run('LOAD ducklake');`;
  const folder = path.join(target, 'installed');
  const options = { cwd: import.meta.dirname, signal: context.signal, timeoutMs: INSTALL_TIMEOUT_MS };
  await runCommand(process.execPath, ['--input-type=module', '-e', script, folder], options);
  const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith(FILE));
  if (file === undefined) throw new LedgerflowError('LF_PART_DOWNLOAD', 'INSTALL ducklake left no file');
  renameSync(path.join(folder, file), path.join(target, FILE));
  rmSync(folder, { recursive: true });
  context.onProgress({ part: 'DuckLake', text: 'ready: signature checked by DuckDB' });
}

async function fromWheel(context: ObtainContext, target: string): Promise<void> {
  const { ducklake } = context.lock;
  const pinned = ducklake.platforms[platform()];
  const python = findOnPath('python3');
  if (pinned === undefined) throw new LedgerflowError('LF_PLATFORM_UNSUPPORTED', `the DuckLake extension has no build for ${platform()}`);
  if (python === undefined)
    throw new LedgerflowError('LF_PART_DOWNLOAD', 'the DuckLake extension needs either internet access or python3 with pip');
  const work = path.join(target, 'wheel');
  mkdirSync(work);
  const requirements = path.join(work, 'requirements.txt');
  writeFileSync(requirements, `${ducklake.package}==${ducklake.version} --hash=sha256:${pinned.wheelSha256}\n`);
  const select = ['--no-deps', '--only-binary=:all:', '--platform', pinned.pipPlatform, '--python-version', '3.11'];
  const args = ['-m', 'pip', 'download', '-q', '--no-cache-dir', ...select, '--require-hashes', '-r', requirements, '-d', work];
  context.onProgress({ part: 'DuckLake', text: `downloading the Python package of ${ducklake.sizeMb} MB` });
  await download(context, 'DuckLake', () => runCommand(python, args, { signal: context.signal, timeoutMs: 10 * 60_000 }));
  const wheel = readdirSync(work).find((name) => name.endsWith('.whl')) ?? '';
  await runCommand(python, ['-m', 'zipfile', '-e', path.join(work, wheel), work], { signal: context.signal });
  const inner = path.join(work, 'duckdb_extension_ducklake', 'extensions', `v${ducklake.version}`, FILE);
  await verifyFile(inner, pinned.fileSha256);
  renameSync(inner, path.join(target, FILE));
  rmSync(work, { recursive: true });
  context.onProgress({ part: 'DuckLake', text: `ready: ${ducklake.version}, verified` });
}
