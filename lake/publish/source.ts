// What publication needs from the working store, and the places where tests break it on purpose.

import type { DuckDBConnection } from '@duckdb/node-api';

/** The working store as publication sees it. */
export interface PublicationSource {
  /** A connection of the store's DuckDB instance; the publisher closes it. */
  connect(): Promise<DuckDBConnection>;
  /**
   * Rolls the bronze tail up to the current commit into a segment. Called once beforehand without holding anything, and
   * once more inside the quiet point, where hardly anything is left: it must not take the lock of withQuietPoint itself.
   */
  rollTail(): Promise<void>;
  /** Runs `work` while no commit happens, preferably right after gold has caught up. Some ms long. */
  withQuietPoint<T>(work: () => Promise<T>): Promise<T>;
  /** Folder of the unpublished bronze segments. */
  readonly bronzeFolder: string;
  /** The store's fencing epoch of this process. */
  readonly epoch: number;
}

/** What publication must know of a gold model (lake/gold/model.ts); a gold table without one is replaced as a whole. */
export interface PublishedModel {
  readonly name: string;
  readonly key: readonly string[];
  /** 'rows': one row per row of its one silver input, so that the input's changed keys are the table's. */
  readonly refresh: string;
  /** False: it stays out of the lake. */
  readonly published?: boolean;
  readonly silverInputs: readonly { readonly table: string; readonly key: readonly string[] }[];
}

/** Steps of a publication, in order; tests throw at them to play a crash. */
export type Step = 'adopted' | 'written' | 'synced' | 'committed' | 'acknowledged' | 'copied';

/** One consistent state of the store, read at the quiet point. */
export interface Cut {
  readonly commitId: number;
  /** 'bootstrap' while the initial snapshot is being read: silver is no state the bank had. */
  readonly phase: string;
  readonly goldCommitId: number;
  readonly goldGtid: string | null;
  readonly seq: number;
  readonly gtid: string | null;
  readonly committedAt: string | null;
  readonly chain: string;
  /** Next offset per topic and partition, decimal text. */
  readonly offsets: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
