// A store in a temporary folder and batches made by hand, for tests of the store and of what reads it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { ColumnSchema, TableSchema } from '../../cdc/schema/table-schema.ts';
import { changeValue, type ChangeSpec } from '../../test/support/envelopes.ts';
import { APPLIED, CONTROL, type CommitRequest, type ControlAction } from './batch.ts';
import type { RecordBatch } from './record-batch.ts';
import { batchOfRecords } from './testkit-batch.ts';
import { Committer } from './commit.ts';
import { Housekeeping } from './housekeeping.ts';
import { openStore, type StoreHandle } from './open.ts';
import { ParkedBook } from './parked-book.ts';
import type { Slot, StagedCommit } from './staging-table.ts';
import { readPending, readSchemas } from './state.ts';

/** A change with its message key; null writes a message without one. */
export type KeyedChange = ChangeSpec & { readonly key: object | null; readonly headers?: Readonly<Record<string, string>> };

export interface TestStore extends AsyncDisposable {
  readonly store: StoreHandle;
  readonly committer: Committer;
  readonly housekeeping: Housekeeping;
  /** Commits changes of table `accounts` (topic 0), one Kafka message each. @param reach transaction that the commit contains, with or without changes */
  commit(changes: readonly KeyedChange[], controls?: readonly ControlAction[], reach?: number): ReturnType<Committer['commit']>;
  /** Stages changes without committing them. */
  stage(changes: readonly KeyedChange[], slot: Slot, controls?: readonly ControlAction[], reach?: number): Promise<StagedCommit>;
  readonly parked: ParkedBook;
  /** Table that topic 0 belongs to. */
  table: string;
  rows(sql: string): Promise<unknown[][]>;
  readonly folder: string;
}

function column(name: string, typeName: string, position: number, extra: Partial<ColumnSchema> = {}): ColumnSchema {
  return {
    name,
    typeName,
    length: null,
    scale: null,
    nullable: true,
    position,
    charset: null,
    enumValues: null,
    defaultValue: null,
    generated: false,
    ...extra,
  };
}

export const ACCOUNTS: TableSchema = {
  database: 'bank',
  table: 'accounts',
  columns: [
    column('account_id', 'BIGINT', 1, { nullable: false }),
    column('owner', 'VARCHAR', 2, { length: 80 }),
    column('balance', 'DECIMAL', 3, { length: 20, scale: 4 }),
  ],
  keyColumns: ['account_id'],
};

export const CREATE_ACCOUNTS: Extract<ControlAction, { kind: 'schema' }> = {
  kind: 'schema',
  table: 'accounts',
  seq: -1,
  ddl: 'CREATE TABLE accounts',
  schema: ACCOUNTS,
};

/** Opens a store in `folder`, or in a new temporary one that is removed at the end. */
export async function openTestStore(existing?: string): Promise<TestStore> {
  const folder = existing ?? (await mkdtemp(path.join(tmpdir(), 'lf-store-')));
  const log = pino({ level: 'silent' });
  const store = await openStore({
    storeFolder: path.join(folder, 'store'),
    lakeDataFolder: path.join(folder, 'lake', 'data'),
    memoryMb: 512,
    threads: 1,
  });
  await store.writer.run(
    `INSERT INTO ops.topics SELECT 0, 'bank_server.bank.accounts', 'accounts' WHERE NOT EXISTS (SELECT 1 FROM ops.topics)`,
  );
  const limits = { foldRowsMax: 1_000_000, segmentRowsMax: 1_000_000, walBytesMax: 1 << 30, walCommitsMax: 1_000_000 };
  const housekeeping = new Housekeeping(store, limits, log, await readPending(store.writer));
  const parked = new ParkedBook();
  await parked.reload(store.writer);
  const committer = new Committer(store, housekeeping, {
    schemas: await readSchemas(store.writer),
    parked,
    topicName: () => 'bank_server.bank.accounts',
    log,
  });
  const [before] = (await store.writer.runAndReadAll('SELECT next_offset FROM ops.offsets WHERE topic_id = 0')).getRows();
  let offset = (before?.[0] ?? 0n) as bigint;
  let seq = store.state.seq;
  const kit: TestStore = {
    store,
    committer,
    housekeeping,
    folder,
    parked,
    table: 'accounts',
    async commit(changes, controls = [], reach = -1) {
      return committer.commit(await kit.stage(changes, 0, controls, reach));
    },
    async stage(changes, slot, controls = [], reach = -1) {
      const records = batchOf(changes, offset);
      offset += BigInt(changes.length);
      seq = Math.max(seq, reach, ...changes.map((change) => change.seq ?? -1));
      const progress = [{ topicId: 0, partition: 0, nextOffset: offset, markSeq: seq, markOrd: 0 }];
      const request: CommitRequest = {
        records,
        tableOf: () => kit.table,
        controls,
        unreadable: [],
        progress,
        seq,
        gtid: null,
        serverUuid: null,
        phase: 'streaming',
      };
      return committer.stage(request, slot);
    },
    rows: async (sql) => (await store.folder.runAndReadAll(sql)).getRowsJson(),
    async [Symbol.asyncDispose]() {
      await housekeeping.settled();
      await store[Symbol.asyncDispose]();
      if (existing === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
  return kit;
}

function batchOf(changes: readonly KeyedChange[], firstOffset: bigint): RecordBatch {
  const records = changes.map((change) => ({
    key: change.key === null ? null : Buffer.from(JSON.stringify(change.key)),
    value: changeValue(change),
    headers: change.headers === undefined ? null : JSON.stringify(change.headers),
    seq: change.seq ?? -1,
    ord: change.ord ?? 1,
    op: change.op,
    disposition: change.op === 't' ? CONTROL : APPLIED,
  }));
  return batchOfRecords('bank_server.bank.accounts', records, Number(firstOffset));
}
