// What the topics commands and pages ask the broker. Offsets and sizes are bigint: they are exact however large they grow.

import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import kafkajs, { type Admin } from 'kafkajs';
import { createKafka } from './client.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';

export interface PartitionInfo {
  readonly partition: number;
  readonly leader: number;
  readonly low: bigint;
  readonly high: bigint;
  /** Bytes on this machine's disk; null when the broker is elsewhere. */
  readonly bytes: bigint | null;
}

export interface TopicInfo {
  readonly topic: string;
  readonly partitions: readonly PartitionInfo[];
  /** Settings that decide about retention, as the broker gives them. */
  readonly settings: Readonly<Record<string, string>>;
}

const SETTINGS_SHOWN = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'max.message.bytes', 'compression.type'];
const { ConfigResourceTypes } = kafkajs;

/** Runs `work` with a connected admin client. @throws LedgerflowError LF_KAFKA_UNREACHABLE */
export async function withAdmin<T>(brokers: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createKafka(brokers, { clientId: 'ledgerflow-cli', requestRetriesMax: 2 }).admin();
  try {
    await admin.connect();
  } catch (error) {
    throw new LedgerflowError('LF_KAFKA_UNREACHABLE', `no Kafka broker answers: ${messageOf(error)}`, { where: brokers, cause: error });
  }
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Names of the topics, the broker's own ones left out, sorted. */
export async function topicNames(admin: Admin): Promise<string[]> {
  const names = await admin.listTopics();
  return names.filter((name) => name !== '__consumer_offsets' && name !== '__transaction_state').sort();
}

/** @throws LedgerflowError LF_TOPIC_UNKNOWN */
export async function requireTopic(admin: Admin, topic: string): Promise<void> {
  const names = await admin.listTopics();
  if (!names.includes(topic)) throw new LedgerflowError('LF_TOPIC_UNKNOWN', `there is no topic ${topic}`);
}

/** Everything shown about the topics; `brokerFolder` is where the native broker keeps its data, when it is on this machine. */
export async function describeTopics(admin: Admin, topics: readonly string[], brokerFolder: string | null): Promise<TopicInfo[]> {
  if (topics.length === 0) return [];
  const [metadata, settings] = await Promise.all([admin.fetchTopicMetadata({ topics: [...topics] }), settingsOf(admin, topics)]);
  const sizes = brokerFolder === null ? null : partitionSizes(brokerFolder);
  const described = metadata.topics.map(async ({ name, partitions }): Promise<TopicInfo> => {
    const offsets = await admin.fetchTopicOffsets(name);
    const infos = partitions.map(({ partitionId, leader }) => {
      const found = offsets.find((entry) => entry.partition === partitionId);
      const bytes = sizes?.get(`${name}-${partitionId}`) ?? null;
      return { partition: partitionId, leader, low: BigInt(found?.low ?? 0), high: BigInt(found?.high ?? 0), bytes };
    });
    return { topic: name, partitions: infos.sort((a, b) => a.partition - b.partition), settings: settings.get(name) ?? {} };
  });
  return (await Promise.all(described)).sort((a, b) => (a.topic < b.topic ? -1 : 1));
}

export function messagesIn(topic: TopicInfo): bigint {
  return topic.partitions.reduce((sum, { low, high }) => sum + (high - low), 0n);
}

/** Bytes of all partitions, or null when the broker's disk cannot be seen from here. */
export function bytesOf(topic: TopicInfo): bigint | null {
  return topic.partitions.reduce<bigint | null>((sum, { bytes }) => (sum === null || bytes === null ? null : sum + bytes), 0n);
}

async function settingsOf(admin: Admin, topics: readonly string[]): Promise<Map<string, Record<string, string>>> {
  const resources = topics.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: SETTINGS_SHOWN }));
  const answer = await admin.describeConfigs({ includeSynonyms: false, resources });
  return new Map(
    answer.resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}

/** `<topic>-<partition>` -> bytes, from the folders of the native broker. */
function partitionSizes(folder: string): Map<string, bigint> {
  const sizes = new Map<string, bigint>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const name = path.basename(entry.parentPath);
    const bytes = statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
    sizes.set(name, (sizes.get(name) ?? 0n) + BigInt(bytes));
  }
  return sizes;
}
