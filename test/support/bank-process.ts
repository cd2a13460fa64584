// The bank API as a process of its own, started as `ledgerflow up` starts it, on a free port; it can be killed and started again there.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostEnvironment } from '../../infra/runtime/config.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { freePort } from './kafka-broker.ts';

export interface BankProcess extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  pid(): number;
  /** SIGKILL, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts again on the same port; resolves when it answers. */
  start(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('../../cli/ledgerflow.mjs', import.meta.url));
const START_MS_MAX = 120_000;

/** @param settings environment of the process: at least LEDGERFLOW_MYSQL_URL */
export async function serveBank(settings: Readonly<Record<string, string>>): Promise<BankProcess> {
  const home = mkdtempSync(path.join(tmpdir(), 'lf-bank-process-'));
  const [host, port] = ['127.0.0.1', await freePort()];
  const env = { ...hostEnvironment(), LEDGERFLOW_HOME: home, LEDGERFLOW_BANK_HOST: host, LEDGERFLOW_BANK_PORT: String(port), ...settings };
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();
  const start = async (): Promise<void> => {
    const made = spawn(process.execPath, ['--max-semi-space-size=64', PROGRAM, 'bank', 'serve'], { env, stdio: 'ignore' });
    child = made;
    ended = new Promise<void>((resolve) => made.once('close', () => resolve()));
    const until = Date.now() + START_MS_MAX;
    while (!(await answers(`http://${host}:${port}/live`))) {
      if (Date.now() > until || made.exitCode !== null) throw new Error(`the bank API did not start (exit code ${made.exitCode})`);
      await sleep(50);
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child?.kill(signal);
    await ended;
  };
  const dispose = async (): Promise<void> => {
    await end('SIGTERM');
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  const url = `http://${host}:${port}`;
  return { host, port, url, pid: () => child!.pid!, kill: () => end('SIGKILL'), start, [Symbol.asyncDispose]: dispose };
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
