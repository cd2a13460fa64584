// The supervisor with small real programs as parts: order, health, restart, stop, what a killed run leaves behind.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Part, Step } from './parts/part.ts';
import { identify, isAlive } from './process-id.ts';
import { readRunFile, writeRunFile } from './run-file.ts';
import { claimHome, Supervisor, type SupervisorEvent } from './supervisor.ts';

let home: string;
let events: SupervisorEvent[];
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ledgerflow-supervisor-'));
  events = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const SLEEPER = 'setInterval(() => {}, 1000)';

function part(name: string, script = SLEEPER, change: Partial<Part> = {}): Part {
  return {
    kind: 'part',
    name,
    port: null,
    logFile: path.join(home, 'logs', `${name}.log`),
    ownLog: false,
    startDeadlineMs: 5_000,
    stopDeadlineMs: 2_000,
    prepare: () => Promise.resolve(),
    launch: () => ({ command: process.execPath, args: ['-e', script] }),
    healthy: () => Promise.resolve(true),
    ...change,
  };
}

function supervise(steps: readonly Step[]): { run: Promise<void>; stop: () => void; started: Promise<void> } {
  const controller = new AbortController();
  let tell = (): void => undefined;
  const started = new Promise<void>((resolve) => (tell = resolve));
  const onEvent = (event: SupervisorEvent): void => {
    events.push(event);
    if (event.kind === 'started') tell();
  };
  const run = new Supervisor({ home, onEvent }, steps, {}).run(controller.signal);
  return { run, stop: () => controller.abort(), started };
}

function names(kind: SupervisorEvent['kind']): string[] {
  return events.flatMap((event) => (event.kind === kind && 'name' in event ? [event.name] : []));
}

test('parts start in order with tasks between them, and stop in reverse order', async () => {
  const { run, stop, started } = supervise([part('a'), { kind: 'task', name: 'between', run: () => Promise.resolve() }, part('b')]);
  await started;
  const parts = readRunFile(home)?.parts ?? {};
  expect(Object.keys(parts)).toEqual(['a', 'b']);
  expect(Object.values(parts).every(isAlive)).toBe(true);
  stop();
  await run;
  expect(names('starting')).toEqual(['a', 'between', 'b']);
  expect(names('stopped')).toEqual(['b', 'a']);
  expect(Object.values(parts).some(isAlive)).toBe(false);
  expect(readRunFile(home)).toMatchObject({ state: 'stopped', parts: {} });
});

test('a part that dies is started again and its restarts are counted', async () => {
  const { run, stop, started } = supervise([part('a')]);
  await started;
  const before = readRunFile(home)?.parts['a'];
  process.kill(before?.pid ?? 0, 'SIGKILL');
  await expect.poll(() => readRunFile(home)?.parts['a']?.restarts, { timeout: 5_000 }).toBe(1);
  const after = readRunFile(home)?.parts['a'];
  expect(after?.pid).not.toBe(before?.pid);
  expect(events.find((event) => event.kind === 'died')).toMatchObject({ name: 'a', reason: expect.stringContaining('ended by SIGKILL') });
  stop();
  await run;
});

test('a part that ends at once fails the start with its own words, and what ran before it is stopped', async () => {
  const { run } = supervise([
    part('a'),
    part('b', "console.error('the port is mine'); process.exit(4)", { healthy: () => Promise.resolve(false) }),
  ]);
  await expect(run).rejects.toThrow(/b ended before it was healthy \(exit code 4\): the port is mine/);
  expect(names('stopped')).toEqual(['b', 'a']);
  expect(readRunFile(home)).toMatchObject({ state: 'stopped', failure: expect.stringContaining('LF_PART_START') });
});

test('a program that does not exist fails the start', async () => {
  const { run } = supervise([part('a', '', { launch: () => ({ command: '/no/such/program', args: [] }) })]);
  await expect(run).rejects.toThrow(/ENOENT/);
});

test('stopping while a part is not healthy yet is no failure', async () => {
  const { run, stop } = supervise([part('a', SLEEPER, { healthy: () => Promise.resolve(false) })]);
  await expect.poll(() => readRunFile(home)?.parts['a']?.pid, { timeout: 5_000 }).toBeDefined();
  stop();
  await run;
  expect(names('stopped')).toEqual(['a']);
});

test('a home has one supervisor: the second is told who and where', async () => {
  await using _first = await claimHome({ home, onEvent: () => undefined });
  writeRunFile(home, { version: 1, state: 'streaming', startedAt: '', supervisor: identify(process.pid), parts: {}, endpoints: {} });
  await expect(claimHome({ home, onEvent: () => undefined })).rejects.toThrow(
    expect.objectContaining({ code: 'LF_ALREADY_RUNNING', message: expect.stringContaining(`pid ${process.pid}`), where: home }),
  );
});

test('what a killed supervisor left behind is ended, and nothing else', async () => {
  const start = (): number => spawn(process.execPath, ['-e', SLEEPER], { detached: true, stdio: 'ignore' }).pid ?? 0;
  const left = identify(start());
  const foreign = identify(start());
  const record = { port: null, logFile: '', restarts: 0 };
  const parts = { left: { ...left, ...record }, reused: { ...foreign, startedTicks: foreign.startedTicks - 1, ...record } };
  writeRunFile(home, {
    version: 1,
    state: 'streaming',
    startedAt: '',
    supervisor: { pid: left.pid, startedTicks: 1 },
    parts,
    endpoints: {},
  });
  await using _claim = await claimHome({ home, onEvent: (event) => events.push(event) });
  expect(events).toEqual([{ kind: 'stale', name: 'left', pid: left.pid, by: 'SIGTERM' }]);
  expect(isAlive(left)).toBe(false);
  expect(isAlive(foreign)).toBe(true);
  process.kill(foreign.pid, 'SIGKILL');
});
