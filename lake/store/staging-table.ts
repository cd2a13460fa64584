// The two in-memory staging tables: one is filled while the other is committed.

import type { DuckDBConnection } from '@duckdb/node-api';
import { isDiskFull, isInvalidated } from '../../infra/runtime/disk-full.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { createBook } from './bookkeeping.ts';
import type { CommitRequest, ParkedRecord } from './batch.ts';
import type { HeldBack } from './hold-back.ts';
import { StagingChunk, type ChunkRows } from './staging-chunk.ts';

/** Staging slots: commit n works on one while n + 1 fills the other. */
export type Slot = 0 | 1;

/** A batch in its staging slot, ready to be committed. */
export interface StagedCommit {
  readonly request: CommitRequest;
  readonly slot: Slot;
  /** The commit it is to become. */
  readonly commitId: number;
  /** Per record 1 when it supersedes an earlier version of its key. */
  readonly gone: Uint8Array;
  /** What is not applied, and why. */
  readonly held: HeldBack;
  /** Records found to be unreadable or unconvertible so far. */
  readonly poison: readonly ParkedRecord[];
}

/** The event loop gets a turn after this many chunks, so that readers go on. */
const CHUNKS_PER_TURN = 4;
/** A chunk ends here, or behind one message that is larger. */
const CHUNK_BYTES_MAX = 4 << 20;
/** What an appender holds cannot go to DuckDB's temporary folder, what is in the table can. */
const UNFLUSHED_BYTES_MAX = 32 << 20;
/** Memory of batches that are gone, per slot, before its table is made anew. */
const REPLACED_BYTES_MIN = 16 << 20;

export function stagingTable(slot: Slot): string {
  return `staging.main.slot${slot}`;
}

const COLUMNS = `commit_id BIGINT, topic_id INTEGER, partition INTEGER, kafka_offset BIGINT, kafka_ts_ms BIGINT, seq BIGINT, ord INTEGER,
    op UTINYINT, disposition UTINYINT, gone BOOLEAN, key BLOB, value BLOB, headers VARCHAR`;

/** The slots' tables were made; bytes appended to each since it was made last. */
export interface StagingUse {
  readonly bytes: [number, number];
  /** Times that one was made anew. */
  made: number;
}

export async function createStagingTables(connection: DuckDBConnection): Promise<StagingUse> {
  await connection.run(`ATTACH IF NOT EXISTS ':memory:' AS staging`);
  for (const slot of [0, 1] as const) await createSlot(connection, slot);
  await createBook(connection);
  return { bytes: [0, 0], made: 0 };
}

async function createSlot(connection: DuckDBConnection, slot: Slot): Promise<void> {
  await connection.run(`CREATE OR REPLACE TABLE ${stagingTable(slot)} (${COLUMNS})`);
}

/** TRUNCATE gives no memory back, a new table does; but every kept statement is planned anew after it, so not for each small batch. */
async function emptySlot(connection: DuckDBConnection, slot: Slot, use: StagingUse): Promise<void> {
  if (use.bytes[slot] < REPLACED_BYTES_MIN) {
    await connection.run(`TRUNCATE ${stagingTable(slot)}`);
    return;
  }
  await createSlot(connection, slot);
  use.bytes[slot] = 0;
  use.made += 1;
}

/**
 * Replaces the slot's content by the batch.
 * @throws LedgerflowError LF_COMMIT_FAILED, LF_DISK_FULL, LF_STORE_INVALIDATED
 */
export async function fillStaging(connection: DuckDBConnection, staged: StagedCommit, use: StagingUse): Promise<void> {
  try {
    await fill(connection, staged, use);
  } catch (error) {
    const code = isInvalidated(error) ? 'LF_STORE_INVALIDATED' : isDiskFull(error) ? 'LF_DISK_FULL' : 'LF_COMMIT_FAILED';
    throw new LedgerflowError(code, `a batch of ${staged.request.records.count} records cannot be staged: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function fill(connection: DuckDBConnection, staged: StagedCommit, use: StagingUse): Promise<void> {
  const { slot } = staged;
  await emptySlot(connection, slot, use);
  const appender = await connection.createAppender(`slot${slot}`, 'main', 'staging');
  const chunk = new StagingChunk();
  let [chunks, unflushed] = [0, 0];
  for (const rows of chunksOf(staged)) {
    appender.appendDataChunk(chunk.fill(staged, rows));
    chunks += 1;
    const bytes = rows.parts.reduce((sum, { page, from, to }) => sum + page.boundary(to) - page.boundary(from), 0);
    unflushed += bytes;
    use.bytes[slot] += bytes;
    if (unflushed > UNFLUSHED_BYTES_MAX) {
      appender.flushSync();
      unflushed = 0;
    }
    if (chunks % CHUNKS_PER_TURN === 0) await new Promise(setImmediate);
  }
  appender.closeSync();
}

/** The batch in parts of at most a chunk's rows and bytes. */
function* chunksOf({ request }: StagedCommit): Generator<ChunkRows> {
  let rows: ChunkRows = { at: 0, count: 0, parts: [] };
  let bytes = 0;
  for (const { page, from, count } of request.records.runs) {
    const end = from + count;
    for (let next = from; next < end;) {
      let to = next;
      while (to < end && rows.count + to - next < StagingChunk.ROWS_MAX && bytes < CHUNK_BYTES_MAX) {
        bytes += page.boundary(to + 1) - page.boundary(to);
        to += 1;
      }
      if (to > next) rows = { at: rows.at, count: rows.count + to - next, parts: [...rows.parts, { page, from: next, to }] };
      next = to;
      if (rows.count < StagingChunk.ROWS_MAX && bytes < CHUNK_BYTES_MAX) continue;
      yield rows;
      rows = { at: rows.at + rows.count, count: 0, parts: [] };
      bytes = 0;
    }
  }
  if (rows.count > 0) yield rows;
}
