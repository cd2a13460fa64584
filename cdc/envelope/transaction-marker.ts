// BEGIN and END records of topic <prefix>.transaction. BEGIN says nothing that the data does not say, so it is known by one byte.

import { topicPart } from '../connector/topic-names.ts';
import { parseGtid, type Seq } from '../position.ts';

/** Rows a transaction has in one table. */
export interface CollectionCount {
  /** `<database>.<table>` as the table's topic has it: characters that Kafka does not allow are '_'. */
  readonly data_collection: string;
  readonly event_count: number;
}

/** Debezium's own counts of an END record. */
export interface EndCounts {
  /** Rows of all captured tables; 0 when the transaction touched none of them. */
  readonly event_count: number;
  readonly data_collections: readonly CollectionCount[];
}

/** `uuid` is the server of the GTID (`uuid`, or `uuid:tag` of a tagged one). */
export type TransactionMarker =
  | { readonly status: 'BEGIN'; readonly uuid: string; readonly seq: Seq }
  | { readonly status: 'END'; readonly uuid: string; readonly seq: Seq; readonly counts: EndCounts };

const STATUS_KEY = Buffer.from('{"status":"');
const BEGIN_HEAD = Buffer.from('{"status":"BEGIN","id":"');
const BEGIN = 'B'.charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);

/** BEGIN by one byte, without parsing. */
export function isBegin(value: Buffer): boolean {
  return value[STATUS_KEY.length] === BEGIN;
}

interface RawMarker {
  readonly status?: unknown;
  readonly id?: unknown;
  readonly event_count?: unknown;
  readonly data_collections?: readonly CollectionCount[] | null;
}

/** @throws Error saying what is wrong when the value is not a transaction marker */
export function parseTransactionMarker(value: Buffer): TransactionMarker {
  if (isBegin(value) && value.subarray(0, BEGIN_HEAD.length).equals(BEGIN_HEAD)) {
    return { status: 'BEGIN', ...readId(value.toString('latin1', BEGIN_HEAD.length, value.indexOf(QUOTE, BEGIN_HEAD.length))) };
  }
  const raw = JSON.parse(value.toString('utf8')) as RawMarker | null;
  if (raw === null || typeof raw !== 'object' || typeof raw.id !== 'string') throw new Error('a transaction marker without id');
  const id = readId(raw.id);
  if (raw.status === 'BEGIN') return { status: 'BEGIN', ...id };
  if (raw.status !== 'END') throw new Error(`a transaction marker with status ${JSON.stringify(raw.status)}`);
  return { status: 'END', ...id, counts: readCounts(raw, raw.id) };
}

function readId(id: string): { uuid: string; seq: Seq } {
  const gtid = parseGtid(id);
  return { uuid: gtid.tag === null ? gtid.uuid : `${gtid.uuid}:${gtid.tag}`, seq: gtid.seq };
}

function readCounts(raw: RawMarker, id: string): EndCounts {
  const collections = raw.data_collections ?? [];
  if (!isCount(raw.event_count) || !collections.every((entry) => typeof entry.data_collection === 'string' && isCount(entry.event_count))) {
    throw new Error(`END of ${id} without counts`);
  }
  const total = collections.reduce((sum, entry) => sum + entry.event_count, 0);
  if (total !== raw.event_count) throw new Error(`END of ${id} counts ${raw.event_count} events but its tables ${total}`);
  return { event_count: raw.event_count, data_collections: byTopic(collections) };
}

const PLAIN = /^[A-Za-z0-9._-]*$/;

/** Counts by topic: two tables whose names become the same are counted as one, because their events come in one topic. */
function byTopic(collections: readonly CollectionCount[]): readonly CollectionCount[] {
  if (collections.every((entry) => PLAIN.test(entry.data_collection))) return collections;
  const counts = new Map<string, number>();
  for (const { data_collection, event_count } of collections) {
    const name = topicPart(data_collection);
    counts.set(name, (counts.get(name) ?? 0) + event_count);
  }
  return [...counts].map(([data_collection, event_count]) => ({ data_collection, event_count }));
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Table of `<database>.<table>`: `bank.dot.ted` is table `dot.ted`. */
export function tableOfCollection(collection: string): string {
  return collection.slice(collection.indexOf('.') + 1);
}
