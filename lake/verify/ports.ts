// What a verification needs of the world: the source in one snapshot at a known transaction, the working store in a reading session,
// and the published lake. The command line puts real ones in their places (cli/verify).

import type { SourceTable } from '../../cdc/schema/source-table.ts';
import type { Place } from './as-of.ts';
import type { Relation } from './digest-sql.ts';
import type { Extent, Hidden } from './plan.ts';
import type { Standing } from './sessions.ts';
import type { Side, TextQuery } from './side.ts';

/** The source in a consistent snapshot that holds exactly the transactions up to `seq` of one server. */
export interface SourceSnapshot extends Side, AsyncDisposable {
  readonly serverUuid: string;
  readonly seq: number;
  /** `uuid:seq`. */
  readonly gtid: string;
  /** Captured tables. */
  readonly tables: readonly SourceTable[];
  extent(table: SourceTable): Promise<Extent>;
  /** Any SELECT, in the snapshot. */
  readonly query: TextQuery;
  relationOf(table: string): Relation;
  /** Columns that cannot be compared with the lake, because a policy makes other values of them. */
  hidden(table: string): Hidden;
  /** A query in parentheses over its tables as a side. */
  sideOf(from: string): Side;
  /** Of the server. */
  readonly version: string;
}

export interface SourceReader {
  /** @throws LedgerflowError LF_VERIFY_SOURCE_BUSY, LF_MYSQL_… */
  snapshot(): Promise<SourceSnapshot>;
}

/** The working store; sessions are ended by their user. */
export interface StoreReader {
  begin(seq: number): Promise<StoreSession>;
}

export interface StoreSession extends AsyncDisposable {
  readonly standing: Standing;
  at(place: Place): Side;
}

/** The published lake, attached at one publication. */
export interface LakeReader extends AsyncDisposable {
  readonly commitId: number;
  readonly gtid: string | null;
  /** Tables of its silver with their columns. */
  readonly tables: ReadonlyMap<string, ReadonlySet<string>>;
  readonly side: Side;
}
