// The source on a real broker: every form in which messages are written arrives as kafkajs itself reads it, pauses hold, a start reads
// on from its positions, and a thread that dies is a failure of the source.

import kafkajs, { type Consumer, type KafkaMessage } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from '../../cdc/envelope/page.ts';
import { createKafka } from '../../cdc/kafka/client.ts';
import { startBroker, type TestBroker } from '../../test/support/kafka-broker.ts';
import { headersText } from './fetch/kafka-message.ts';
import { KafkaSource } from './source.ts';

const { CompressionTypes } = kafkajs;
const FORMS = 'forms';
const APPENDED = 'appended';
const log = pino({ level: 'silent' });
let broker: TestBroker;

interface Seen {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: string | null;
}

/** A source over `topics` and what it has delivered, by topic and partition. */
function listen(topics: readonly string[], positions: { topic: string; partition: number; offset: number }[] = []) {
  const seen = new Map<string, Seen[]>();
  const failures: unknown[] = [];
  const source = new KafkaSource({
    brokers: broker.brokers,
    sink: {
      page: (page) => {
        const lane = `${page.topic}/${page.partition}`;
        seen.set(lane, [...(seen.get(lane) ?? []), ...messagesOf(page)]);
      },
      positions: () => positions,
      failed: (error) => failures.push(error),
    },
    roleOf: () => 'other',
    serverUuid: null,
    registryUrl: undefined,
    privacy: null,
    log,
  });
  const begin = async (): Promise<void> => {
    await source.connect();
    await source.subscribe(topics);
  };
  return { source, seen, failures, begin };
}

function messagesOf(page: Page): Seen[] {
  const hex = (bytes: Buffer | null): string | null => bytes?.toString('hex') ?? null;
  return Array.from({ length: page.count }, (_, i) => ({
    offset: page.offset[i]!,
    timestampMs: page.timestampMs[i]!,
    key: hex(page.key(i)),
    value: hex(page.value(i)),
    headers: page.headers.get(i) ?? null,
  }));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** What an ordinary kafkajs consumer reads. */
async function read(consumer: Consumer, topic: string, last: (message: KafkaMessage) => boolean): Promise<Seen[]> {
  const found: Seen[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: ({ message }) => {
        const { key, value, offset, timestamp, headers } = message;
        found.push({
          ...{ offset: Number(offset), timestampMs: Number(timestamp), headers: headersText(headers) },
          ...{ key: key?.toString('hex') ?? null, value: value?.toString('hex') ?? null },
        });
        if (last(message)) resolve();
        return Promise.resolve();
      },
    });
  });
  await consumer.disconnect();
  return found;
}

async function produceForms(): Promise<void> {
  const kafka = createKafka(broker.brokers);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [
      { topic: FORMS, numPartitions: 1, configEntries: [{ name: 'max.message.bytes', value: '10000000' }] },
      { topic: APPENDED, numPartitions: 1, configEntries: [{ name: 'message.timestamp.type', value: 'LogAppendTime' }] },
    ],
  });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  const messages = [
    { key: 'k', value: 'v', timestamp: '1795243773389' },
    { key: null, value: null, timestamp: '0' },
    { key: Buffer.alloc(0), value: Buffer.alloc(0), timestamp: '1795243774000' },
    { key: 'h', value: 'w', headers: { one: '1', many: ['a', 'b'], bytes: Buffer.from([0xc3, 0xa9]) } },
    { key: Buffer.from([0, 255, 10]), value: 'x'.repeat(70_000) },
  ];
  for (const compression of [CompressionTypes.None, CompressionTypes.GZIP, CompressionTypes.LZ4]) {
    await producer.send({ topic: FORMS, compression, messages });
    await producer.send({ topic: FORMS, compression, messages: [{ key: 'big', value: Buffer.alloc(5_000_000, 'y') }] });
    await producer.send({ topic: APPENDED, compression, messages });
  }
  await producer.disconnect();
  const transactional = kafka.producer({ transactionalId: 't', idempotent: true, maxInFlightRequests: 1 });
  await transactional.connect();
  for (const outcome of ['abort', 'commit'] as const) {
    const transaction = await transactional.transaction();
    await transaction.send({
      topic: FORMS,
      messages: [
        { key: outcome, value: outcome },
        { key: outcome, value: null },
      ],
    });
    await transaction[outcome]();
  }
  await transactional.send({ topic: FORMS, messages: [{ key: 'last', value: 'last' }] });
  await transactional.disconnect();
}

beforeAll(async () => {
  broker = await startBroker();
  await produceForms();
});
afterAll(() => broker[Symbol.asyncDispose]());

describe('KafkaSource', () => {
  it('delivers what kafkajs reads: compressed or not, nulls, headers, 5 MB values, transactions, both kinds of time', async () => {
    const kafka = createKafka(broker.brokers);
    const forms = await read(kafka.consumer({ groupId: 'a' }), FORMS, ({ key }) => key?.toString() === 'last');
    const appended = await read(kafka.consumer({ groupId: 'b' }), APPENDED, ({ offset }) => offset === '14');
    const { source, seen, failures, begin } = listen([FORMS, APPENDED]);
    await begin();
    await until(
      () =>
        failures.length > 0 ||
        (seen.get(`${FORMS}/0`)?.at(-1)?.offset === forms.at(-1)?.offset && seen.get(`${APPENDED}/0`)?.length === 15),
    );
    await source[Symbol.asyncDispose]();
    expect(failures).toEqual([]);
    expect(seen.get(`${FORMS}/0`)).toEqual(forms);
    expect(seen.get(`${APPENDED}/0`)).toEqual(appended);
    expect(forms.length).toBe(21);
  });

  it('begins at its positions, inside of a record batch too, and goes on after a new subscription', async () => {
    const { source, seen, begin } = listen([FORMS], [{ topic: FORMS, partition: 0, offset: 7 }]);
    await begin();
    await until(() => (seen.get(`${FORMS}/0`)?.length ?? 0) >= 5);
    await source.subscribe([FORMS, APPENDED]);
    await until(() => seen.get(`${APPENDED}/0`)?.length === 15 && (seen.get(`${FORMS}/0`)?.length ?? 0) >= 14);
    await source[Symbol.asyncDispose]();
    const offsets = seen.get(`${FORMS}/0`)?.map(({ offset }) => offset) ?? [];
    expect(offsets[0]).toBe(7);
    expect(offsets.slice(0, 11)).toEqual(Array.from({ length: 11 }, (_, i) => 7 + i));
    expect(new Set(offsets).size).toBe(offsets.length);
  });

  it('holds a paused partition until it is resumed', async () => {
    const kafka = createKafka(broker.brokers);
    const producer = kafka.producer();
    await producer.connect();
    const topic = 'paused';
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await admin.disconnect();
    const { source, seen, begin } = listen([topic, APPENDED]);
    source.pause(topic, 0);
    await begin();
    await producer.send({ topic, messages: [{ value: '1' }] });
    await producer.send({ topic: APPENDED, messages: [{ value: 'after' }] });
    await until(() => seen.get(`${APPENDED}/0`)?.length === 16);
    expect(seen.get(`${topic}/0`)).toBeUndefined();
    source.resume(topic, 0);
    await until(() => seen.get(`${topic}/0`)?.length === 1);
    await producer.disconnect();
    await source[Symbol.asyncDispose]();
  });

  it('fails when its thread ends', async () => {
    const { source, failures, begin } = listen([APPENDED]);
    await begin();
    (source as unknown as { thread: { send(request: object): void } }).thread.send({ kind: 'nonsense' });
    await until(() => failures.length > 0);
    expect(failures[0]).toMatchObject({ code: 'LF_FETCH_ENDED', message: expect.stringMatching(/not a request/) as string });
    await expect(source.subscribe([APPENDED])).rejects.toMatchObject({ code: 'LF_FETCH_ENDED' });
    await source[Symbol.asyncDispose]();
  });
});
