// What is put into a page comes out of the staging table byte by byte, and its encoding is what the chain hashes.

import { DuckDBInstance, type DuckDBBlobValue, type DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PageWriter, type PageMessage } from '../../cdc/envelope/page-writer.ts';
import { Page } from '../../cdc/envelope/page.ts';
import { chainDigest, chainDigestOfSlices } from '../publish/chain.ts';
import { RecordBatch, type PageRun } from './record-batch.ts';
import { createStagingTables, fillStaging, type StagingUse } from './staging-table.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let use: StagingUse;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  use = await createStagingTables(connection);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

function pageOf(partition: number, messages: readonly PageMessage[], ord = 7): Page {
  const payloadBytes = messages.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
  const writer = new PageWriter('bank_server.bank.accounts', partition, { count: messages.length, payloadBytes });
  for (const message of messages) writer.add(message, { kind: 'event', seq: message.offset % 3 === 0 ? -1 : message.offset, ord, op: 99 });
  return new Page(writer.finish());
}

type Row = [number, number, number, number, number, string | null, string | null, string | null];

async function fillOnly(batch: RecordBatch, commitId = 5): Promise<void> {
  const request = { records: batch } as unknown as Parameters<typeof fillStaging>[1]['request'];
  const gone = Uint8Array.from({ length: batch.count }, (_, index) => index % 2);
  const held = { version: 0, parked: [], superseding: [], changes: [] };
  await fillStaging(connection, { request, slot: 0, commitId, gone, poison: [], held }, use);
}

async function rowsThrough(batch: RecordBatch, commitId = 5): Promise<Row[]> {
  await fillOnly(batch, commitId);
  const reader = await connection.runAndReadAll(
    'SELECT commit_id, topic_id, partition, kafka_offset, kafka_ts_ms, seq, ord, op, gone, key, value, headers FROM staging.main.slot0',
  );
  const hex = (value: unknown): string | null => (value === null ? null : Buffer.from((value as DuckDBBlobValue).bytes).toString('hex'));
  return reader
    .getRows()
    .map((row): Row => {
      expect([Number(row[0]), row[1], row[6], row[7]]).toEqual([commitId, 4, 7, 99]);
      expect(Number(row[5])).toBe(Number(row[3]) % 3 === 0 ? -1 : Number(row[3]));
      return [
        Number(row[2]),
        Number(row[3]),
        Number(row[4]),
        Number(row[3]),
        row[8] === true ? 1 : 0,
        hex(row[9]),
        hex(row[10]),
        row[11] as string | null,
      ];
    })
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

function rowsOf(batch: RecordBatch): Row[] {
  const hex = (bytes: Buffer | null): string | null => bytes?.toString('hex') ?? null;
  const headers = batch.runs.flatMap(({ page, from, count }) =>
    Array.from({ length: count }, (_, i) => page.headers.get(from + i) ?? null),
  );
  return Array.from({ length: batch.count }, (_, i): Row => {
    const offset = batch.offset[i]!;
    return [
      batch.partition[i]!,
      offset,
      batch.kafkaTimestampMs[i]!,
      offset,
      i % 2,
      hex(batch.key(i)),
      hex(batch.value(i)),
      headers[i] ?? null,
    ];
  });
}

const bytes = fc.option(fc.oneof(fc.uint8Array({ maxLength: 14 }), fc.uint8Array({ minLength: 100, maxLength: 5_000 })));
const message = fc.record({
  key: bytes,
  value: bytes,
  headers: fc.option(
    fc.string({ maxLength: 20 }).map((text) => JSON.stringify({ text })),
    { freq: 10 },
  ),
  timestampMs: fc.integer({ min: 0, max: 2 ** 41 }),
});
const pages = fc.array(fc.array(message, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 });

describe('the staging table', () => {
  it('holds what the pages hold, and the chain hashes the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(pages, fc.bigInt(0n, 2n ** 53n - 1_000n), async (contents, first) => {
        const runs: PageRun[] = contents.map((messages, partition) => {
          const page = pageOf(
            partition,
            messages.map((m, i) => ({ ...m, offset: Number(first) + i })),
          );
          const from = partition % 2 === 0 ? 0 : page.count >> 1;
          return { topicId: 4, page, from, count: page.count - from };
        });
        const batch = new RecordBatch(runs);
        expect(await rowsThrough(batch, Number(first))).toEqual(rowsOf(batch));
        const indexes = Array.from({ length: batch.count }, (_, i) => i);
        const slices = runs.map(({ page, from, count }) => ({
          ...{ topic: page.topic, partition: page.partition },
          bytes: page.bytes.subarray(page.boundary(from), page.boundary(from + count)),
        }));
        const rows = {
          count: batch.count,
          topic: indexes.map(() => 'bank_server.bank.accounts'),
          partition: [...batch.partition],
          offset: [...batch.offset].map(BigInt),
          key: indexes.map((i) => batch.key(i)),
          value: indexes.map((i) => batch.value(i)),
        };
        expect(chainDigestOfSlices('ab'.repeat(32), slices.reverse())).toBe(chainDigest('ab'.repeat(32), rows));
      }),
      { numRuns: 60 },
    );
  });

  it('takes many chunks, values of megabytes and an empty batch', async () => {
    const big = Buffer.alloc(5_000_000, 'x');
    const messages = Array.from({ length: 9_000 }, (_, offset) => ({
      ...{ offset, timestampMs: 1_795_243_773_389, headers: null },
      key: Buffer.from(`{"id":${offset}}`),
      value: offset % 4_000 === 1 ? big : Buffer.from(`value ${offset}`),
    }));
    const page = pageOf(0, messages);
    const batch = new RecordBatch([
      { topicId: 4, page, from: 0, count: 5_000 },
      { topicId: 4, page, from: 5_000, count: 4_000 },
    ]);
    expect(await rowsThrough(batch)).toEqual(rowsOf(batch));
    expect(await rowsThrough(new RecordBatch([]))).toEqual([]);
  });
});

it('gives the memory of earlier batches back', async () => {
  const value = Buffer.alloc(900, 'v');
  const messages = Array.from({ length: 5_000 }, (_, offset) => ({
    offset,
    timestampMs: 1,
    key: value.subarray(0, 20),
    value,
    headers: null,
  }));
  const page = pageOf(0, messages);
  const batch = new RecordBatch([{ topicId: 4, page, from: 0, count: page.count }]);
  for (let n = 0; n < 20; n += 1) await fillOnly(batch);
  const [row] = (
    await connection.runAndReadAll(`SELECT sum(memory_usage_bytes) FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'`)
  ).getRows();
  expect(Number(row?.[0])).toBeLessThan(30_000_000); // 20 batches are 90 MB
}, 60_000);
