// Reads a topic from a chosen place and hands over its messages as they are; used by `ledgerflow topics tail` and the topics page.

import { randomUUID } from 'node:crypto';
import type { Admin, Consumer, Kafka, KafkaMessage } from 'kafkajs';
import { LedgerflowError } from '../../infra/runtime/errors.ts';

export interface TailOptions {
  readonly topic: string;
  /** beginning, end, an offset, a time as ISO 8601, or `last N`: so many before the end of each partition. */
  readonly from: string;
  /** Stop after this many messages. */
  readonly countMax: number;
  /** Wait for more at the end, or stop at the end the topic had when the command began. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

export type TailStart = 'beginning' | 'end' | { readonly offset: bigint } | { readonly timeMs: number } | { readonly last: bigint };

/** Pure: what `--from` means. @throws LedgerflowError LF_USAGE */
export function parseFrom(from: string): TailStart {
  if (from === 'beginning' || from === 'end') return from;
  const [, last] = /^last (\d+)$/.exec(from) ?? [];
  if (last !== undefined) return { last: BigInt(last) };
  if (/^\d+$/.test(from)) return { offset: BigInt(from) };
  const timeMs = Date.parse(from);
  if (!Number.isNaN(timeMs)) return { timeMs };
  throw new LedgerflowError(
    'LF_USAGE',
    `--from ${from} is neither beginning, end, an offset, last N, nor a time such as 2026-11-21T10:00:00Z`,
  );
}

/** Calls `onMessage` for each message in order of arrival until the count, the end (without follow) or the signal. */
export async function tailTopic(
  kafka: Kafka,
  options: TailOptions,
  onMessage: (partition: number, message: KafkaMessage) => void,
): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const groupId = `ledgerflow-tail-${process.pid}-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, sessionTimeout: 10_000 });
  try {
    const ranges = await rangesOf(admin, options);
    if (options.countMax === 0 || (!options.follow && isEmpty(ranges))) return 0;
    return await consume(consumer, ranges, options, onMessage);
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined); // an empty group: the broker forgets it by itself
    await admin.disconnect();
  }
}

function isEmpty(ranges: ReadonlyMap<number, Range>): boolean {
  return [...ranges.values()].every(({ start, end }) => start >= end);
}

async function rangesOf(admin: Admin, { topic, from }: TailOptions): Promise<Map<number, Range>> {
  const place = parseFrom(from);
  const offsets = await admin.fetchTopicOffsets(topic);
  const byTime = typeof place === 'object' && 'timeMs' in place ? await admin.fetchTopicOffsetsByTimestamp(topic, place.timeMs) : [];
  return new Map(
    offsets.map(({ partition, low, high }) => {
      const bounds = { low: BigInt(low), high: BigInt(high) };
      const timed = BigInt(byTime.find((entry) => entry.partition === partition)?.offset ?? high);
      return [partition, { start: clamp(wantedStart(place, bounds, timed), bounds.low, bounds.high), end: bounds.high }];
    }),
  );
}

function wantedStart(place: TailStart, bounds: { readonly low: bigint; readonly high: bigint }, timed: bigint): bigint {
  if (place === 'beginning') return bounds.low;
  if (place === 'end') return bounds.high;
  if ('offset' in place) return place.offset;
  return 'last' in place ? bounds.high - place.last : timed;
}

function clamp(value: bigint, low: bigint, high: bigint): bigint {
  if (value < low) return low;
  return value > high ? high : value;
}

function consume(
  consumer: Consumer,
  ranges: ReadonlyMap<number, Range>,
  options: TailOptions,
  onMessage: (partition: number, message: KafkaMessage) => void,
): Promise<number> {
  const open = new Set([...ranges].filter(([, { start, end }]) => start < end).map(([partition]) => partition));
  let count = 0;
  return new Promise((resolve, reject) => {
    const finish = (): void => resolve(count);
    options.signal.addEventListener('abort', finish, { once: true });
    const take = (partition: number, message: KafkaMessage): void => {
      const offset = BigInt(message.offset);
      const range = ranges.get(partition);
      if (count >= options.countMax || (range !== undefined && offset < range.start)) return;
      if (options.follow || range === undefined || offset < range.end) {
        onMessage(partition, message);
        count += 1;
      }
      if (range !== undefined && offset + 1n >= range.end) open.delete(partition);
      if (count >= options.countMax || (!options.follow && open.size === 0)) finish();
    };
    start(consumer, ranges, options.topic, take).catch(reject);
  });
}

async function start(
  consumer: Consumer,
  ranges: ReadonlyMap<number, Range>,
  topic: string,
  take: (partition: number, message: KafkaMessage) => void,
): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const [partition, range] of ranges) consumer.seek({ topic, partition, offset: String(range.start) });
  });
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ partition, message }) => {
      take(partition, message);
      return Promise.resolve();
    },
  });
}
