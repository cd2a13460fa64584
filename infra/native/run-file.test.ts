import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify } from './process-id.ts';
import { isRunning, readRunFile, requireRunning, runFilePath, writeRunFile, type RunFile } from './run-file.ts';
import { loadSecrets } from './secrets.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ledgerflow-run-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function run(change: Partial<RunFile> = {}): RunFile {
  return {
    version: 1,
    state: 'streaming',
    startedAt: '2026-11-21T09:00:00.000Z',
    supervisor: identify(process.pid),
    parts: {},
    endpoints: {},
    ...change,
  };
}

test('what is written is read again, by its owner only, and nothing else is left', () => {
  writeRunFile(home, run());
  expect(readRunFile(home)).toEqual(run());
  expect(statSync(runFilePath(home)).mode & 0o777).toBe(0o600);
  expect(readdirSync(home)).toEqual(['run.json']);
});

test('a run counts as running only while its very supervisor lives', () => {
  expect(isRunning(undefined)).toBe(false);
  expect(isRunning(run())).toBe(true);
  expect(isRunning(run({ state: 'stopped' }))).toBe(false);
  const { pid, startedTicks } = identify(process.pid);
  expect(isRunning(run({ supervisor: { pid, startedTicks: startedTicks + 1 } }))).toBe(false);
});

test('asking for a running LedgerFlow where there is none says how to start it', () => {
  expect(() => requireRunning(home)).toThrow(
    expect.objectContaining({ code: 'LF_NOT_RUNNING', remedy: expect.stringContaining('npm start') }),
  );
});

test('a damaged record names its file', () => {
  writeFileSync(runFilePath(home), '{"version": 1, "st');
  expect(() => readRunFile(home)).toThrow(expect.objectContaining({ code: 'LF_RUN_FILE', where: runFilePath(home) }));
});

test('passwords are made once, differ from each other, and are readable by their owner only', () => {
  const secrets = loadSecrets(home);
  expect(loadSecrets(home)).toEqual(secrets);
  expect(new Set(Object.values(secrets)).size).toBe(5);
  expect(statSync(path.join(home, 'secrets.json')).mode & 0o777).toBe(0o600);
});

test('passwords that were given stay, those that are missing are added', () => {
  writeFileSync(path.join(home, 'secrets.json'), JSON.stringify({ mysqlRoot: 'kept' }));
  const secrets = loadSecrets(home);
  expect(secrets.mysqlRoot).toBe('kept');
  expect(secrets.wire).toMatch(/^[0-9a-f]{32}$/);
});
