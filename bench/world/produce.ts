// Writes the changes to Kafka in large lz4 batches, as a backlog that Debezium left looks.

import kafkajs, { type Kafka } from 'kafkajs';
import { ChangeWorld, type ChangeTopic } from './changes.ts';
import type { BenchMessage } from './rows.ts';
import type { WorldSizes } from './sizes.ts';
import { BENCH_TABLES, schemaEvent } from './tables.ts';

export const TOPIC_PREFIX = 'bank_server';
const TRANSACTIONS_PER_SEND = 1_000;
const EVENTS_PER_TRANSACTION = 4;

export interface Backlog {
  readonly events: number;
  readonly messages: number;
  readonly valueBytes: number;
  readonly lastSeq: number;
  readonly topics: readonly string[];
  readonly produceSeconds: number;
}

export function topicOf(topic: ChangeTopic): string {
  return topic === 'transaction' ? `${TOPIC_PREFIX}.transaction` : `${TOPIC_PREFIX}.bank.${topic}`;
}

/** Makes the topics, one partition each, and fills them. */
export async function produceBacklog(kafka: Kafka, sizes: WorldSizes, events: number): Promise<Backlog> {
  const started = performance.now();
  const topics = [...BENCH_TABLES.map(topicOf), topicOf('transaction')];
  const admin = kafka.admin();
  await admin.connect();
  const configEntries = [{ name: 'retention.ms', value: '-1' }];
  const settings = { numPartitions: 1, replicationFactor: 1, configEntries };
  await admin.createTopics({ topics: [...topics, TOPIC_PREFIX, '_connect_offsets'].map((topic) => ({ topic, ...settings })) });
  await admin.disconnect();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({
    topic: TOPIC_PREFIX,
    messages: BENCH_TABLES.map((table) => ({ key: '{"databaseName":"bank"}', value: schemaEvent(table) })),
  });
  const counted = await produceChanges(producer, sizes, events);
  await producer.disconnect();
  return { events, ...counted, topics, produceSeconds: (performance.now() - started) / 1_000 };
}

async function produceChanges(
  producer: ReturnType<Kafka['producer']>,
  sizes: WorldSizes,
  events: number,
): Promise<{ messages: number; valueBytes: number; lastSeq: number }> {
  let pending = new Map<string, BenchMessage[]>();
  let [messages, valueBytes] = [0, 0];
  const world = new ChangeWorld(sizes, (topic, message) => {
    const name = topicOf(topic);
    const list = pending.get(name);
    if (list === undefined) pending.set(name, [message]);
    else list.push(message);
    messages += 1;
    valueBytes += message.value?.length ?? 0;
  });
  for (let done = 0; done < events;) {
    for (let i = 0; i < TRANSACTIONS_PER_SEND && done < events; i += 1, done += EVENTS_PER_TRANSACTION) world.step();
    const topicMessages = [...pending].map(([topic, list]) => ({ topic, messages: list }));
    pending = new Map();
    await producer.sendBatch({ topicMessages, compression: kafkajs.CompressionTypes.LZ4 });
  }
  return { messages, valueBytes, lastSeq: world.lastSeq };
}
