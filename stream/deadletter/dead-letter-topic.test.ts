// What is produced to the dead-letter topic, out of a real store: JSON, or Avro that the decoder reads once the registry answers.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Kafka, Message } from 'kafkajs';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Schema } from 'avsc';
import { FakeRegistry } from '../../cdc/codec/codec-testkit.ts';
import { MessageDecoder } from '../../cdc/codec/message-decoder.ts';
import { schemaIdOf } from '../../cdc/codec/wire-format.ts';
import { openTestStore, type TestStore } from '../../lake/store/testkit.ts';
import { runDeadLetterTopic } from './dead-letter-topic.ts';

const SCHEMA_ID = 41;
const GARBAGE = Buffer.from([0xff, 0x00, 0x01]);
let kit: TestStore;
let server: Server;
let sent: Message[];
let refuse: (messages: readonly Message[]) => boolean;
let registered: { subject: string | undefined; schema: string } | null;
let answers: boolean;
let logged: unknown[];

beforeEach(async () => {
  [sent, refuse, registered, answers, logged] = [[], () => false, null, true, []];
  kit = await openTestStore();
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (!answers) return response.writeHead(503).end('{}');
      if (request.method === 'GET') return response.writeHead(404).end('{"error_code":40401,"message":"no such subject"}');
      if (request.url?.startsWith('/subjects/') !== true) return response.end('{}');
      registered = { subject: request.url.split('/')[2], schema: (JSON.parse(body) as { schema: string }).schema };
      return response.end(`{"id":${SCHEMA_ID}}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await kit[Symbol.asyncDispose]();
});

async function park(value: Buffer | null): Promise<void> {
  const blob = value === null ? 'NULL' : `unhex('${value.toString('hex')}')`;
  await kit.store.writer
    .run(`INSERT INTO ops.parked (parked_id, topic, partition, kafka_offset, table_name, key, reason, detail, value, seq, ord, commit_id, parked_at, status)
    SELECT coalesce(max(parked_id), 0) + 1, 'bank_server.bank.accounts', 2, 9007199254740993, 'accounts', '{"account_id":1}'::BLOB, 'LF_SCHEMA_UNKNOWN', 'no schema', ${blob}, 5, 0, 1, now(), 'parked' FROM ops.parked`);
}

/** Runs until `done`, then ends it. */
async function produce(registryUrl: string | undefined, done: () => boolean): Promise<void> {
  const producer = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    send: ({ messages }: { messages: Message[] }) => {
      if (refuse(messages)) return Promise.reject(Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' }));
      sent.push(...messages);
      return Promise.resolve([]);
    },
  };
  const kafka = { producer: () => producer } as unknown as Pick<Kafka, 'producer'>;
  const connection = await kit.store.connect();
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const stop = new AbortController();
  const running = runDeadLetterTopic({ kafka, registryUrl, connection, onProduced: () => undefined, log, retryMs: 20 }, stop.signal);
  await expect.poll(done, { timeout: 20_000 }).toBe(true);
  stop.abort();
  await running;
  connection.closeSync();
}

const jsonOf = (message: Message | undefined): unknown => JSON.parse(String(message?.value));

it('is JSON without a registry: text as text, other bytes as base64, too large a value left out', async () => {
  await park(Buffer.from('{"op":'));
  await park(GARBAGE);
  await park(Buffer.alloc(1_000, 'x'));
  refuse = (messages) => messages.some(({ value }) => (value?.length ?? 0) > 1_000) || messages.length > 1;
  await produce(undefined, () => sent.length === 3);
  expect(sent.map(({ key }) => String(key))).toEqual(Array<string>(3).fill('{"account_id":1}'));
  expect(jsonOf(sent[0])).toMatchObject({
    key_text: '{"account_id":1}',
    value_text: '{"op":',
    value_bytes: null,
    reason: 'LF_SCHEMA_UNKNOWN',
    partition: 2,
  });
  expect(String(sent[0]?.value)).toContain('"offset":9007199254740993,');
  expect(jsonOf(sent[1])).toMatchObject({ value_text: null, value_bytes: GARBAGE.toString('base64'), value_omitted: null });
  expect(jsonOf(sent[2])).toMatchObject({ value_text: null, value_bytes: null, value_omitted: 1_000 });
  expect(sent[2]?.headers).toMatchObject({ value_omitted: '1000 bytes', offset: '9007199254740993' });
});

it('is Avro with a registry: waits while it does not answer, then produces everything, each record once', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers = false;
  await park(GARBAGE);
  await park(null);
  setTimeout(() => (answers = true), 500);
  await produce(url, () => sent.length >= 2);
  expect(logged).toEqual([expect.objectContaining({ code: 'LF_REGISTRY_UNREACHABLE' })]);
  expect(registered?.subject).toBe('ledgerflow.dlq-value');
  expect(sent.map(({ value }) => schemaIdOf(value as Buffer))).toEqual([SCHEMA_ID, SCHEMA_ID]);
  const registry = new FakeRegistry();
  registry.add(SCHEMA_ID, JSON.parse(registered?.schema ?? '') as Schema);
  const decoder = new MessageDecoder(registry);
  const messages = sent.map(({ value }) => ({ key: null, value: value as Buffer, headers: null }));
  const decoded = await decoder.decode(messages, { beat: () => Promise.resolve(), stopped: () => false });
  expect(JSON.parse(String(decoded?.[0]?.value))).toMatchObject({ parked_id: 1, value_bytes: GARBAGE.toString('base64'), seq: 5 });
  expect(JSON.parse(String(decoded?.[1]?.value))).toMatchObject({ parked_id: 2, value_text: null, value_bytes: null });
});
