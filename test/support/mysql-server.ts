// A real mysqld for one test file: the native part, on a free port, in a folder of its own that is gone afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { obtainStack } from '../../infra/native/obtain/stack.ts';
import { mysqlPart } from '../../infra/native/parts/mysql-part.ts';
import { SupervisedPart } from '../../infra/native/supervised-part.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { freePort } from './kafka-broker.ts';

export interface TestMysql extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
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
  const quiet = { onSpawn: () => undefined, onHealthy: () => undefined, onDeath: () => undefined };
  const part = new SupervisedPart(mysqlPart({ home, program: mysql, port, rootPassword: ROOT_PASSWORD }), quiet);
  const dispose = async (): Promise<void> => {
    await part.stop();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await part.start(signal);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { host: '127.0.0.1', port, user: 'root', password: ROOT_PASSWORD, [Symbol.asyncDispose]: dispose };
}
