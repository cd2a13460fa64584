// What Kafka holds, asked of Kafka alone: per partition the offsets at which the hours begin, and the money in the messages between them.

import type { Admin, Kafka, KafkaMessage } from 'kafkajs';
import { randomUUID } from 'node:crypto';

/** Messages [from, until) of a partition that Kafka took in one hour. */
export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly until: bigint;
}

export interface KafkaReader {
  /** Messages taken in [fromMs, untilMs) by Kafka's time; partitions without any are left out. */
  ranges(topic: string, fromMs: number, untilMs: number): Promise<readonly OffsetRange[]>;
  /** Every message of the ranges, in no order between partitions. @throws when they are not all there in time */
  read(ranges: readonly OffsetRange[], onMessage: (range: OffsetRange, message: Pick<KafkaMessage, 'value'>) => void): Promise<void>;
}

const READ_MS_MAX = 60_000;

/** @param admin connected */
export function kafkaReader(kafka: Kafka, admin: Admin): KafkaReader {
  return {
    ranges: async (topic, fromMs, untilMs) => {
      const [first, last] = [
        await admin.fetchTopicOffsetsByTimestamp(topic, fromMs),
        await admin.fetchTopicOffsetsByTimestamp(topic, untilMs),
      ];
      return first.flatMap(({ partition, offset }): OffsetRange[] => {
        const until = BigInt(last.find((place) => place.partition === partition)?.offset ?? offset);
        return until > BigInt(offset) ? [{ topic, partition, from: BigInt(offset), until }] : [];
      });
    },
    read: (ranges, onMessage) => (ranges.length === 0 ? Promise.resolve() : readRanges(kafka, ranges, onMessage)),
  };
}

async function readRanges(
  kafka: Kafka,
  ranges: readonly OffsetRange[],
  onMessage: (range: OffsetRange, message: KafkaMessage) => void,
): Promise<void> {
  const groupId = `ledgerflow-self-${process.pid}-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, sessionTimeout: 10_000 });
  const open = new Set(ranges);
  const next = new Map<OffsetRange, bigint>(ranges.map((range) => [range, range.from]));
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${open.size} ranges of messages were not read within ${READ_MS_MAX} ms`)),
        READ_MS_MAX,
      );
      const finish = (): void => {
        clearTimeout(late);
        resolve();
      };
      const take = (topic: string, partition: number, message: KafkaMessage): void => {
        const offset = BigInt(message.offset);
        for (const range of open) {
          if (range.topic !== topic || range.partition !== partition || offset < (next.get(range) ?? 0n)) continue;
          if (offset < range.until) onMessage(range, message);
          next.set(range, offset + 1n);
          if (offset + 1n >= range.until) open.delete(range);
        }
        if (open.size === 0) finish();
      };
      consume(consumer, ranges, take).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}

async function consume(
  consumer: ReturnType<Kafka['consumer']>,
  ranges: readonly OffsetRange[],
  take: (topic: string, partition: number, message: KafkaMessage) => void,
): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: [...new Set(ranges.map(({ topic }) => topic))], fromBeginning: true });
  consumer.on(consumer.events.GROUP_JOIN, () => {
    const first = new Map<string, OffsetRange>();
    for (const range of ranges) {
      const place = `${range.topic}/${range.partition}`;
      const known = first.get(place);
      if (known === undefined || range.from < known.from) first.set(place, range);
    }
    for (const { topic, partition, from } of first.values()) consumer.seek({ topic, partition, offset: String(from) });
  });
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ topic, partition, message }) => {
      take(topic, partition, message);
      return Promise.resolve();
    },
  });
}
