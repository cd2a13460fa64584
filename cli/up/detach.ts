// `up --detach`: starts `up --plain` in a session of its own and waits until it streams or fails.

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileTail, lastLines } from '../../infra/native/log-tail.ts';
import { gone, identify } from '../../infra/native/process-id.ts';
import { isRunning, readRunFile } from '../../infra/native/run-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { printLine, printNote } from '../support/output.ts';
import { readStatus } from '../support/status.ts';
import { connectLines } from './live-lines.ts';

const PROGRAM = fileURLToPath(new URL('../ledgerflow.mjs', import.meta.url));
const POLL_INTERVAL_MS = 500;

/** @throws LedgerflowError LF_ALREADY_RUNNING, or LF_UP_FAILED with the cause; an abort leaves the started process alone */
export async function startDetached(config: Config, signal: AbortSignal): Promise<void> {
  const running = readRunFile(config.home);
  if (isRunning(running)) {
    throw new LedgerflowError('LF_ALREADY_RUNNING', `LedgerFlow already runs here (pid ${running.supervisor.pid})`, { where: config.home });
  }
  const logFile = path.join(config.home, 'logs', 'up.log');
  const child = spawnUp(logFile);
  let said = '';
  for (;;) {
    await sleep(POLL_INTERVAL_MS, signal);
    if (child.pid === 0 || (await gone(child, 0))) throw failure(config.home, child.pid, logFile);
    const status = await readStatus(config);
    if (status.state !== said && status.state !== 'stopped') printNote(`${status.state} …`);
    said = status.state;
    if (status.state !== 'streaming') continue;
    printLine(`LedgerFlow is streaming (pid ${child.pid}, log ${logFile}). Stop it with: ledgerflow down`);
    for (const line of connectLines(status, 'mysql')) printLine(`  ${line}`);
    if (status.bank !== null) printLine(`  ${status.bank.url}/docs (bank API${config.bankAuth === 'off' ? ', no login asked for' : ''})`);
    return;
  }
}

function spawnUp(logFile: string): { pid: number; startedTicks: number } {
  mkdirSync(path.dirname(logFile), { recursive: true });
  const output = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [PROGRAM, 'up', '--plain'], { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  child.unref();
  return identify(child.pid ?? 0);
}

function failure(home: string, pid: number, logFile: string): LedgerflowError {
  const run = readRunFile(home);
  const cause = run?.supervisor.pid === pid && run.failure !== undefined ? run.failure : lastLines(fileTail(logFile), 2);
  return new LedgerflowError('LF_UP_FAILED', cause, { where: logFile });
}
