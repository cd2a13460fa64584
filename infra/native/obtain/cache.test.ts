import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gone, identify } from '../process-id.ts';
import { buildInto, cacheFolder, lockFile, sweep } from './cache.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ledgerflow-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder appears only when it is complete', async () => {
  const target = path.join(folder, 'part');
  const failing = buildInto(target, async (temporary) => {
    writeFileSync(path.join(temporary, 'half'), '');
    throw new Error('cut off');
  });
  await expect(failing).rejects.toThrow('cut off');
  expect(readdirSync(folder)).toEqual([]);
  await buildInto(target, async (temporary) => writeFileSync(path.join(temporary, 'whole'), ''));
  expect(readdirSync(target)).toEqual(['whole']);
});

test('the lock has one holder at a time and is free again afterwards', async () => {
  const file = path.join(folder, 'lock');
  const first = await lockFile(file, { waitMs: 0 });
  expect(first).toBeDefined();
  expect(await lockFile(file, { waitMs: 0 })).toBeUndefined();
  await first?.[Symbol.asyncDispose]();
  const second = await lockFile(file, { waitMs: 0 });
  expect(second).toBeDefined();
  await second?.[Symbol.asyncDispose]();
  expect(readdirSync(folder)).toEqual([]);
});

test('one who waits gets the lock when its holder lets go', async () => {
  const file = path.join(folder, 'lock');
  const first = await lockFile(file, { waitMs: 0 });
  const owners: number[] = [];
  const waiting = lockFile(file, { waitMs: 10_000, onWait: (owner) => owners.push(owner.pid) });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await first?.[Symbol.asyncDispose]();
  expect(await waiting).toBeDefined();
  expect(owners).toEqual([process.pid]);
});

test('the lock of a process that was killed is taken over', async () => {
  const file = path.join(folder, 'lock');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const owner = identify(child.pid ?? 0);
  writeFileSync(file, JSON.stringify(owner));
  expect(await lockFile(file, { waitMs: 0 })).toBeUndefined();
  child.kill('SIGKILL');
  await gone(owner, 5_000);
  expect(await lockFile(file, { waitMs: 0 })).toBeDefined();
});

test('of many who find a dead lock, exactly one gets it', async () => {
  const file = path.join(folder, 'lock');
  writeFileSync(file, JSON.stringify({ pid: 1, startedTicks: 1 }));
  const got = await Promise.all(Array.from({ length: 8 }, () => lockFile(file, { waitMs: 0 })));
  expect(got.filter((lock) => lock !== undefined)).toHaveLength(1);
});

test('what a killed set-up left half made is swept away', () => {
  writeFileSync(path.join(folder, 'kafka.1234.tmp'), '');
  writeFileSync(path.join(folder, 'kafka'), '');
  sweep(folder);
  expect(existsSync(path.join(folder, 'kafka.1234.tmp'))).toBe(false);
  expect(existsSync(path.join(folder, 'kafka'))).toBe(true);
});

test('the setting decides where the cache is', () => {
  expect(cacheFolder('/somewhere/else')).toBe('/somewhere/else');
  expect(path.basename(cacheFolder(undefined))).toBe('ledgerflow');
});
