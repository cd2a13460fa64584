// Creates the topics of all captured tables before the connector does, so that consumers can subscribe to all at once and every
// topic has the settings that replay needs: no compaction, no expiry. Reports topics that have other settings.

import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { createKafka } from '../kafka/client.ts';
import {
  ALERT_TOPIC,
  DEAD_LETTER_TOPIC,
  heartbeatTopic,
  notificationTopic,
  schemaHistoryTopic,
  schemaTopic,
  tableTopic,
  transactionTopic,
} from './topic-names.ts';

const { ConfigResourceTypes } = kafkajs; // a CommonJS module without named exports

export interface EnsureTopicsOptions {
  readonly brokers: string;
  readonly prefix: string;
  readonly database: string;
  /** Captured tables; their topics get `partitions` partitions, all others one. */
  readonly tables: readonly string[];
  readonly partitions?: number;
}

export interface TopicDrift {
  readonly topic: string;
  readonly setting: string;
  readonly found: string;
  readonly wanted: string;
}

export interface EnsuredTopics {
  readonly created: readonly string[];
  /** Empty when every topic is as it must be. */
  readonly drift: readonly TopicDrift[];
}

const MESSAGE_BYTES_MAX = '16777216';
const HEARTBEAT_RETENTION_MS = '3600000';
const CREATE_TIMEOUT_MS = 30_000;

type Settings = Readonly<Record<string, string>>;

const KEPT_FOR_EVER: Settings = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'max.message.bytes': MESSAGE_BYTES_MAX,
};
/** A value as large as a table's topic allows, and the headers that say why it was parked. */
const DEAD_LETTERS: Settings = { ...KEPT_FOR_EVER, 'max.message.bytes': '17825792' };
/** Nobody replays Debezium's heartbeats: they only move Connect's offset. */
const HEARTBEAT: Settings = { ...KEPT_FOR_EVER, 'retention.ms': HEARTBEAT_RETENTION_MS };

interface WantedTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly settings: Settings;
}

/** Pure: every topic of one connector. The transaction and schema topics have one partition each: their order is the source's. */
export function wantedTopics(options: Omit<EnsureTopicsOptions, 'brokers'>): WantedTopic[] {
  const { prefix, database, tables } = options;
  const single = [transactionTopic(prefix), schemaTopic(prefix), schemaHistoryTopic(prefix), notificationTopic(prefix)];
  return [
    ...tables.map((table) => ({
      topic: tableTopic({ prefix, database }, table),
      partitions: options.partitions ?? 1,
      settings: KEPT_FOR_EVER,
    })),
    ...single.map((topic) => ({ topic, partitions: 1, settings: KEPT_FOR_EVER })),
    { topic: heartbeatTopic(prefix), partitions: 1, settings: HEARTBEAT },
    { topic: DEAD_LETTER_TOPIC, partitions: 1, settings: DEAD_LETTERS },
    { topic: ALERT_TOPIC, partitions: 1, settings: KEPT_FOR_EVER },
  ];
}

/**
 * Creates what is missing and compares what is there. Never changes an existing topic.
 * @throws LedgerflowError LF_KAFKA_UNREACHABLE
 */
export async function ensureTopics(options: EnsureTopicsOptions): Promise<EnsuredTopics> {
  const wanted = wantedTopics(options);
  const admin = createKafka(options.brokers).admin();
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const missing = wanted.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0)
      await admin.createTopics({ topics: missing.map(topicConfig), waitForLeaders: true, timeout: CREATE_TIMEOUT_MS });
    const old = wanted.filter(({ topic }) => existing.has(topic));
    return { created: missing.map(({ topic }) => topic), drift: await findDrift(admin, old) };
  } catch (error) {
    throw new LedgerflowError('LF_KAFKA_UNREACHABLE', `the topics cannot be made ready: ${messageOf(error)}`, {
      where: options.brokers,
      cause: error,
    });
  } finally {
    await admin.disconnect();
  }
}

function topicConfig({ topic, partitions, settings }: WantedTopic): ITopicConfig {
  return { topic, numPartitions: partitions, configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })) };
}

async function findDrift(admin: Admin, wanted: readonly WantedTopic[]): Promise<TopicDrift[]> {
  if (wanted.length === 0) return [];
  const resources = wanted.map(({ topic, settings }) => ({
    type: ConfigResourceTypes.TOPIC,
    name: topic,
    configNames: Object.keys(settings),
  }));
  const described = await admin.describeConfigs({ resources, includeSynonyms: false });
  const found = new Map(
    described.resources.map((resource) => [
      resource.resourceName,
      new Map(resource.configEntries.map((entry) => [entry.configName, entry.configValue])),
    ]),
  );
  const metadata = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) });
  const partitions = new Map(metadata.topics.map((topic) => [topic.name, topic.partitions.length]));
  return wanted
    .flatMap((one) => [
      ...Object.entries(one.settings).map(([setting, value]) => ({
        topic: one.topic,
        setting,
        found: found.get(one.topic)?.get(setting) ?? '',
        wanted: value,
      })),
      { topic: one.topic, setting: 'partitions', found: String(partitions.get(one.topic) ?? 0), wanted: String(one.partitions) },
    ])
    .filter(isHarmful);
}

/** More retention or larger messages than wanted harm nobody. */
function isHarmful({ setting, found, wanted }: TopicDrift): boolean {
  if (found === wanted) return false;
  if (setting === 'retention.ms' || setting === 'retention.bytes')
    return found !== '-1' && (wanted === '-1' || Number(found) < Number(wanted));
  if (setting === 'max.message.bytes') return Number(found) < Number(wanted);
  return true;
}
