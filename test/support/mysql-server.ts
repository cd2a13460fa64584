// A real mysqld for one test file: the native part, on a free port, in a folder of its own that is gone afterwards.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { obtainStack } from '../../infra/native/obtain/stack.ts';
import { mysqlPart } from '../../infra/native/parts/mysql-part.ts';
import { isAlive, type ProcessId } from '../../infra/native/process-id.ts';
import { SupervisedPart } from '../../infra/native/supervised-part.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { freePort } from './kafka-broker.ts';

/** Also options of a connection: nothing that mysql2 does not know is in it. */
export interface TestMysql extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

const restarts = new WeakMap<TestMysql, () => Promise<void>>();

/** Kills mysqld as a power cut would and starts it again. */
export async function restartMysql(server: TestMysql): Promise<void> {
  await restarts.get(server)?.();
}

const START_DEADLINE_MS = 240_000;
const ROOT_PASSWORD = 'test-root';

/** Starts mysqld with the product's own settings; needs the parts in the cache (`npm run pretest` gets them). */
export async function startMysql(): Promise<TestMysql> {
  const signal = AbortSignal.timeout(START_DEADLINE_MS);
  // Addresses for Kafka and Connect say that neither is needed here.
  const config = loadConfig({
    LEDGERFLOW_KAFKA_BROKERS: '127.0.0.1:1',
    LEDGERFLOW_CONNECT_URL: 'http://127.0.0.1:1',
    LEDGERFLOW_CACHE: process.env['LEDGERFLOW_CACHE'],
  });
  const { mysql } = await obtainStack(config, { onProgress: () => undefined, signal });
  if (mysql === undefined) throw new Error('MySQL is not in the cache');
  const home = mkdtempSync(path.join(tmpdir(), 'lf-mysql-'));
  const port = await freePort();
  const guards: ChildProcess[] = [];
  let running: ProcessId | undefined;
  const quiet = {
    onSpawn: (_part: unknown, id: ProcessId) => {
      running = id;
      guards.push(guard(id));
    },
    onHealthy: () => undefined,
    onDeath: () => undefined,
  };
  const part = new SupervisedPart(mysqlPart({ home, program: mysql, port, rootPassword: ROOT_PASSWORD }), quiet);
  const dispose = async (): Promise<void> => {
    await part.stop();
    for (const each of guards) each.stdin?.end();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await part.start(signal);
  } catch (error) {
    await dispose();
    throw error;
  }
  const restart = async (): Promise<void> => {
    const before = running!;
    process.kill(before.pid, 'SIGKILL');
    while (isAlive(before)) await sleep(10);
    await part.start(AbortSignal.timeout(START_DEADLINE_MS));
  };
  const server: TestMysql = { host: '127.0.0.1', port, user: 'root', password: ROOT_PASSWORD, [Symbol.asyncDispose]: dispose };
  restarts.set(server, restart);
  return server;
}

/** mysqld is in a session of its own, so that a Ctrl-C does not reach it: the guard ends it when this process is killed. */
function guard({ pid, startedTicks }: ProcessId): ChildProcess {
  const script = fileURLToPath(new URL('guard.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(pid), String(startedTicks)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  return child;
}
