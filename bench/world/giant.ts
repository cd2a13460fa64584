// One source transaction of many rows over two tables, between two small ones, as Debezium writes it: its END comes behind all of it.

import kafkajs, { type Kafka } from 'kafkajs';
import { topicOf, TOPIC_PREFIX } from './produce.ts';
import { beginMessage, customerRow, endMessage, envelope, merchantRow, type BenchMessage } from './rows.ts';
import { FIRST_MERCHANT, NOW_US, PRELOADED_SEQ } from './sizes.ts';
import { schemaEvent } from './tables.ts';

const ROWS_PER_SEND = 5_000;
const AT_MS = NOW_US / 1_000;
/** Beyond the rows that are preloaded. */
const FIRST_ROW = 1_000_000;

export interface GiantBacklog {
  readonly rows: number;
  /** The giant transaction. */
  readonly giantSeq: number;
  readonly lastSeq: number;
  readonly valueBytes: number;
}

/** Makes the topics and fills them; with one row in `updatedEvery` updated once more in the same transaction. */
export async function produceGiant(kafka: Kafka, rows: number, updatedEvery = 10): Promise<GiantBacklog> {
  const admin = kafka.admin();
  await admin.connect();
  const names = [topicOf('customers'), topicOf('merchants'), topicOf('transaction'), TOPIC_PREFIX, '_connect_offsets'];
  await admin.createTopics({ topics: names.map((topic) => ({ topic, numPartitions: 1, replicationFactor: 1 })) });
  await admin.disconnect();
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  let valueBytes = 0;
  const send = async (topic: string, messages: BenchMessage[]): Promise<void> => {
    for (const { value } of messages) valueBytes += value?.length ?? 0;
    await producer.send({ topic, messages, compression: kafkajs.CompressionTypes.LZ4 });
  };
  await producer.send({ topic: TOPIC_PREFIX, messages: [{ value: schemaEvent('customers') }, { value: schemaEvent('merchants') }] });
  const seq = PRELOADED_SEQ + 2;
  await small(send, seq - 1);
  await send(topicOf('transaction'), [beginMessage(seq, AT_MS)]);
  const counts = { customers: 0, merchants: 0 };
  for (let order = 0; order < rows;) {
    const table = (order / ROWS_PER_SEND) % 2 < 1 ? 'customers' : 'merchants';
    const messages: BenchMessage[] = [];
    for (let end = Math.min(rows, order + ROWS_PER_SEND); order < end; order += 1) {
      messages.push(rowMessage(table, order, { seq, updatedEvery }));
      counts[table] += 1;
    }
    await send(topicOf(table), messages);
  }
  await send(topicOf('transaction'), [endMessage(seq, new Map(Object.entries(counts)), AT_MS)]);
  await small(send, seq + 1);
  await producer.disconnect();
  return { rows, giantSeq: seq, lastSeq: seq + 1, valueBytes };
}

function rowMessage(
  table: 'customers' | 'merchants',
  order: number,
  { seq, updatedEvery }: { seq: number; updatedEvery: number },
): BenchMessage {
  const again = order % updatedEvery === updatedEvery - 1; // the row before, once more
  const id = FIRST_ROW + order - (again ? 1 : 0);
  const row = table === 'customers' ? customerRow : merchantRow;
  const images = { before: again ? row(id, 1) : null, after: row(id, again ? 2 : 1) };
  const key = table === 'customers' ? `{"customer_id":${id}}` : `{"merchant_id":${id}}`;
  return { key, value: envelope(table, images, { seq, order: order + 1, atMs: AT_MS }) };
}

/** An update of one preloaded row. */
async function small(send: (topic: string, messages: BenchMessage[]) => Promise<void>, seq: number): Promise<void> {
  const images = { before: merchantRow(FIRST_MERCHANT, 0), after: merchantRow(FIRST_MERCHANT, seq) };
  await send(topicOf('transaction'), [beginMessage(seq, AT_MS)]);
  await send(topicOf('merchants'), [
    { key: `{"merchant_id":${FIRST_MERCHANT}}`, value: envelope('merchants', images, { seq, order: 1, atMs: AT_MS }) },
  ]);
  await send(topicOf('transaction'), [endMessage(seq, new Map([['merchants', 1]]), AT_MS)]);
}
