import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { endProcess, gone, identify, isAlive } from './process-id.ts';

const children: ChildProcess[] = [];

function start(script: string): number {
  const child = spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' });
  children.push(child);
  return child.pid ?? 0;
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

test('this process is alive under its own start time and under no other', () => {
  const id = identify(process.pid);
  expect(isAlive(id)).toBe(true);
  expect(isAlive({ ...id, startedTicks: id.startedTicks + 1 })).toBe(false);
  expect(isAlive({ pid: 0, startedTicks: 0 })).toBe(false);
});

test('a killed process is gone, also while nobody has collected it', async () => {
  const id = identify(start('setInterval(() => {}, 1000)'));
  process.kill(id.pid, 'SIGKILL');
  expect(await gone(id, 5_000)).toBe(true);
});

test('SIGTERM is enough for a process that listens to it', async () => {
  const id = identify(start('setInterval(() => {}, 1000)'));
  expect(await endProcess(id, 5_000)).toBe('SIGTERM');
  expect(isAlive(id)).toBe(false);
});

test('a process that ignores SIGTERM is killed after its deadline', async () => {
  const id = identify(start("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"));
  await new Promise((resolve) => setTimeout(resolve, 300)); // it must have installed its handler
  expect(await endProcess(id, 200)).toBe('SIGKILL');
  expect(isAlive(id)).toBe(false);
});

test('a process with another start time is never signalled', async () => {
  const id = identify(start('setInterval(() => {}, 1000)'));
  expect(await endProcess({ ...id, startedTicks: id.startedTicks - 1 }, 1_000)).toBe('absent');
  expect(isAlive(id)).toBe(true);
});
