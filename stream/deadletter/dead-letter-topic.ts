// Produces every parked record to the dead-letter topic, after the commit that parked it: at least once, each record known by
// (topic, partition, offset). Goes on after a restart from the number kept in the store; never in ingestion's way. While the broker or
// the schema registry is away, what is parked waits in the store.

import type { DuckDBConnection } from '@duckdb/node-api';
import kafkajs, { type Kafka, type Message, type Producer } from 'kafkajs';
import type { Logger } from 'pino';
import { TopicEncoder } from '../../cdc/codec/encode.ts';
import { DEAD_LETTER_TOPIC } from '../../cdc/connector/topic-names.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { DEAD_LETTERS, deadLetterFields, type DeadLetter } from './dead-letter.ts';

const { CompressionTypes } = kafkajs; // a CommonJS module without named exports

export interface DeadLetterTopicParts {
  readonly kafka: Pick<Kafka, 'producer'>;
  /** Schema registry: the records are Avro; without one they are JSON. */
  readonly registryUrl: string | undefined;
  /** A connection of its own. */
  readonly connection: DuckDBConnection;
  readonly onProduced: (records: number) => void;
  readonly log: Logger;
  /** Between two tries; default 5 s. */
  readonly retryMs?: number;
}

const RECORDS_PER_SEND_MAX = 500;
/** One record may exceed it. */
const BYTES_PER_SEND_MAX = 8 * 1_048_576;
const POLL_INTERVAL_MS = 1_000;
const RETRY_INTERVAL_MS = 5_000;

/** Produces until aborted; a broker or registry that is away is tried again, and what is parked meanwhile waits in the store. */
export async function runDeadLetterTopic(parts: DeadLetterTopicParts, signal: AbortSignal): Promise<void> {
  const producer = parts.kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 2 } });
  const encoder = new TopicEncoder(DEAD_LETTERS, parts.registryUrl);
  let connected = false;
  let failing = false;
  while (!signal.aborted) {
    try {
      const letters = await nextLetters(parts.connection);
      if (letters.length > 0) {
        if (!connected) await producer.connect();
        connected = true;
        await send(producer, encoder, letters);
        await moveTo(parts.connection, letters.at(-1)?.id ?? 0);
        parts.onProduced(letters.length);
      }
      if (failing) parts.log.info({ topic: DEAD_LETTER_TOPIC }, 'parked records are produced again');
      failing = false;
      if (letters.length === 0) await pause(POLL_INTERVAL_MS, signal);
    } catch (error) {
      const code = error instanceof LedgerflowError ? error.code : undefined;
      if (!failing)
        parts.log.warn({ topic: DEAD_LETTER_TOPIC, code, error: messageOf(error) }, 'parked records cannot be produced, trying again');
      failing = true;
      await pause(parts.retryMs ?? RETRY_INTERVAL_MS, signal);
    }
  }
  if (connected) await producer.disconnect().catch(() => undefined); // the broker may be gone already
}

/** Aborted: the loop ends. */
const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, signal).catch(() => undefined);

/** The records that come next: a bounded number, of bounded size. */
async function nextLetters(connection: DuckDBConnection): Promise<DeadLetter[]> {
  const sizes = await connection.runAndReadAll(
    `SELECT parked_id, coalesce(octet_length(value), 0) FROM ops.parked
     WHERE parked_id > (SELECT coalesce(max(produced_id), 0) FROM ops.deadletters) ORDER BY parked_id LIMIT ${RECORDS_PER_SEND_MAX}`,
  );
  const ids: number[] = [];
  let bytes = 0;
  for (const [id, size] of sizes.getRows()) {
    bytes += Number(size);
    if (ids.length > 0 && bytes > BYTES_PER_SEND_MAX) break;
    ids.push(Number(id));
  }
  return ids.length === 0 ? [] : readLetters(connection, ids);
}

async function readLetters(connection: DuckDBConnection, ids: readonly number[]): Promise<DeadLetter[]> {
  const reader = await connection.runAndReadAll(
    `SELECT parked_id, key, value, topic, partition, kafka_offset, seq, reason, detail, table_name, status,
       (SELECT server_uuid FROM ops.state), strftime(parked_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')
     FROM ops.parked WHERE parked_id BETWEEN ${ids[0]} AND ${ids.at(-1)} ORDER BY parked_id`,
  );
  return reader.getRows().map(([id, key, value, topic, partition, offset, seq, reason, detail, table, status, uuid, parkedAt]) => ({
    id: Number(id),
    key: bytesOf(key),
    value: bytesOf(value),
    headers: {
      topic: String(topic),
      partition: String(partition),
      offset: String(offset),
      seq: String(seq),
      reason: String(reason),
      detail: String(detail),
      gtid: uuid === null || Number(seq) <= 0 ? '' : `${String(uuid)}:${String(seq)}`,
      parked_at: String(parkedAt),
      parked_id: String(id),
      table: table === null ? '' : String(table),
      status: String(status),
    },
  }));
}

const bytesOf = (value: unknown): Buffer | null => (value === null ? null : Buffer.from((value as { bytes: Uint8Array }).bytes));

async function send(producer: Producer, encoder: TopicEncoder, letters: readonly DeadLetter[]): Promise<void> {
  const target = { topic: DEAD_LETTER_TOPIC, acks: -1, compression: CompressionTypes.LZ4 };
  const messages: Message[] = [];
  for (const letter of letters) messages.push(await messageFor(encoder, letter, true));
  try {
    await producer.send({ ...target, messages });
  } catch (error) {
    if (!tooLarge(error)) throw error;
    // A value as large as the topic allows has no room for the rest: its bytes are in the store and in the topic that it came from.
    if (letters.length > 1) for (const letter of letters) await send(producer, encoder, [letter]);
    else for (const letter of letters) await producer.send({ ...target, messages: [await messageFor(encoder, letter, false)] });
  }
}

async function messageFor(encoder: TopicEncoder, letter: DeadLetter, whole: boolean): Promise<Message> {
  const omitted = whole ? {} : { value_omitted: `${letter.value?.length ?? 0} bytes` };
  return { key: letter.key, value: await encoder.encode(deadLetterFields(letter, whole)), headers: { ...letter.headers, ...omitted } };
}

function tooLarge(error: unknown): boolean {
  const type = (error as { type?: unknown }).type ?? (error as { cause?: { type?: unknown } }).cause?.type;
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
}

async function moveTo(connection: DuckDBConnection, id: number): Promise<void> {
  await connection.run(`BEGIN; DELETE FROM ops.deadletters; INSERT INTO ops.deadletters VALUES (${id}); COMMIT`);
}
