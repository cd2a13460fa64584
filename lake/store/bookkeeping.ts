// What a commit says of itself: position, GTID, chain, counts and offsets. The values go through a small temporary table, so that the
// statements' texts never change and are planned once; with the values in the texts planning them took longer than all the rows of a
// small commit.

import { DuckDBTimestampTZValue, type DuckDBAppender, type DuckDBConnection } from '@duckdb/node-api';
import { APPLIED, CONTROL, DUPLICATE, PARKED, TOMBSTONE, type CommitRequest, type PartitionProgress } from './batch.ts';
import type { KeptStatements } from './kept-statements.ts';

export interface CommitFacts {
  readonly commitId: number;
  /** Epoch of this process; the commit is refused when the store has another. */
  readonly epoch: number;
  readonly chain: string;
  /** Records by disposition. */
  readonly counts: readonly number[];
}

const BOOK = 'temp.main.book';
/** One row per partition that moved; what is said of the commit is in each, and read from the first. */
const FIRST = `(SELECT * FROM ${BOOK} WHERE line = 0)`;

/** On the connection of the commits: nobody else sees the table. */
export async function createBook(connection: DuckDBConnection): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE book (line INTEGER, epoch BIGINT, commit_id BIGINT, seq BIGINT, bronze_rows BIGINT, applied BIGINT, duplicates BIGINT,
  tombstones BIGINT, control BIGINT, parked BIGINT, chain VARCHAR, phase VARCHAR, gtid VARCHAR, server_uuid VARCHAR, committed_at TIMESTAMPTZ,
  topic_id INTEGER, partition INTEGER, next_offset BIGINT, mark_seq BIGINT, mark_ord INTEGER)`);
}

/** Moves the position and writes the commit's row; raises LF_STORE_FENCED when the epoch is no longer ours. To be run in this order. */
const BOOKKEEPING: readonly string[] = [
  `DELETE FROM ops.offsets WHERE (topic_id, partition) IN (SELECT (topic_id, partition) FROM ${BOOK} WHERE topic_id IS NOT NULL)`,
  `INSERT INTO ops.offsets SELECT topic_id, partition, next_offset, mark_seq, mark_ord FROM ${BOOK} WHERE topic_id IS NOT NULL`,
  `SELECT CASE WHEN s.epoch <> b.epoch THEN error('LF_STORE_FENCED') END FROM ops.state AS s, ${FIRST} AS b`,
  // The time is a value too: a statement with now() is planned anew at every run.
  `UPDATE ops.state SET commit_id = b.commit_id, seq = b.seq, gtid = coalesce(b.gtid, state.gtid), server_uuid = coalesce(b.server_uuid, state.server_uuid),
  committed_at = b.committed_at, chain = b.chain, phase = b.phase FROM ${FIRST} AS b`,
  `INSERT INTO ops.commits (commit_id, seq, gtid, committed_at, bronze_rows, applied, duplicates, tombstones, control, parked, chain)
SELECT s.commit_id, s.seq, s.gtid, s.committed_at, b.bronze_rows, b.applied, b.duplicates, b.tombstones, b.control, b.parked, s.chain FROM ops.state AS s, ${FIRST} AS b`,
];

/** Empties the table in the transaction that filled it: its rows never come to the table itself, where they would stay as dead ones. */
const EMPTY_BOOK = `DELETE FROM ${BOOK}`;

/** Writes down the commit's facts, in its transaction. @throws Error LF_STORE_FENCED */
export async function keepBooks(statements: KeptStatements, request: CommitRequest, facts: CommitFacts): Promise<void> {
  await fillBook(statements, request, facts);
  await statements.runAll([...BOOKKEEPING, EMPTY_BOOK]);
}

async function fillBook(statements: KeptStatements, request: CommitRequest, facts: CommitFacts): Promise<void> {
  const book = await statements.connection.createAppender('book', 'main', 'temp');
  const counts = [APPLIED, DUPLICATE, TOMBSTONE, CONTROL, PARKED].map((disposition) => facts.counts[disposition] ?? 0);
  const committedAt = new DuckDBTimestampTZValue(BigInt(Date.now()) * 1_000n);
  for (let line = 0; line < Math.max(1, request.progress.length); line += 1) {
    book.appendInteger(line);
    for (const value of [facts.epoch, facts.commitId, request.seq, request.records.count, ...counts]) book.appendBigInt(BigInt(value));
    for (const text of [facts.chain, request.phase, request.gtid, request.serverUuid]) appendText(book, text);
    book.appendTimestampTZ(committedAt);
    appendProgress(book, request.progress[line]);
    book.endRow();
  }
  book.closeSync();
}

function appendProgress(book: DuckDBAppender, entry: PartitionProgress | undefined): void {
  if (entry === undefined) {
    for (let column = 0; column < 5; column += 1) book.appendNull();
    return;
  }
  book.appendInteger(entry.topicId);
  book.appendInteger(entry.partition);
  book.appendBigInt(entry.nextOffset);
  book.appendBigInt(BigInt(entry.markSeq));
  book.appendInteger(entry.markOrd);
}

function appendText(appender: DuckDBAppender, text: string | null): void {
  if (text === null) appender.appendNull();
  else appender.appendVarchar(text);
}
