// A real schema registry for one test file: Apicurio Registry as a native part, obtained into the cache at first use.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheFolder, lockFile } from '../../infra/native/obtain/cache.ts';
import { obtainJava } from '../../infra/native/obtain/java.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { obtainRegistry } from '../../infra/native/obtain/registry.ts';
import { registryPart, registryUrl } from '../../infra/native/parts/registry-part.ts';
import { SupervisedPart } from '../../infra/native/supervised-part.ts';
import { freePort } from './kafka-broker.ts';

export interface TestRegistry extends AsyncDisposable {
  /** Confluent's API. */
  readonly url: string;
  stop(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
}

const START_DEADLINE_MS = 280_000;
const LOCK_WAIT_MS = 240_000;

export async function startRegistry(): Promise<TestRegistry> {
  const signal = AbortSignal.timeout(START_DEADLINE_MS);
  const cache = cacheFolder(process.env['LEDGERFLOW_CACHE']);
  mkdirSync(cache, { recursive: true });
  const context = { cache, lock: readPartsLock(), onProgress: () => undefined, signal };
  const { java, jar } = await withLock(cache, async () => {
    const found = await obtainJava(context);
    return { java: found, jar: await obtainRegistry(context, found) };
  });
  const home = mkdtempSync(path.join(tmpdir(), 'lf-registry-'));
  const port = await freePort();
  const quiet = { onSpawn: () => undefined, onHealthy: () => undefined, onDeath: () => undefined };
  const make = (): SupervisedPart => new SupervisedPart(registryPart({ home, java, jar, port }), quiet);
  let part = make();
  await part.start(signal);
  return {
    url: registryUrl(port),
    stop: async () => {
      await part.stop();
    },
    start: async () => {
      part = make();
      await part.start(AbortSignal.timeout(START_DEADLINE_MS));
    },
    [Symbol.asyncDispose]: async () => {
      await part.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function withLock<T>(cache: string, work: () => Promise<T>): Promise<T> {
  await using lock = await lockFile(path.join(cache, 'lock'), { waitMs: LOCK_WAIT_MS });
  if (lock === undefined) throw new Error('another set-up holds the cache');
  return await work();
}
