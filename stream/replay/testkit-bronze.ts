// Tests only: a small bronze of a seeded history, as Parquet files, and its replay.

import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { pino } from 'pino';
import { literal } from '../../infra/runtime/sql-text.ts';
import { openStore, type StoreHandle } from '../../lake/store/open.ts';
import { beginValue, changeValue, endValue, TEST_UUID } from '../../test/support/envelopes.ts';
import { ReplayRun } from './replay-run.ts';

export const TRANSACTIONS = 120;
const ACCOUNTS = 11;
const TRANSACTIONS_PER_COMMIT = 7;
/** A number that leaves no record: what GRANT or DDL elsewhere does. */
const HOLE = 50;

/** A row of an incremental snapshot: read between two transactions, written to Kafka when later ones had been committed. */
const LATE = { seq: 69, with: 70, account: 3 };

const TABLE_TOPIC = 'bank_server.bank.accounts';

function created(): Buffer {
  const column = (name: string, typeName: string, position: number, [length, scale]: [number | null, number | null]): object => ({
    ...{ name, typeName, position, length, scale, optional: position > 1 },
    ...{ charsetName: null, enumValues: null, defaultValueExpression: null, generated: false, autoIncremented: false },
  });
  const columns = [column('account_id', 'BIGINT', 1, [null, null]), column('balance', 'DECIMAL', 2, [20, 4])];
  const tableChanges = [{ type: 'CREATE', id: '"bank"."accounts"', table: { primaryKeyColumnNames: ['account_id'], columns } }];
  const source = { snapshot: 'false', gtid: `${TEST_UUID}:1`, file: 'binlog.000001', pos: 100, ts_us: 1_795_243_773_000_000 };
  return Buffer.from(JSON.stringify({ source, databaseName: 'bank', ddl: 'CREATE TABLE accounts (account_id BIGINT)', tableChanges }));
}

interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly key: string | null;
  readonly value: Buffer;
  readonly seq: number;
  readonly op: string | null;
  /** Transaction with whose commit it came; its own by default. */
  readonly with?: number;
}

/** One account's balance moves in every transaction, another one's every third; the last of each account wins. */
function history(): Message[] {
  const control = { key: null, op: null, partition: 0 };
  const messages: Message[] = [{ ...control, topic: 'bank_server', value: created(), seq: 1 }];
  const seen = new Set<number>();
  for (let seq = 2; seq < TRANSACTIONS; seq += 1) {
    if (seq === HOLE) continue;
    const touched = [...new Set(seq % 3 === 0 ? [seq % ACCOUNTS, (seq * 7) % ACCOUNTS] : [seq % ACCOUNTS])];
    messages.push({ ...control, topic: 'bank_server.transaction', value: beginValue(seq), seq });
    for (const [index, id] of touched.entries()) {
      const op = seen.has(id) ? ('u' as const) : ('c' as const);
      seen.add(id);
      const after = { account_id: id, balance: `${seq}.${index}000` };
      const value = changeValue({ table: 'accounts', op, before: op === 'c' ? null : after, after, seq, ord: index + 1 });
      messages.push({ topic: TABLE_TOPIC, partition: id % 2, key: JSON.stringify({ account_id: id }), value, seq, op });
    }
    messages.push({ ...control, topic: 'bank_server.transaction', value: endValue(seq, { accounts: touched.length }), seq });
    if (seq === LATE.with) messages.push(late());
  }
  return messages;
}

function late(): Message {
  const after = { account_id: LATE.account, balance: '69.5000' };
  const text = changeValue({ table: 'accounts', op: 'r', before: null, after, seq: LATE.seq, snapshot: 'incremental' }).toString();
  const value = Buffer.from(text.replace(/"transaction":\{[^}]*\}/, '"transaction":null'));
  const key = JSON.stringify({ account_id: LATE.account });
  return { topic: TABLE_TOPIC, partition: LATE.account % 2, key, value, seq: LATE.seq, op: 'r', with: LATE.with };
}

export interface Bronze {
  readonly changes: string;
  readonly commits: string;
  readonly lastCommit: number;
  readonly messages: number;
}

export async function writeTestBronze(folder: string): Promise<Bronze> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const offsets = new Map<string, number>();
  const rows = history().map(({ topic, partition, key, value, seq, op, with: came = seq }) => {
    const lane = `${topic}/${partition}`;
    const offset = offsets.get(lane) ?? 0;
    offsets.set(lane, offset + 1);
    const commit = Math.floor(came / TRANSACTIONS_PER_COMMIT) + 1;
    const bytes = (text: string): string => `from_hex('${Buffer.from(text).toString('hex')}')`;
    return `(${commit}, ${literal(topic)}, ${partition}, ${offset}, TIMESTAMP '2026-11-21', ${seq}, ${op === null ? 'NULL' : literal(op)}, ${key === null ? 'NULL' : bytes(key)}, from_hex('${value.toString('hex')}'), NULL)`;
  });
  await connection.run(`CREATE TABLE changes (commit_id BIGINT, topic VARCHAR, partition INTEGER, kafka_offset BIGINT, kafka_ts TIMESTAMP, seq BIGINT, op VARCHAR, key BLOB, value BLOB, headers VARCHAR);
    INSERT INTO changes VALUES ${rows.join(', ')};
    COPY changes TO ${literal(path.join(folder, 'changes.parquet'))};
    COPY (SELECT commit_id, max(seq) AS seq, count(*) AS bronze_rows FROM changes GROUP BY commit_id) TO ${literal(path.join(folder, 'commits.parquet'))}`);
  connection.closeSync();
  instance.closeSync();
  const relation = (name: string): string => `read_parquet(${literal(path.join(folder, `${name}.parquet`))})`;
  const lastCommit = Math.floor((TRANSACTIONS - 1) / TRANSACTIONS_PER_COMMIT) + 1;
  return { changes: relation('changes'), commits: relation('commits'), lastCommit, messages: rows.length };
}

/** Replays into `<folder>/<name>`; what silver and bronze hold then */
export async function replayInto(folder: string, name: string, bronze: Bronze, signal = new AbortController().signal): Promise<unknown> {
  const home = path.join(folder, name);
  const paths = { storeFolder: path.join(home, 'store'), lakeDataFolder: path.join(home, 'data') };
  await using store = await openStore({ ...paths, memoryMb: 256, threads: 1 });
  return await replayInStore(store, bronze, signal);
}

/** Replays into an open store; what silver and bronze hold then */
export async function replayInStore(store: StoreHandle, bronze: Bronze, signal = new AbortController().signal): Promise<unknown> {
  const run = await ReplayRun.open({
    ...{ store, feed: bronze, database: 'bank', topicPrefix: 'bank_server', excludeTables: [], rereads: [] },
    ...{
      limits: { batchRowsMax: 60, windowRowsMax: 20, stuckAfterMs: 1_000 },
      onProgress: () => undefined,
      log: pino({ level: 'silent' }),
    },
  });
  await run.run(signal);
  const read = async (sql: string): Promise<unknown> => (await store.folder.runAndReadAll(sql)).getRowsJson();
  return {
    silver: await read('SELECT * FROM silver.accounts ORDER BY ALL'),
    history: await read('SELECT account_id, balance, _op, _pos FROM silver.accounts_history ORDER BY ALL'),
    messages: await read('SELECT sum(bronze_rows)::INT, sum(duplicates)::INT, sum(parked)::INT, max(seq)::INT FROM ops.commits'),
  };
}
