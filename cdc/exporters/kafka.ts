// Figures of Kafka for /metrics, by its admin interface: brokers, offsets by partition, how long messages are kept.

import kafkajs from 'kafkajs';
import { createKafka } from '../kafka/client.ts';

export interface PartitionFigures {
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

export interface KafkaFigures {
  readonly brokers: number;
  readonly partitions: readonly PartitionFigures[];
  /** Seconds by topic; -1: for ever. */
  readonly retention: ReadonlyMap<string, number>;
}

/**
 * Figures of the topics of one prefix: `bank_server` and `bank_server.…`.
 * @throws Error of the client when the broker does not answer
 */
export async function readKafka(brokers: string, prefix: string): Promise<KafkaFigures> {
  const admin = createKafka(brokers, { clientId: 'ledgerflow-export' }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic === prefix || topic.startsWith(`${prefix}.`)).sort();
    const { brokers: cluster } = await admin.describeCluster();
    const partitions: PartitionFigures[] = [];
    for (const topic of topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
        partitions.push({ topic, partition, start: Number(low), end: Number(high) });
    }
    return { brokers: cluster.length, partitions, retention: topics.length === 0 ? new Map() : await retentionOf(admin, topics) };
  } finally {
    await admin.disconnect();
  }
}

async function retentionOf(admin: kafkajs.Admin, topics: readonly string[]): Promise<Map<string, number>> {
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type, name, configNames: ['retention.ms'] })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => {
      const ms = Number(configEntries.find(({ configName }) => configName === 'retention.ms')?.configValue ?? -1);
      return [resourceName, ms < 0 ? -1 : ms / 1_000];
    }),
  );
}
