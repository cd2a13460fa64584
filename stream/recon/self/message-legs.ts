// The legs that compare messages: Kafka with bronze by offsets, and bronze's applied messages with the versions in silver.

import type { KafkaMessage } from 'kafkajs';
import { messageOf } from '../../../infra/runtime/errors.ts';
import type { TextQuery, TextRow } from '../../../lake/verify/side.ts';
import { compareTallies, unproven, type LegCount, type LegPlace } from './leg.ts';
import type { KafkaReader, OffsetRange } from './kafka.ts';
import { messageMoney } from './message-money.ts';
import {
  bronzeSql,
  differingVersionsSql,
  offsetsSql,
  versionsSql,
  type CommitSpan,
  type HourRange,
  type MessagePlace,
} from './message-sql.ts';
import { NAMED_MAX, type NamedKey } from './name-keys.ts';
import type { TableShape } from './shape.ts';
import { addRow, type Bucket, type Tally } from './tally.ts';

/** Messages of one table and run; more are not compared one by one. */
const MESSAGES_MAX = 1_000_000;
/** Messages of one table and run that are read from Kafka for their money. */
const READ_MAX = 100_000;
/** Commits are looked for from this long before an hour: clocks of the machines may differ. */
const SKEW_MINUTES = 60;

export interface MessageInput {
  readonly shape: TableShape;
  readonly topic: string;
  /** Why the table's versions cannot be compared; null when they can. */
  readonly obstacle: string | null;
  readonly ranges: readonly HourRange[];
}

export interface MessagePorts {
  readonly kafka: KafkaReader;
  readonly query: TextQuery;
  /** Messages are JSON, as against Avro: their money can be read. */
  readonly readable: boolean;
}

export async function messageLegs(input: MessageInput, ports: MessagePorts): Promise<LegCount[]> {
  const { shape, topic, ranges, obstacle } = input;
  const kafkaPlace: LegPlace = { leg: 'kafka_bronze', table: shape.table };
  const versionsPlace: LegPlace = { leg: 'bronze_silver', table: shape.table };
  const messages = ranges.reduce((sum, { from, until }) => sum + (until - from), 0n);
  if (messages === 0n) return [];
  if (messages > BigInt(MESSAGES_MAX)) {
    const reason = `${messages} messages are more than ${MESSAGES_MAX}: narrow it with --hour`;
    return [unproven(kafkaPlace, reason), unproven(versionsPlace, reason)];
  }
  const first = ranges.map(({ bucket }) => bucket).sort()[0] ?? '';
  const place: MessagePlace = { topic, ranges, sinceCommit: await commitSince(ports.query, first) };
  const bronze = await ports.query(bronzeSql(shape, place));
  const arrived = await kafkaLeg({ shape, place, bronze, messages }, ports);
  if (obstacle !== null) return [...arrived, unproven(versionsPlace, obstacle)];
  return [...arrived, ...(await versionsLeg(versionsPlace, { shape, place, bronze }, ports.query))];
}

async function commitSince(query: TextQuery, hour: Bucket): Promise<bigint> {
  const from = `TIMESTAMPTZ '${hour}+00' - INTERVAL ${SKEW_MINUTES} MINUTE`;
  const [row] = await query(`SELECT coalesce(min(commit_id), 9007199254740991) FROM ops.commits WHERE committed_at >= ${from}`);
  return BigInt(row?.[0] ?? 0);
}

interface Held {
  readonly shape: TableShape;
  readonly place: MessagePlace;
  /** Rows of bronzeSql. */
  readonly bronze: readonly TextRow[];
}

async function kafkaLeg({ shape, place, bronze, messages }: Held & { messages: bigint }, ports: MessagePorts): Promise<LegCount[]> {
  const sent = await sentTally({ shape, ranges: place.ranges, withMoney: messages <= BigInt(READ_MAX) }, ports);
  const [held, exempt] = [new Map() as Tally, new Map<Bucket, Record<string, number>>()];
  for (const row of bronze) {
    addRow(held, row);
    const [hour, , rows, , disposition] = row;
    const own = exempt.get(hour ?? '') ?? {};
    own[disposition ?? ''] = (own[disposition ?? ''] ?? 0) + Number(rows);
    exempt.set(hour ?? '', own);
  }
  for (const [bucket, { parked = 0 }] of exempt) {
    const count = sent.get(bucket);
    if (parked > 0 && count !== undefined) count.sums = null; // what a parked message says of money is not to be trusted
  }
  const counts: LegCount[] = [];
  for (const count of compareTallies({ leg: 'kafka_bronze', table: shape.table }, sent, held)) {
    const { applied: _applied, ...others } = exempt.get(count.bucket) ?? {};
    const named = count.status === 'different' ? await ports.query(offsetsSql(place, count.bucket, NAMED_MAX)) : [];
    counts.push({ ...count, exempt: others, named: named.map(([key, what]) => namedKey(key, what)) });
  }
  return counts;
}

interface Sent {
  readonly shape: TableShape;
  readonly ranges: readonly HourRange[];
  readonly withMoney: boolean;
}

/** What Kafka holds: messages by their offsets, money by reading them. */
async function sentTally({ shape, ranges, withMoney }: Sent, { kafka, readable }: MessagePorts): Promise<Tally> {
  const tally: Tally = new Map();
  for (const { bucket, from, until } of ranges) addRow(tally, [bucket, '', String(until - from), null]);
  if (shape.money === null || !withMoney || !readable) return tally;
  for (const count of tally.values()) count.sums = new Map();
  const add = (range: OffsetRange, { value }: Pick<KafkaMessage, 'value'>): void => {
    const money = messageMoney(value, shape);
    const sums = tally.get((range as HourRange).bucket)?.sums;
    if (money !== null) sums?.set(money.currency, (sums.get(money.currency) ?? 0n) + money.amount);
  };
  try {
    await kafka.read(ranges, add);
  } catch (error) {
    throw new Error(`the messages of ${shape.table} cannot be read from Kafka: ${messageOf(error)}`, { cause: error });
  }
  return tally;
}

async function versionsLeg(place: LegPlace, { shape, place: at, bronze }: Held, query: TextQuery): Promise<LegCount[]> {
  const commits = bronze.flatMap(([, , , , , low, high]) => [BigInt(low ?? 0), BigInt(high ?? 0)]);
  if (commits.length === 0) return [];
  const span: CommitSpan = {
    first: commits.reduce((least, commit) => (commit < least ? commit : least)),
    last: commits.reduce((most, commit) => (commit > most ? commit : most)),
  };
  const [left, right] = [new Map() as Tally, new Map() as Tally];
  for (const [hour = '', currency = '', messages = '0', sent = null, versions = '0', kept = null] of await query(
    versionsSql(shape, at, span),
  )) {
    addRow(left, [hour, currency, messages, sent]);
    addRow(right, [hour, currency, versions, kept]);
  }
  const counts: LegCount[] = [];
  for (const count of compareTallies(place, left, right)) {
    if (count.bucket === '' && count.status === 'equal') continue; // of other hours, in commits at the edge
    const where = { span, bucket: count.bucket, limit: NAMED_MAX };
    const named = count.status === 'different' ? await query(differingVersionsSql(shape, at, where)) : [];
    counts.push({ ...count, named: named.map(([key, what, one, other]) => namedKey(key, what, [one ?? null, other ?? null])) });
  }
  return counts;
}

function namedKey(key: string | null | undefined, what: string | null | undefined, [left, right]: (string | null)[] = []): NamedKey {
  return { key: key ?? '', what: (what ?? 'missing') as NamedKey['what'], left: left ?? null, right: right ?? null };
}
