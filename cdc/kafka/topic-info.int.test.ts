// `ledgerflow topics` against a real broker: names, offsets, sizes, and reading from every place.

import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKafka } from './client.ts';
import { startBroker, type TestBroker } from '../../test/support/kafka-broker.ts';
import { bytesOf, describeTopics, messagesIn, requireTopic, topicNames, withAdmin } from './topic-info.ts';
import { tailTopic } from './topic-tail.ts';

const TOPIC = 'bank_server.bank.accounts';
const BIG = '{"id":9223372036854775807}';
const START_MS = Date.parse('2026-11-21T10:00:00Z');
let broker: TestBroker;

beforeAll(async () => {
  broker = await startBroker();
  const kafka = createKafka(broker.brokers);
  await withAdmin(broker.brokers, async (admin) => {
    const configEntries = [{ name: 'retention.ms', value: '-1' }];
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 2, configEntries }], waitForLeaders: true });
  });
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: 10 }, (_, i) => ({
    partition: i % 2,
    key: `{"id":${i}}`,
    value: i === 9 ? null : BIG,
    timestamp: String(START_MS + i * 1_000),
  }));
  await producer.send({ topic: TOPIC, messages });
  await producer.disconnect();
});

afterAll(async () => {
  await broker?.[Symbol.asyncDispose]();
});

async function tail(from: string, limits: { countMax?: number; follow?: boolean; signal?: AbortSignal } = {}): Promise<string[]> {
  const seen: string[] = [];
  const { countMax = 1_000, follow = false, signal = AbortSignal.timeout(60_000) } = limits;
  const count = await tailTopic(createKafka(broker.brokers), { topic: TOPIC, from, countMax, follow, signal }, (partition, message) =>
    seen.push(`${partition}@${message.offset}=${message.value?.toString() ?? 'null'}`),
  );
  expect(count).toBe(seen.length);
  return seen.sort();
}

describe('topics', () => {
  it('are listed and described with offsets, retention and size on disk', async () => {
    const [topic] = await withAdmin(broker.brokers, async (admin) => {
      expect(await topicNames(admin)).toContain(TOPIC);
      return describeTopics(admin, [TOPIC], path.join(broker.home, 'kafka'));
    });
    expect(topic?.partitions.map(({ low, high }) => [low, high])).toEqual([
      [0n, 5n],
      [0n, 5n],
    ]);
    expect(messagesIn(topic!)).toBe(10n);
    expect(bytesOf(topic!)).toBeGreaterThan(0n);
    expect(topic?.settings).toMatchObject({ 'retention.ms': '-1', 'cleanup.policy': 'delete' });
  });

  it('are refused by name when they do not exist', async () => {
    const result = withAdmin(broker.brokers, (admin) => requireTopic(admin, 'no.such.topic'));
    await expect(result).rejects.toMatchObject({ code: 'LF_TOPIC_UNKNOWN' });
  });

  it('a broker that does not answer is named', async () => {
    await expect(withAdmin('127.0.0.1:1', (admin) => topicNames(admin))).rejects.toMatchObject({ code: 'LF_KAFKA_UNREACHABLE' });
  });
});

describe('tail', () => {
  it('reads all from the beginning and stops at the end', async () => {
    const seen = await tail('beginning');
    expect(seen).toHaveLength(10);
    expect(seen).toContain(`0@0=${BIG}`);
    expect(seen).toContain('1@4=null');
  });

  it('starts at an offset, clamped to what there is', async () => {
    expect(await tail('4')).toEqual([`0@4=${BIG}`, '1@4=null']);
    expect(await tail('99')).toEqual([]);
  });

  it('starts at a time', async () => {
    expect(await tail('2026-11-21T10:00:08Z')).toEqual([`0@4=${BIG}`, '1@4=null']);
  });

  it('stops at the count', async () => {
    expect(await tail('beginning', { countMax: 3, follow: true })).toHaveLength(3);
  });

  it('ends when it is told to, although it follows', async () => {
    expect(await tail('end', { follow: true, signal: AbortSignal.timeout(1_500) })).toEqual([]);
  });

  it('leaves no consumer group behind', async () => {
    const groups = await withAdmin(broker.brokers, (admin) => admin.listGroups());
    expect(groups.groups.filter(({ groupId }) => groupId.startsWith('ledgerflow-tail'))).toEqual([]);
  });
});
