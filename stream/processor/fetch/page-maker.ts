// From fetched Kafka messages to a page: what kind each message is and where it stands in the source. Knows nothing of the cut, so it
// runs beside the fetching, in a thread of its own.

import { PageWriter, type PageMessage, type PagePlace, type PageSize } from '../../../cdc/envelope/page-writer.ts';
import type { KindName, PageData } from '../../../cdc/envelope/page.ts';
import { createScanner, type Scanner } from '../../../cdc/envelope/scan.ts';
import { parseTransactionMarker } from '../../../cdc/envelope/transaction-marker.ts';
import { RecordCursor, type RawRecords } from '../../../cdc/kafka/record-cursor.ts';
import { parseGtid } from '../../../cdc/position.ts';
import { parseSchemaChange } from '../../../cdc/schema/schema-change.ts';
import { messageOf } from '../../../infra/runtime/errors.ts';
import { isAloneStatement } from '../cut/ddl-statement.ts';
import type { PartitionRole } from '../cut/record.ts';

/** A fetched message; `key` and `value` may be views of a buffer that is used again. */
export interface FetchedMessage extends PageMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Why it could not be decoded. */
  readonly fault?: string;
}

/** The partition that messages were fetched from. */
export interface FetchedLane {
  readonly topic: string;
  readonly partition: number;
  readonly role: PartitionRole;
}

/** The reused description of a message. */
type MutablePlace = { -readonly [K in keyof PagePlace]: PagePlace[K] };

export class PageMaker {
  private scanner: Scanner;
  /** Server of the source; another one's GTIDs are reported with the page. */
  private uuid: string | null;
  private readonly place: MutablePlace = { kind: 'control', seq: -1, ord: 0, op: 0 };
  private writer: PageWriter | null = null;

  /** @param serverUuid server of the source as the store knows it; null before the first transaction */
  constructor(serverUuid: string | null) {
    this.uuid = serverUuid;
    this.scanner = createScanner(serverUuid);
  }

  /** A page of messages, which are in offset order. */
  make({ topic, partition, role }: FetchedLane, messages: readonly FetchedMessage[]): PageData {
    let payloadBytes = 0;
    for (const { key, value } of messages) payloadBytes += (key?.length ?? 0) + (value?.length ?? 0);
    const writer = new PageWriter(topic, partition, { count: messages.length, payloadBytes });
    this.writer = writer;
    for (const message of messages) writer.add(message, this.describe(role, message.value, message.fault));
    this.writer = null;
    return writer.finish();
  }

  /** A page of the records at offset `from` and above of whole batches, which are in offset order; none of them is encoded in Avro. */
  makeWhole({ topic, partition, role }: FetchedLane, { batches, from, size }: WholeBatches): PageData {
    const writer = new PageWriter(topic, partition, size);
    this.writer = writer;
    for (const batch of batches) {
      const record = new RecordCursor(batch);
      while (record.next()) {
        if (record.offset < from) continue;
        const value = record.valueLength < 0 ? null : batch.bytes.subarray(record.valueAt, record.valueAt + record.valueLength);
        writer.addRecord(record, value, this.describe(role, value));
      }
    }
    this.writer = null;
    return writer.finish();
  }

  private describe(role: PartitionRole, value: Buffer | null, fault?: string): PagePlace {
    this.reset('control');
    if (fault !== undefined) this.unreadable(fault);
    else if (value === null) this.place.kind = role === 'table' ? 'tombstone' : 'control';
    else if (role === 'table') this.describeChange(value);
    else if (role !== 'other') this.describeControl(role, value);
    return this.place;
  }

  private reset(kind: KindName): void {
    const { place } = this;
    place.kind = kind;
    place.seq = -1;
    place.ord = 0;
    place.op = 0;
    if (place.end !== undefined) place.end = undefined;
    if (place.identity === undefined && place.alone === undefined && place.reason === undefined) return;
    delete place.alone;
    delete place.identity;
    delete place.reason;
  }

  private describeChange(value: Buffer): void {
    const { place } = this;
    const found = this.scanner.scan(value);
    if (found.kind === 'unreadable') return this.unreadable(found.reason ?? 'not a change event');
    if (found.serverUuid !== null) this.met(found.serverUuid);
    place.kind = found.kind;
    place.seq = found.seq;
    place.ord = found.ord;
    place.op = found.op;
  }

  private describeControl(role: PartitionRole, value: Buffer): void {
    const { place } = this;
    try {
      if (role === 'transaction') {
        const marker = parseTransactionMarker(value);
        if (marker.uuid !== this.uuid) this.met(marker.uuid);
        place.kind = marker.status === 'END' ? 'end' : 'begin';
        place.seq = marker.seq;
        if (marker.status === 'END') place.end = marker.counts.data_collections;
      } else {
        const change = parseSchemaChange(value);
        const gtid = change.gtid === null ? null : parseGtid(change.gtid);
        if (gtid !== null) this.met(gtid.uuid);
        place.kind = 'ddl';
        place.seq = gtid === null ? -1 : gtid.seq;
        place.alone = isAloneStatement(change.ddl);
        place.identity = `${change.database}\n${change.ddl}`; // a statement that Connect emits again has another time
      }
    } catch (error) {
      this.unreadable(messageOf(error));
    }
  }

  private unreadable(reason: string): void {
    this.reset('unreadable');
    this.place.reason = reason;
  }

  /** The first server is the source's; whether another one may follow is for the reader of the page to say. */
  private met(uuid: string): void {
    if (uuid === this.uuid) return;
    this.writer?.addServer(uuid);
    if (this.uuid !== null) return;
    this.uuid = uuid;
    this.scanner = createScanner(uuid);
  }
}

/** Whole record batches, of which the records from an offset on are wanted. */
export interface WholeBatches {
  readonly batches: readonly RawRecords[];
  readonly from: number;
  readonly size: PageSize;
  /** A key or value is encoded in Avro. */
  readonly coded: boolean;
}

export function wholeBatches(batches: readonly RawRecords[], from: number): WholeBatches {
  let [count, payloadBytes, coded] = [0, 0, false];
  for (const batch of batches) {
    const record = new RecordCursor(batch);
    while (record.next()) {
      if (record.offset < from) continue;
      count += 1;
      payloadBytes += Math.max(0, record.keyLength) + Math.max(0, record.valueLength);
      const { bytes, keyAt, keyLength, valueAt, valueLength } = record;
      if ((bytes[valueAt] === MAGIC_BYTE && valueLength > 0) || (bytes[keyAt] === MAGIC_BYTE && keyLength > 0)) coded = true;
    }
  }
  return { batches, from, size: { count, payloadBytes }, coded };
}

/** The same records one by one. */
export function messagesOf({ batches, from }: WholeBatches): FetchedMessage[] {
  const messages: FetchedMessage[] = [];
  for (const batch of batches) {
    const record = new RecordCursor(batch);
    const view = (at: number, length: number): Buffer | null => (length < 0 ? null : batch.bytes.subarray(at, at + length));
    while (record.next()) {
      const { offset, timestampMs, headers } = record;
      const [key, value] = [view(record.keyAt, record.keyLength), view(record.valueAt, record.valueLength)];
      if (offset >= from) messages.push({ offset, timestampMs, key, value, headers });
    }
  }
  return messages;
}

/** The first byte of what a schema registry's serializers write; no JSON begins with it. */
const MAGIC_BYTE = 0;
