// Makes a page, message by message. The number of messages and the bytes of their keys and values are known before, so nothing grows.

import {
  columnsOf,
  FIXED_BYTES,
  KIND,
  laneHeader,
  NULL_LENGTH,
  Page,
  type KindName,
  type PageData,
  type PageEnds,
  type PageNote,
} from './page.ts';

/** One Kafka message. */
export interface PageMessage {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** JSON object of strings. */
  readonly headers: string | null;
}

/** One Kafka message in the bytes of its batch; lengths are -1 for null. */
export interface PageRecord {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly timestampMs: number;
  readonly keyAt: number;
  readonly keyLength: number;
  /** JSON object of strings. */
  readonly headers: string | null;
}

/** What was read of it. */
export interface PagePlace extends PageNote {
  readonly kind: KindName;
  readonly seq: number;
  readonly ord: number;
  readonly op: number;
  /** Of an END: events per table. */
  readonly end?: readonly { readonly data_collection: string; readonly event_count: number }[] | undefined;
}

export interface PageSize {
  readonly count: number;
  /** Bytes of all keys and values. */
  readonly payloadBytes: number;
}

const TWO_32 = 4_294_967_296;

export class PageWriter {
  private readonly header: Buffer;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly page: Page;
  private readonly data: PageData;
  private readonly headers = new Map<number, string>();
  private readonly notes = new Map<number, PageNote>();
  private readonly servers: string[] = [];
  private ends: EndColumns | null = null;
  private index = 0;
  private at = 0;

  constructor(topic: string, partition: number, { count, payloadBytes }: PageSize) {
    this.header = laneHeader(topic, partition);
    this.bytes = Buffer.allocUnsafeSlow(payloadBytes + count * (this.header.length + FIXED_BYTES)); // every byte is written
    this.view = new DataView(this.bytes.buffer);
    this.data = {
      ...{ topic, partition, count, headerBytes: this.header.length, columns: columnsOf(count), bytes: this.bytes },
      ...{ headers: this.headers, notes: this.notes, ends: null, servers: this.servers },
    };
    this.page = new Page(this.data);
  }

  add(message: PageMessage, place: PagePlace): void {
    const { offset, timestampMs, key, value, headers } = message;
    this.begin(offset, timestampMs);
    this.page.keyLength[this.index] = this.field(key);
    this.page.valueLength[this.index] = this.field(value);
    this.end(headers, place);
  }

  /** A record where a batch's cursor stands; its key is short, and copied without a view of it. */
  addRecord(record: PageRecord, value: Uint8Array | null, place: PagePlace): void {
    const { bytes, page, index } = this;
    this.begin(record.offset, record.timestampMs);
    page.keyLength[index] = record.keyLength;
    this.view.setInt32(this.at, record.keyLength);
    this.at += 4;
    for (let i = 0, { at } = this; i < record.keyLength; i += 1) bytes[at + i] = record.bytes[record.keyAt + i]!;
    if (record.keyLength > 0) this.at += record.keyLength;
    page.valueLength[index] = this.field(value);
    this.end(record.headers, place);
  }

  private begin(offset: number, timestampMs: number): void {
    const { page, index, view } = this;
    page.offset[index] = offset;
    page.timestampMs[index] = timestampMs;
    page.at[index] = this.at;
    this.bytes.set(this.header, this.at);
    const at = this.at + this.header.length;
    view.setUint32(at, Math.floor(offset / TWO_32));
    view.setUint32(at + 4, offset % TWO_32);
    this.at = at + 8;
  }

  private end(headers: string | null, place: PagePlace): void {
    const { page, index } = this;
    page.seq[index] = place.seq;
    page.ord[index] = place.ord;
    page.op[index] = place.op;
    page.kind[index] = KIND[place.kind];
    if (headers !== null) this.headers.set(index, headers);
    if (place.kind === 'end') this.addEnd(place);
    if (place.reason !== undefined || place.identity !== undefined || place.alone !== undefined) this.notes.set(index, noteOf(place));
    this.index += 1;
  }

  /** A server's GTID was met for the first time. */
  addServer(uuid: string): void {
    this.servers.push(uuid);
  }

  /** The finished page as it passes between threads. @throws RangeError when not all announced messages were added */
  finish(): PageData {
    if (this.index !== this.page.count || this.at !== this.bytes.length)
      throw new RangeError(`a page of ${this.page.count} has ${this.index}`);
    return { ...this.data, ends: this.ends?.finish(this.page.count) ?? null };
  }

  private field(field: Uint8Array | null): number {
    const length = field === null ? NULL_LENGTH : field.length;
    this.view.setInt32(this.at, length);
    this.at += 4;
    if (field !== null) {
      this.bytes.set(field, this.at);
      this.at += length;
    }
    return length;
  }

  private addEnd({ end }: PagePlace): void {
    if (end === undefined) throw new TypeError('an END record needs its counts');
    this.ends ??= new EndColumns(this.page.count);
    this.ends.add(this.index, end);
  }
}

function noteOf({ reason, alone, identity }: PagePlace): PageNote {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(alone === undefined ? {} : { alone }),
    ...(identity === undefined ? {} : { identity }),
  };
}

class EndColumns {
  private readonly from: Int32Array;
  private readonly places = new Map<string, number>();
  private readonly collection: number[] = [];
  private readonly events: number[] = [];
  private filled = 0;

  constructor(count: number) {
    this.from = new Int32Array(count + 1);
  }

  add(index: number, counts: NonNullable<PagePlace['end']>): void {
    this.from.fill(this.events.length, this.filled, index + 1);
    this.filled = index + 1;
    for (const { data_collection, event_count } of counts) {
      let place = this.places.get(data_collection);
      if (place === undefined) this.places.set(data_collection, (place = this.places.size));
      this.collection.push(place);
      this.events.push(event_count);
    }
  }

  finish(count: number): PageEnds {
    this.from.fill(this.events.length, this.filled, count + 1);
    return {
      collections: [...this.places.keys()],
      from: this.from,
      collection: Int32Array.from(this.collection),
      events: Int32Array.from(this.events),
    };
  }
}
