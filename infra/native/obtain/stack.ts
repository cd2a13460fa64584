// All native parts at once: what is there, and getting what is missing.

import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isAborted, LedgerflowError, messageOf } from '../../runtime/errors.ts';
import type { Config } from '../../runtime/settings.ts';
import { cacheFolder, lockFile, sweep } from './cache.ts';
import type { ObtainContext, Progress } from './context.ts';
import { findDucklake, obtainDucklake } from './ducklake.ts';
import { findJava, obtainJava } from './java.ts';
import { cachedKafka, obtainKafka, type KafkaProgram } from './kafka.ts';
import { readPartsLock } from './lock-file.ts';
import { cachedMysql, obtainMysql, type MysqlProgram } from './mysql.ts';

/** What can be started. A part is undefined when the settings name a server to be used instead. */
export interface NativeStack {
  readonly mysql: MysqlProgram | undefined;
  readonly java: string | undefined;
  readonly kafka: KafkaProgram | undefined;
  /** File of the DuckLake extension; undefined when it could not be obtained (publication then waits). */
  readonly ducklake: string | undefined;
}

export interface ObtainOptions {
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

const LOCK_WAIT_MS = 30 * 60_000;

interface Wanted {
  readonly mysql: boolean;
  readonly kafka: boolean;
}

function wanted(config: Config): Wanted {
  return { mysql: config.mysqlUrl === undefined, kafka: config.kafkaBrokers === undefined || config.connectUrl === undefined };
}

/** The parts when all that is wanted is there already, without network and in milliseconds; otherwise undefined. */
export async function findStack(config: Config): Promise<NativeStack | undefined> {
  const cache = cacheFolder(config.cache);
  const lock = readPartsLock();
  const need = wanted(config);
  const mysql = need.mysql ? cachedMysql(cache) : undefined;
  const kafka = need.kafka ? cachedKafka(cache, lock) : undefined;
  const java = need.kafka ? await findJava(cache, lock.java.minimum) : undefined;
  const ducklake = findDucklake(cache, lock, config.ducklakeExtensionPath);
  const complete =
    (!need.mysql || mysql !== undefined) && (!need.kafka || (kafka !== undefined && java !== undefined)) && ducklake !== undefined;
  return complete ? { mysql, kafka, java, ducklake } : undefined;
}

/** Gets what is missing into the cache. Several callers at once wait for each other. */
export async function obtainStack(config: Config, options: ObtainOptions): Promise<NativeStack> {
  const found = await findStack(config);
  if (found !== undefined) return found;
  const cache = cacheFolder(config.cache);
  mkdirSync(cache, { recursive: true });
  const onWait = (): void => options.onProgress({ part: 'Cache', text: `another set-up is filling ${cache}, waiting for it` });
  await using lock = await lockFile(path.join(cache, 'lock'), { waitMs: LOCK_WAIT_MS, onWait });
  if (lock === undefined)
    throw new LedgerflowError('LF_PART_DOWNLOAD', 'another set-up has held the cache for half an hour', { where: cache });
  sweep(cache);
  const context: ObtainContext = { cache, lock: readPartsLock(), ...options };
  const need = wanted(config);
  const mysql = need.mysql ? await obtainMysql(context) : undefined;
  const java = need.kafka ? await obtainJava(context) : undefined;
  const kafka = java === undefined ? undefined : await obtainKafka(context, java);
  const ducklake = await optionalDucklake(context, config.ducklakeExtensionPath);
  rmSync(path.join(cache, 'maven-repository'), { recursive: true, force: true });
  return { mysql, java, kafka, ducklake };
}

/** Ingestion needs no extension, so a failure here is told and not fatal; a wrong checksum or setting is. */
async function optionalDucklake(context: ObtainContext, setting: string | undefined): Promise<string | undefined> {
  try {
    return await obtainDucklake(context, setting);
  } catch (error) {
    if (isAborted(error)) throw error;
    if (error instanceof LedgerflowError && ['LF_PART_CHECKSUM', 'LF_CONFIG_INVALID'].includes(error.code)) throw error;
    context.onProgress({ part: 'DuckLake', text: `not available, the lake will not be published: ${messageOf(error)}` });
    return undefined;
  }
}
