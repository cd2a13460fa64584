// Finds a Compose client for the tests: the docker plugin, `docker-compose` on PATH, or Debian's package unpacked into the cache.
// No engine is needed: the tests only read the compose file.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { aptUsable, unpackDebian } from '../../infra/native/obtain/apt.ts';
import { buildInto, cacheFolder } from '../../infra/native/obtain/cache.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { runCommand } from '../../infra/native/obtain/run-command.ts';
import { messageOf } from '../../infra/runtime/errors.ts';

const PROGRAM = 'usr/libexec/docker/cli-plugins/docker-compose';

export type ComposeClient = { readonly command: string; readonly args: readonly string[] } | { readonly missing: string };

/** A client of version 2 or newer, or why there is none. */
export async function composeClient(): Promise<ComposeClient> {
  for (const [command, args] of [
    ['docker', ['compose']],
    ['docker-compose', []],
  ] as const) {
    if (await isRecent(command, args)) return { command, args };
  }
  try {
    return { command: await obtained(), args: [] };
  } catch (error) {
    return { missing: `no Compose client, and none could be obtained: ${messageOf(error)}` };
  }
}

async function isRecent(command: string, args: readonly string[]): Promise<boolean> {
  try {
    const version = await runCommand(command, [...args, 'version', '--short'], { timeoutMs: 20_000 });
    return Number(/\d+/.exec(version)?.[0] ?? 0) >= 2;
  } catch {
    return false;
  }
}

async function obtained(): Promise<string> {
  const cache = cacheFolder(undefined);
  const root = path.join(cache, 'compose');
  const program = path.join(root, PROGRAM);
  if (existsSync(program)) return program;
  if (!aptUsable()) throw new Error('this system is not Debian');
  mkdirSync(cache, { recursive: true });
  const context = { cache, lock: readPartsLock(), onProgress: () => undefined, signal: AbortSignal.timeout(240_000) };
  await buildInto(root, async (temporary) => {
    await unpackDebian(context, { part: 'Compose', packages: ['docker-compose'], keep: /^$/, sizeMb: 14 }, temporary);
    rmSync(path.join(temporary, '.apt'), { recursive: true });
  });
  return program;
}
