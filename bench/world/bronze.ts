// The benchmark's changes as bronze: Parquet files as the lake has them, with the commits they came by.

import path from 'node:path';
import { DuckDBInstance, blobValue } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';
import { ChangeWorld } from './changes.ts';
import { TOPIC_PREFIX, topicOf } from './produce.ts';
import type { WorldSizes } from './sizes.ts';
import { BENCH_TABLES, schemaEvent } from './tables.ts';

const TRANSACTIONS_PER_COMMIT = 2_000;
const EVENTS_PER_TRANSACTION = 4;

export interface BronzeWorld {
  readonly changes: string;
  readonly commits: string;
  readonly lastCommit: number;
  readonly lastSeq: number;
  readonly messages: number;
}

/** @param folder gets changes.parquet and commits.parquet; the relations are read_parquet of them */
export async function writeBronze(folder: string, sizes: WorldSizes, events: number): Promise<BronzeWorld> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE changes (commit_id BIGINT, topic VARCHAR, partition INTEGER, kafka_offset BIGINT, kafka_ts TIMESTAMP, seq BIGINT, op VARCHAR, key BLOB, value BLOB, headers VARCHAR);
    CREATE TABLE commits (commit_id BIGINT, seq BIGINT, bronze_rows BIGINT)`);
  const appender = await connection.createAppender('changes');
  const offsets = new Map<string, bigint>();
  let [commit, messages] = [1, 0];
  const blob = (bytes: Uint8Array | string | null): void => {
    if (bytes === null) appender.appendNull();
    else appender.appendBlob(blobValue(bytes).bytes);
  };
  const append = (topic: string, key: Uint8Array | string | null, value: Uint8Array | string | null): void => {
    const offset = offsets.get(topic) ?? 0n;
    offsets.set(topic, offset + 1n);
    appender.appendBigInt(BigInt(commit));
    appender.appendVarchar(topic);
    appender.appendInteger(0);
    appender.appendBigInt(offset);
    appender.appendNull();
    appender.appendBigInt(0n);
    appender.appendVarchar('c');
    blob(key);
    blob(value);
    appender.appendNull();
    appender.endRow();
    messages += 1;
  };
  for (const table of BENCH_TABLES) append(TOPIC_PREFIX, '{"databaseName":"bank"}', schemaEvent(table));
  const world = new ChangeWorld(sizes, (topic, message) => append(topicOf(topic), message.key, message.value));
  let counted = 0;
  const close = async (): Promise<void> => {
    await connection.run(`INSERT INTO commits VALUES (${commit}, ${world.lastSeq}, ${messages - counted})`);
    counted = messages;
    commit += 1;
  };
  for (let done = 0; done < events;) {
    for (let i = 0; i < TRANSACTIONS_PER_COMMIT && done < events; i += 1, done += EVENTS_PER_TRANSACTION) world.step();
    await close();
  }
  appender.closeSync();
  const file = (name: string): string => path.join(folder, `${name}.parquet`);
  const kafkaTs = `SELECT * REPLACE (TIMESTAMP '2026-11-20' AS kafka_ts) FROM changes ORDER BY commit_id, topic, partition, kafka_offset`;
  await connection.run(`COPY (${kafkaTs}) TO ${literal(file('changes'))} (COMPRESSION zstd); COPY commits TO ${literal(file('commits'))}`);
  connection.closeSync();
  instance.closeSync();
  const relation = (name: string): string => `read_parquet(${literal(file(name))})`;
  return { changes: relation('changes'), commits: relation('commits'), lastCommit: commit - 1, lastSeq: world.lastSeq, messages };
}
