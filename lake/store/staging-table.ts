// The two in-memory staging tables (one is filled while the other is committed) and their column-wise fill.

import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DuckDBBlobValue,
  DuckDBDataChunk,
  INTEGER,
  UTINYINT,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { CommitRequest, ParkedRecord } from './batch.ts';
import type { HeldBack } from './hold-back.ts';

/** Staging slots: commit n works on one while n + 1 fills the other. */
export type Slot = 0 | 1;

/** A batch in its staging slot, ready to be committed. */
export interface StagedCommit {
  readonly request: CommitRequest;
  readonly slot: Slot;
  /** The commit it is to become. */
  readonly commitId: number;
  /** Per record: it supersedes an earlier version of its key. */
  readonly gone: boolean[];
  /** What is not applied, and why. */
  readonly held: HeldBack;
  /** Records found to be unreadable or unconvertible so far. */
  readonly poison: readonly ParkedRecord[];
}

const CHUNK_ROWS = 2048;
/** The event loop gets a turn after this many chunks, so that fetching and readers go on. */
const CHUNKS_PER_TURN = 4;

const COLUMN_TYPES = [BIGINT, INTEGER, INTEGER, BIGINT, BIGINT, BIGINT, INTEGER, UTINYINT, UTINYINT, BOOLEAN, BLOB, BLOB, VARCHAR];

export function stagingTable(slot: Slot): string {
  return `staging.main.slot${slot}`;
}

export async function createStagingTables(connection: DuckDBConnection): Promise<void> {
  const columns = `commit_id BIGINT, topic_id INTEGER, partition INTEGER, kafka_offset BIGINT, kafka_ts_ms BIGINT, seq BIGINT, ord INTEGER,
    op UTINYINT, disposition UTINYINT, gone BOOLEAN, key BLOB, value BLOB, headers VARCHAR`;
  await connection.run(`ATTACH IF NOT EXISTS ':memory:' AS staging`);
  for (const slot of [0, 1] as const) await connection.run(`CREATE OR REPLACE TABLE ${stagingTable(slot)} (${columns})`);
}

const blob = (bytes: Buffer | null): DuckDBValue => (bytes === null ? null : new DuckDBBlobValue(bytes));

/** Replaces the slot's content by the batch. */
export async function fillStaging(connection: DuckDBConnection, staged: StagedCommit): Promise<void> {
  const { slot } = staged;
  const { count } = staged.request.records;
  await connection.run(`TRUNCATE ${stagingTable(slot)}`);
  const appender = await connection.createAppender(`slot${slot}`, 'main', 'staging');
  const chunk = DuckDBDataChunk.create(COLUMN_TYPES, CHUNK_ROWS);
  for (let from = 0, chunks = 1; from < count; from += CHUNK_ROWS, chunks += 1) {
    const to = Math.min(count, from + CHUNK_ROWS);
    chunk.reset();
    chunk.setColumns(columnsOf(staged, from, to));
    appender.appendDataChunk(chunk);
    if (chunks % CHUNKS_PER_TURN === 0) await new Promise(setImmediate);
  }
  appender.closeSync();
}

function columnsOf({ request, gone, commitId }: StagedCommit, from: number, to: number): DuckDBValue[][] {
  const batch = request.records;
  return [
    new Array<bigint>(to - from).fill(BigInt(commitId)),
    batch.topicId.slice(from, to),
    batch.partition.slice(from, to),
    batch.offset.slice(from, to),
    batch.kafkaTimestampMs.slice(from, to),
    batch.seq.slice(from, to).map(BigInt),
    batch.ord.slice(from, to),
    batch.op.slice(from, to),
    batch.disposition.slice(from, to),
    gone.slice(from, to),
    batch.key.slice(from, to).map(blob),
    batch.value.slice(from, to).map(blob),
    batch.headers.slice(from, to),
  ];
}
