// A page: the messages of one fetch of one partition, as columns over one buffer of bytes. No object per message exists, a page passes
// between threads without a copy, and its bytes are at the same time what the chain hashes and what DuckDB copies.
//
// bytes = one encoding per message, in offset order:  len(topic) topic partition offset len(key) key len(value) value
// Numbers are big-endian: lengths and partition 32 bits (0xffffffff = null), offset 64 bits (lake/publish/chain.ts).

/**
 * What a message is, as the code in `Page.kind`.
 * event: c/u/d inside a transaction (seq, ord). outside: has a GTID but no place in a transaction: TRUNCATE (op t), a row of an
 * incremental snapshot (op r), a row of an XA transaction (op c/u/d). snapshot: row of the first snapshot, no GTID. tombstone: null
 * value. ddl: record of the schema topic. begin, end: records of the transaction topic. control: heartbeats. unreadable: to be parked.
 */
export const KIND = {
  event: 0,
  outside: 1,
  snapshot: 2,
  tombstone: 3,
  ddl: 4,
  begin: 5,
  end: 6,
  control: 7,
  unreadable: 8,
} as const;

export type KindName = keyof typeof KIND;

/** What few messages have: why one cannot be read, or what a DDL record says of itself. */
export interface PageNote {
  /** Of an unreadable record. */
  readonly reason?: string;
  /** Of a DDL record: the statement has this one record only. */
  readonly alone?: boolean;
  /** Of a DDL record: tells records of one GTID apart, equal when Connect emits one again. */
  readonly identity?: string;
}

/** Counts of the END records of a page, flat: those of message i are the entries from[i] … from[i + 1]. */
export interface PageEnds {
  /** Tables as END records name them. */
  readonly collections: readonly string[];
  readonly from: Int32Array;
  /** Index into `collections`. */
  readonly collection: Int32Array;
  readonly events: Int32Array;
}

/** A page as it passes between threads. */
export interface PageData {
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
  /** Bytes that every encoding begins with. */
  readonly headerBytes: number;
  readonly columns: ArrayBuffer;
  readonly bytes: Uint8Array;
  /** Headers as JSON objects of strings, by message, for those that have any. */
  readonly headers: ReadonlyMap<number, string>;
  readonly notes: ReadonlyMap<number, PageNote>;
  readonly ends: PageEnds | null;
  /** Servers whose GTIDs were met first in this page. */
  readonly servers: readonly string[];
}

export const NULL_LENGTH = -1;
const WIDE_COLUMNS = 4;
const NARROW_COLUMNS = 4;
const BYTE_COLUMNS = 3;
const COLUMN_BYTES = WIDE_COLUMNS * 8 + NARROW_COLUMNS * 4 + BYTE_COLUMNS;
/** Of every encoding: offset, len(key), len(value). */
export const FIXED_BYTES = 16;

export function columnsOf(count: number): ArrayBuffer {
  return new ArrayBuffer(count * COLUMN_BYTES);
}

/** The part of a message's encoding that all messages of a partition share. */
export function laneHeader(topic: string, partition: number): Buffer {
  const name = Buffer.from(topic, 'utf8');
  const header = Buffer.alloc(name.length + 8);
  header.writeUInt32BE(name.length, 0);
  name.copy(header, 4);
  header.writeUInt32BE(partition, name.length + 4);
  return header;
}

const NO_BYTES = new Uint8Array(0);

export class Page {
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
  readonly headers: ReadonlyMap<number, string>;
  readonly notes: ReadonlyMap<number, PageNote>;
  readonly ends: PageEnds | null;
  readonly servers: readonly string[];
  /** Exact up to 2^53, as everywhere. */
  readonly offset: Float64Array;
  readonly timestampMs: Float64Array;
  /** GTID number, -1 where there is none; the cut replaces it by the place at which the message is taken. */
  readonly seq: Float64Array;
  /** Set by the cut: running maximum of `seq` in the partition. */
  readonly effective: Float64Array;
  /** total_order, 0 outside of a transaction; replaced like `seq`. */
  readonly ord: Int32Array;
  /** Where a message's encoding begins in `bytes`. */
  readonly at: Uint32Array;
  /** NULL_LENGTH for null, like valueLength. */
  readonly keyLength: Int32Array;
  readonly valueLength: Int32Array;
  readonly kind: Uint8Array;
  /** Character code of Debezium's op, 0 where there is none. */
  readonly op: Uint8Array;
  /** Set by the cut. */
  readonly disposition: Uint8Array;
  private readonly keyFrom: number;
  private data: PageData;
  private readonly byteCount: number;
  /** Brings back bytes that were given away. */
  private recall: (() => Uint8Array) | null = null;

  constructor(data: PageData) {
    const { count, columns } = data;
    this.data = data;
    this.byteCount = data.bytes.length;
    this.topic = data.topic;
    this.partition = data.partition;
    this.count = count;
    this.headers = data.headers;
    this.notes = data.notes;
    this.ends = data.ends;
    this.servers = data.servers;
    this.keyFrom = data.headerBytes + 12;
    const wide = (index: number): Float64Array => new Float64Array(columns, index * count * 8, count);
    [this.offset, this.timestampMs, this.seq, this.effective] = [wide(0), wide(1), wide(2), wide(3)];
    const narrow = WIDE_COLUMNS * count * 8;
    this.ord = new Int32Array(columns, narrow, count);
    this.at = new Uint32Array(columns, narrow + count * 4, count);
    this.keyLength = new Int32Array(columns, narrow + count * 8, count);
    this.valueLength = new Int32Array(columns, narrow + count * 12, count);
    const small = narrow + count * 16;
    this.kind = new Uint8Array(columns, small, count);
    this.op = new Uint8Array(columns, small + count, count);
    this.disposition = new Uint8Array(columns, small + count * 2, count);
  }

  /** The messages' encodings. */
  get bytes(): Uint8Array {
    return this.recall === null ? this.data.bytes : this.recall();
  }

  /** The bytes are kept elsewhere from now on; the columns stay. `recall` returns them whenever they are read. */
  giveAway(recall: () => Uint8Array): void {
    this.recall = recall;
    this.data = { ...this.data, bytes: NO_BYTES };
  }

  /** Memory that the page holds; less once its bytes were given away. */
  get byteLength(): number {
    return this.data.bytes.byteLength + this.data.columns.byteLength;
  }

  /** First byte behind the encoding of message `index - 1`: where that of `index` begins, also for `index` = count. */
  boundary(index: number): number {
    return index < this.count ? this.at[index]! : this.byteCount;
  }

  /** Where the key's bytes begin in `bytes`; its length is keyLength. */
  keyAt(index: number): number {
    return this.at[index]! + this.keyFrom;
  }

  /** Where the value's bytes begin in `bytes`; its length is valueLength. */
  valueAt(index: number): number {
    const length = this.keyLength[index]!;
    return this.at[index]! + this.keyFrom + (length < 0 ? 0 : length) + 4;
  }

  /** A view of the key's bytes. */
  key(index: number): Buffer | null {
    return this.view(this.keyAt(index), this.keyLength[index]!);
  }

  /** A view of the value's bytes. */
  value(index: number): Buffer | null {
    return this.view(this.valueAt(index), this.valueLength[index]!);
  }

  /** The page without its first `from` messages; the bytes are shared. */
  tail(from: number): Page {
    const count = this.count - from;
    const shift = <T>(map: ReadonlyMap<number, T>): Map<number, T> =>
      new Map([...map].filter(([index]) => index >= from).map(([index, value]) => [index - from, value]));
    const { ends } = this;
    const rest = new Page({
      ...this.data,
      ...{ count, columns: columnsOf(count), headers: shift(this.headers), notes: shift(this.notes) },
      ends: ends === null ? null : { ...ends, from: ends.from.subarray(from) },
    });
    for (const name of ['offset', 'timestampMs', 'seq', 'effective'] as const) rest[name].set(this[name].subarray(from));
    for (const name of ['ord', 'keyLength', 'valueLength'] as const) rest[name].set(this[name].subarray(from));
    for (const name of ['at', 'kind', 'op', 'disposition'] as const) rest[name].set(this[name].subarray(from));
    return rest;
  }

  private view(at: number, length: number): Buffer | null {
    const { bytes } = this;
    return length === NULL_LENGTH ? null : Buffer.from(bytes.buffer, bytes.byteOffset + at, length);
  }
}
