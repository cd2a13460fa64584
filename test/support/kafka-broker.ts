// A real broker for one test file: the native part, on free ports, in a folder of its own that is gone afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { obtainStack } from '../../infra/native/obtain/stack.ts';
import { kafkaPart } from '../../infra/native/parts/kafka-part.ts';
import { SupervisedPart } from '../../infra/native/supervised-part.ts';
import { loadConfig } from '../../infra/runtime/config.ts';

export interface TestBroker extends AsyncDisposable {
  readonly brokers: string;
  /** The home folder its data is in (`<home>/kafka`). */
  readonly home: string;
}

const START_DEADLINE_MS = 240_000;

/** Starts a broker; needs the parts in the cache (`npm run pretest` gets them). */
export async function startBroker(): Promise<TestBroker> {
  const signal = AbortSignal.timeout(START_DEADLINE_MS);
  // An address for MySQL says that none is needed here.
  const config = loadConfig({ LEDGERFLOW_MYSQL_URL: 'mysql://unused@127.0.0.1', LEDGERFLOW_CACHE: process.env['LEDGERFLOW_CACHE'] });
  const { java, kafka } = await obtainStack(config, { onProgress: () => undefined, signal });
  if (java === undefined || kafka === undefined) throw new Error('Kafka is not in the cache');
  const home = mkdtempSync(path.join(tmpdir(), 'lf-kafka-'));
  const [port, controllerPort] = [await freePort(), await freePort()];
  const quiet = { onSpawn: () => undefined, onHealthy: () => undefined, onDeath: () => undefined };
  const part = new SupervisedPart(kafkaPart({ home, java, jars: kafka.jars, port, controllerPort }), quiet);
  await part.start(signal);
  return {
    brokers: `127.0.0.1:${port}`,
    home,
    [Symbol.asyncDispose]: async () => {
      await part.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A port nothing listens on, from the range the system gives to anybody who asks. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
