// Recomputes the chain of chain.ts from stored bronze and compares it with the head each commit recorded.

import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { laneHeader } from '../../cdc/envelope/page.ts';
import { throwIfAborted } from '../../infra/runtime/sleep.ts';
import { ChainLink } from './chain.ts';
import { BRONZE_CHANGES, LAKE } from './lake-catalog.ts';
import { firstRow, rowsOf } from './sql.ts';

/** Where bronze and its heads are read. */
export interface ChainSource {
  readonly changes: string;
  readonly commits: string;
}

/** Everything the store can see: published, segments and tail. */
export const STORE_CHAIN: ChainSource = { changes: 'bronze.changes', commits: 'ops.commits' };
/** The published Parquet files alone; works in any process that has the lake attached as `lake`. */
export const LAKE_CHAIN: ChainSource = { changes: BRONZE_CHANGES, commits: `${LAKE}.ops.commits` };

export interface ChainReport {
  readonly ok: boolean;
  readonly commits: number;
  readonly rows: number;
  /** The first commit whose bronze does not give its head; null when all do. */
  readonly brokenAt: { readonly commitId: number; readonly recorded: string; readonly computed: string } | null;
  /** The last head that was computed. */
  readonly head: string;
}

export interface ChainRange {
  /** First commit to verify; its predecessor's recorded head is taken as given. Default: the first of all. */
  readonly fromCommit?: number;
  /** Last commit to verify. Default: the last of all. */
  readonly toCommit?: number;
  readonly signal?: AbortSignal;
}

/** Rows sorted and held by DuckDB at once; a larger commit is a range of its own. */
const ROWS_PER_RANGE = 100_000;

interface Commit {
  readonly id: number;
  readonly rows: number;
  readonly chain: string;
}

/**
 * Verifies bronze against the recorded heads, commit by commit, and stops at the first that differs.
 * A commit that is missing, changed, or has a message too many breaks at itself.
 */
export async function verifyChain(connection: DuckDBConnection, source: ChainSource, range: ChainRange = {}): Promise<ChainReport> {
  const from = range.fromCommit ?? 0;
  const before = await firstRow(
    connection,
    `SELECT chain FROM ${source.commits} WHERE commit_id < ${from} ORDER BY commit_id DESC LIMIT 1`,
  );
  const progress = { head: (before?.[0] as string | undefined) ?? '', commits: 0, rows: 0 };
  const to = range.toCommit === undefined ? '' : ` AND commit_id <= ${range.toCommit}`;
  const sql = `SELECT commit_id, bronze_rows, chain FROM ${source.commits} WHERE commit_id >= ${from}${to} ORDER BY commit_id`;
  const commits = (await rowsOf(connection, sql)).map(([id, rows, chain]) => ({
    id: Number(id),
    rows: Number(rows),
    chain: chain as string,
  }));
  for (const part of inRanges(commits)) {
    throwIfAborted(range.signal);
    const heads = await computeHeads(connection, source, part, progress.head);
    for (const commit of part) {
      const computed = heads.get(commit.id) ?? '';
      progress.commits += 1;
      progress.rows += commit.rows;
      progress.head = computed;
      if (computed !== commit.chain) return { ok: false, ...progress, brokenAt: { commitId: commit.id, recorded: commit.chain, computed } };
    }
  }
  return { ok: true, ...progress, brokenAt: null };
}

function inRanges(commits: readonly Commit[]): Commit[][] {
  const ranges: Commit[][] = [];
  let rows = 0;
  for (const commit of commits) {
    if (ranges.length === 0 || rows + commit.rows > ROWS_PER_RANGE) {
      ranges.push([]);
      rows = 0;
    }
    ranges.at(-1)?.push(commit);
    rows += commit.rows;
  }
  return ranges;
}

/** Head after each commit of the range, computed from its messages in canonical order. */
async function computeHeads(
  connection: DuckDBConnection,
  source: ChainSource,
  commits: readonly Commit[],
  previous: string,
): Promise<Map<number, string>> {
  const [first, last] = [commits[0]?.id ?? 0, commits.at(-1)?.id ?? 0];
  const heads = new Map<number, string>();
  const computed = new HeadsInOrder(commits, previous, heads);
  const from = `FROM ${source.changes} WHERE commit_id BETWEEN ${first} AND ${last}`;
  const result = await connection.stream(
    `SELECT commit_id, topic, partition, kafka_offset, key, value ${from} ORDER BY commit_id, topic, partition, kafka_offset`,
  );
  let read = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    const [ids = [], topics = [], partitions = [], offsets = [], keys = [], values = []] = chunk.getColumns();
    read += chunk.rowCount;
    for (let row = 0; row < chunk.rowCount; row += 1) {
      computed.seek(Number(ids[row]));
      computed.append(topics[row] as string, Number(partitions[row]), {
        offset: offsets[row] as bigint,
        key: bytesOf(keys[row]),
        value: bytesOf(values[row]),
      });
    }
  }
  await assertReadAll(connection, `SELECT count(*) ${from}`, read);
  computed.seek(Number.POSITIVE_INFINITY);
  return heads;
}

/** The client library ends a stream that broke like a complete one: what was lost must not look like changed bronze. */
async function assertReadAll(connection: DuckDBConnection, countSql: string, read: number): Promise<void> {
  const there = Number((await firstRow(connection, countSql))?.[0]);
  if (there !== read) throw new Error(`the messages could not be read to their end: ${read} of ${there}`);
}

/** Walks the commits in step with the sorted messages; commits without messages move the head too. */
class HeadsInOrder {
  private readonly commits: readonly Commit[];
  private readonly heads: Map<number, string>;
  private readonly lanes = new Map<string, Buffer>();
  private at = 0;
  private link: ChainLink;

  constructor(commits: readonly Commit[], previous: string, heads: Map<number, string>) {
    this.commits = commits;
    this.heads = heads;
    this.link = new ChainLink(previous);
  }

  /** Closes every commit before `commitId`. */
  seek(commitId: number): void {
    for (let commit = this.commits[this.at]; commit !== undefined && commit.id < commitId; commit = this.commits[this.at]) {
      const head = this.link.digest();
      this.heads.set(commit.id, head);
      this.link = new ChainLink(head);
      this.at += 1;
    }
  }

  append(topic: string, partition: number, message: { offset: bigint; key: Uint8Array | null; value: Uint8Array | null }): void {
    const name = `${partition}/${topic}`;
    const header = this.lanes.get(name) ?? laneHeader(topic, partition);
    this.lanes.set(name, header);
    this.link.append(header, message.offset, message.key, message.value);
  }
}

function bytesOf(value: DuckDBValue | undefined): Uint8Array | null {
  return value === null || value === undefined ? null : (value as { bytes: Uint8Array }).bytes;
}
