// Somebody else who writes into captured topics, and reads ours: for tests of parked records.

import type { KafkaMessage } from 'kafkajs';
import { createKafka } from '../../cdc/kafka/client.ts';
import { changeValue, TEST_UUID, type ChangeSpec } from './envelopes.ts';

export interface Stray {
  readonly key: string | null;
  readonly value: Buffer | string;
}

export async function writeStrays(brokers: string, topic: string, messages: readonly Stray[]): Promise<void> {
  const producer = createKafka(brokers).producer();
  await producer.connect();
  await producer.send({ topic, messages: [...messages] });
  await producer.disconnect();
}

export async function createTopic(brokers: string, topic: string): Promise<void> {
  const admin = createKafka(brokers).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  await admin.disconnect();
}

/** A change event as the connector of this very server would write it. */
export function forged(uuid: string, spec: ChangeSpec): Buffer {
  return Buffer.from(changeValue(spec).toString('latin1').replaceAll(TEST_UUID, uuid), 'latin1');
}

const READ_DEADLINE_MS = 30_000;

/** All messages that the topic's one partition holds now. */
export async function readTopic(brokers: string, topic: string): Promise<KafkaMessage[]> {
  const kafka = createKafka(brokers);
  const admin = kafka.admin();
  await admin.connect();
  const end = Number((await admin.fetchTopicOffsets(topic))[0]?.high ?? 0);
  await admin.disconnect();
  const found: KafkaMessage[] = [];
  if (end === 0) return found;
  const consumer = kafka.consumer({ groupId: `test-${process.pid}-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`read ${found.length} of ${end} messages of ${topic}`)), READ_DEADLINE_MS);
    const eachMessage = ({ message }: { message: KafkaMessage }): Promise<void> => {
      found.push(message);
      if (Number(message.offset) === end - 1) {
        clearTimeout(timer);
        resolve();
      }
      return Promise.resolve();
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return found;
}

/** Headers as text. */
export function headersOf(message: KafkaMessage | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(message?.headers ?? {}).map(([name, value]) => [name, String(value)]));
}
