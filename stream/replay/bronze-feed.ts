// Bronze as a source: the messages of published commits, in the order of their commits, as the pages that a fetch from Kafka gives.

import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { Page } from '../../cdc/envelope/page.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { PartitionRole } from '../processor/cut/record.ts';
import { PageMaker, type FetchedMessage } from '../processor/fetch/page-maker.ts';
import type { RecordSource } from '../processor/source.ts';

/** Some commits that follow one another. */
export interface Window {
  readonly first: number;
  readonly last: number;
  /** Transaction through which nothing is to come when the window is read. */
  readonly seq: number;
  readonly rows: number;
}

export interface FeedParts {
  readonly connection: DuckDBConnection;
  /** Relation of bronze's messages: `lake.bronze.changes`. */
  readonly changes: string;
  /** Relation of the commits. */
  readonly commits: string;
  readonly lastCommit: number;
  readonly roleOf: (topic: string) => PartitionRole;
  /** Messages read from bronze at once; one commit may exceed it. */
  readonly windowRowsMax: number;
  /** Commits that begin a window. */
  readonly breaks: ReadonlySet<number>;
  /** Server of the source as the store knows it. */
  readonly serverUuid: string | null;
}

interface Lane {
  readonly topic: string;
  readonly partition: number;
  readonly low: bigint;
  readonly end: bigint;
}

export class BronzeFeed implements RecordSource {
  private readonly parts: FeedParts;
  private readonly maker: PageMaker;
  private readonly lanes: readonly Lane[];
  private readonly windows: readonly Window[];
  /** The last commit with rows of the first snapshot; 0 when there are none. */
  readonly snapshotThrough: number;
  private next = 0;
  private ahead: Promise<Page[]> | null = null;

  private constructor(parts: FeedParts, found: { lanes: readonly Lane[]; windows: readonly Window[]; snapshotThrough: number }) {
    this.parts = parts;
    this.maker = new PageMaker(parts.serverUuid);
    this.lanes = found.lanes;
    this.windows = found.windows;
    this.snapshotThrough = found.snapshotThrough;
  }

  /** @param progress offsets from which on messages are wanted, by `topic/partition`; others from their first */
  static async open(parts: FeedParts, progress: ReadonlyMap<string, bigint>): Promise<BronzeFeed> {
    const { connection, changes, commits, lastCommit } = parts;
    const rows = async (sql: string): Promise<DuckDBValue[][]> => (await connection.runAndReadAll(sql)).getRows();
    const bounds = await rows(
      `SELECT topic, partition, min(kafka_offset), max(kafka_offset) + 1 FROM ${changes} WHERE commit_id <= ${lastCommit} GROUP BY topic, partition ORDER BY topic, partition`,
    );
    const lanes = bounds.map(([topic, partition, low, end]) => ({
      ...{ topic: topic as string, partition: Number(partition) },
      ...{ low: low as bigint, end: end as bigint },
    }));
    const wanted = [...progress].map(([lane, offset]) => `(${literal(lane)}, ${offset})`);
    const behind = `coalesce((SELECT next FROM (VALUES ${['(NULL, 0)', ...wanted].join(', ')}) p(lane, next) WHERE lane = topic || '/' || partition), 0)`;
    const [from] =
      progress.size === 0
        ? []
        : await rows(`SELECT min(commit_id) FROM ${changes} WHERE commit_id <= ${lastCommit} AND kafka_offset >= ${behind}`);
    const first = progress.size === 0 ? 0 : Number(from?.[0] ?? lastCommit + 1);
    const counted = await rows(
      `SELECT commit_id, seq, bronze_rows FROM ${commits} WHERE commit_id BETWEEN ${first} AND ${lastCommit} ORDER BY commit_id`,
    );
    const [snapshot] = await rows(
      `SELECT coalesce(max(commit_id), 0) FROM ${changes} WHERE commit_id <= ${lastCommit} AND op = 'r' AND seq < 0`,
    );
    const late = await rows(
      `SELECT commit_id, min(seq) FROM ${changes} WHERE commit_id <= ${lastCommit} AND op = 'r' AND seq >= 0 GROUP BY commit_id ORDER BY commit_id`,
    );
    return new BronzeFeed(parts, {
      lanes,
      windows: provenWindows(windowsOf(counted, parts), late),
      snapshotThrough: Number(snapshot?.[0] ?? 0),
    });
  }

  /** The next window begins at a break: nothing may be staged before it is taken. */
  get nextBreaks(): boolean {
    return this.parts.breaks.has(this.windows[this.next]?.first ?? -1);
  }

  /** Messages that are left. */
  get rowsLeft(): number {
    return this.windows.slice(this.next).reduce((sum, { rows }) => sum + rows, 0);
  }

  /** The next window with its pages, partition by partition in offset order; null at the end. */
  async take(): Promise<{ window: Window; pages: Page[] } | null> {
    const window = this.windows[this.next];
    if (window === undefined) return null;
    const pages = await (this.ahead ?? this.read(window));
    this.next += 1;
    const following = this.windows[this.next];
    this.ahead = following === undefined ? null : this.read(following);
    this.ahead?.catch(() => undefined); // told to the next call
    return { window, pages };
  }

  private async read({ first, last }: Window): Promise<Page[]> {
    const { connection, changes } = this.parts;
    const result = await connection.stream(
      `SELECT topic, partition, kafka_offset, epoch_ms(kafka_ts), key, value, headers FROM ${changes} WHERE commit_id BETWEEN ${first} AND ${last} ORDER BY topic, partition, kafka_offset`,
    );
    const pages: Page[] = [];
    let lane: { topic: string; partition: number; messages: FetchedMessage[] } | null = null;
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      const [topics = [], partitions = [], offsets = [], times = [], keys = [], values = [], headers = []] = chunk.getColumns();
      for (let row = 0; row < chunk.rowCount; row += 1) {
        const [topic, partition] = [topics[row] as string, partitions[row] as number];
        if (lane === null || lane.partition !== partition || lane.topic !== topic) {
          if (lane !== null) pages.push(this.page(lane));
          lane = { topic, partition, messages: [] };
        }
        const [key, value] = [bytesOf(keys[row]), bytesOf(values[row])];
        lane.messages.push({
          offset: Number(offsets[row]),
          timestampMs: Number(times[row]),
          key,
          value,
          headers: headers[row] as string | null,
        });
      }
    }
    if (lane !== null) pages.push(this.page(lane));
    return pages;
  }

  private page({ topic, partition, messages }: { topic: string; partition: number; messages: FetchedMessage[] }): Page {
    return new Page(this.maker.make({ topic, partition, role: this.parts.roleOf(topic) }, messages));
  }

  listTopics(): Promise<string[]> {
    return Promise.resolve([...new Set(this.lanes.map(({ topic }) => topic))]);
  }

  endOffsets(topics: readonly string[]): Promise<Lane[]> {
    return Promise.resolve(this.lanes.filter(({ topic }) => topics.includes(topic)));
  }

  subscribe(): Promise<void> {
    return Promise.resolve();
  }

  /** Windows are taken when there is room: nothing has to be paused. */
  pause(): void {}

  resume(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ahead?.catch(() => undefined);
  }
}

function windowsOf(commits: readonly DuckDBValue[][], { windowRowsMax: rowsMax, breaks }: FeedParts): Window[] {
  const windows: Window[] = [];
  for (const [id, seq, rows] of commits) {
    const last = windows.at(-1);
    const commit = { last: Number(id), seq: Number(seq) };
    if (last === undefined || last.rows + Number(rows) > rowsMax || breaks.has(Number(id)))
      windows.push({ first: Number(id), ...commit, rows: Number(rows) });
    else windows[windows.length - 1] = { ...last, ...commit, rows: last.rows + Number(rows) };
  }
  return windows;
}

/**
 * Rows of an incremental snapshot carry the number of a transaction and may come after it was committed. What is proven to be read must not
 * reach the number of one that is to come: it would be taken for a duplicate.
 * @param late commit and least such number in it
 */
function provenWindows(windows: readonly Window[], late: readonly DuckDBValue[][]): Window[] {
  return windows.map((window) => {
    const later = late.filter(([commit]) => Number(commit) > window.last).map(([, seq]) => Number(seq) - 1);
    return later.length === 0 ? window : { ...window, seq: Math.min(window.seq, ...later) };
  });
}

function bytesOf(value: DuckDBValue | undefined): Buffer | null {
  if (value === null || value === undefined) return null;
  const { bytes } = value as { bytes: Uint8Array };
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
