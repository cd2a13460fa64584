// Records that cannot be applied, on the real stack: written into captured topics by a stranger, parked, listed, produced to the
// dead-letter topic, re-driven and discarded through the command line, with the processor killed in between.

import type { KafkaMessage } from 'kafkajs';
import type mysql from 'mysql2/promise';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../support/oracle.ts';
import { startPipeline, waitFor, type TestPipeline } from '../support/pipeline.ts';
import { createTopic, forged, headersOf, readTopic, writeStrays, type Stray } from '../support/strangers.ts';

const THINGS = 'bank_server.bank.things';
const NOWHERE = 'bank_server.bank.nowhere';
const BIG = 5 * 1_048_576;
/** Few enough to be reached by a test, more than all that the tests before the flood park. */
const TOTAL_MAX = 60;

let pipeline: TestPipeline;
let root: mysql.Connection;
let lake: pg.Client;
let uuid = '';
let seq = 0;

beforeAll(async () => {
  pipeline = await startPipeline({ LEDGERFLOW_PARKED_TOTAL_MAX: String(TOTAL_MAX), LEDGERFLOW_LOG_LEVEL: 'info' });
  [root, lake] = [await pipeline.root(), await pipeline.sql()];
  await root.query('CREATE TABLE things (id BIGINT PRIMARY KEY, amount DECIMAL(10, 2), body MEDIUMTEXT)');
  await root.query(`INSERT INTO things VALUES (1, 1, 'one'), (2, 2, 'two'), (3, 3, 'three'), (4, 4, 'four'), (5, 5, 'five')`);
  await pipeline.caughtUp();
  const [position] = await rows(`SELECT max(seq) AS seq FROM bronze.changes WHERE topic = '${THINGS}'`);
  seq = Number(position?.['seq']);
  const [[server]] = await root.query<mysql.RowDataPacket[]>('SELECT @@server_uuid AS uuid');
  uuid = String(server?.['uuid']);
});
afterAll(async () => {
  root?.destroy();
  await lake?.end().catch(() => undefined); // gone when a test failed in a bad moment
  await pipeline?.[Symbol.asyncDispose]();
});

const rows = async (text: string): Promise<Record<string, string | null>[]> => (await lake.query<Record<string, string | null>>(text)).rows;
const brokers = async (): Promise<string> => (await pipeline.status()).kafka?.brokers ?? '';

const write = async (topic: string, messages: readonly Stray[]): Promise<void> => writeStrays(await brokers(), topic, messages);

/** A row as an incremental snapshot writes it, at the table's last transaction. */
const read = (after: object): Buffer => forged(uuid, { table: 'things', op: 'r', after, seq, snapshot: 'incremental' });

interface Listed {
  readonly id: number;
  readonly table: string;
  readonly key: string | null;
  readonly status: string;
  readonly reason: string;
  readonly detail: string;
}

async function list(...filters: string[]): Promise<Listed[]> {
  const { stdout, stderr, code } = await pipeline.run('dlq', 'list', '--json', ...filters);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Listed[];
}

const fieldsOf = (message: KafkaMessage | undefined): Record<string, unknown> =>
  JSON.parse(String(message?.value)) as Record<string, unknown>;

const short = ({ key, status, reason }: Listed): string => `${key ?? 'no key'} ${status} ${reason}`;

async function reconnect(): Promise<void> {
  await lake.end().catch(() => undefined); // its server was killed
  lake = await pipeline.sql();
}

describe('what a stranger writes into captured topics', () => {
  it('is parked by reason, and later changes of its keys wait', async () => {
    const broken = Buffer.from(read({ id: 3, amount: '3.00', body: 'X' }));
    broken[broken.indexOf('"X"') + 1] = 0xff;
    await write(THINGS, [
      { key: '{"id":1}', value: '{"before":null,"after":' },
      { key: '{"id":2}', value: read({ id: 2, amount: 'much', body: null }) },
      { key: '{"id":3}', value: broken },
      { key: '{"id":4}', value: Buffer.alloc(BIG, 'x') },
      { key: null, value: read({ id: 5, amount: '5.00', body: 'no key' }) },
    ]);
    const parked = `SELECT 1 FROM ops.parked WHERE table_name = 'things'`;
    await waitFor('all five to be parked', 60_000, async () => (await rows(parked)).length === 5); // rows of a snapshot have no transaction to wait for
    await pipeline.caughtUp();
    await root.query(`UPDATE things SET body = 'later' WHERE id IN (1, 2, 5)`);
    await root.query('DELETE FROM things WHERE id = 3');
    await root.query(`INSERT INTO things VALUES (6, 6, REPEAT('m', ${BIG}))`);
    await pipeline.caughtUp();
    expect((await list('--table', 'things', '--status', 'all')).map(short)).toEqual([
      '{"id":1} parked LF_ENVELOPE_UNREADABLE',
      '{"id":2} parked LF_RECORD_UNCONVERTIBLE',
      '{"id":3} superseded LF_RECORD_UNCONVERTIBLE',
      '{"id":4} parked LF_ENVELOPE_UNREADABLE',
      'no key parked LF_RECORD_UNCONVERTIBLE',
      '{"id":1} waiting LF_RECORD_WAITS',
      '{"id":2} waiting LF_RECORD_WAITS',
    ]);
    expect(await rows('SELECT id, left(body, 5) AS body FROM silver.things ORDER BY id')).toEqual([
      { id: '1', body: 'one' },
      { id: '2', body: 'two' },
      { id: '4', body: 'four' },
      { id: '5', body: 'later' },
      { id: '6', body: 'mmmmm' },
    ]);
  });

  it('is parked by its table when nobody knows the table', async () => {
    await createTopic(await brokers(), NOWHERE);
    const key = { key: '{"id":1}' };
    await write(NOWHERE, [
      { ...key, value: forged(uuid, { table: 'nowhere', op: 'c', after: { id: 1, name: 'first' }, seq: 3, ord: 1 }) },
      { ...key, value: forged(uuid, { table: 'nowhere', op: 'u', after: { id: 1, name: 'second' }, seq: 4, ord: 1 }) },
    ]);
    await waitFor('the strange topic to be parked', 60_000, async () => (await list('--table', 'nowhere')).length === 2);
    expect((await list('--reason', 'LF_TABLE_UNKNOWN')).map(({ table, detail }) => [table, detail])).toEqual([
      ['nowhere', 'no schema of table nowhere is known'],
      ['nowhere', 'no schema of table nowhere is known'],
    ]);
    expect((await pipeline.status()).state).toBe('streaming');
  });

  it('still holds its keys back after the processor was killed', async () => {
    const pid = await pipeline.pidOf('processor');
    process.kill(pid, 'SIGKILL');
    await waitFor('the processor to be started again', 120_000, async () => (await pipeline.pidOf('processor')) !== pid);
    await root.query(`UPDATE things SET body = 'after the kill' WHERE id = 1`);
    await pipeline.caughtUp();
    await reconnect();
    expect((await list('--table', 'things')).filter(({ key }) => key === '{"id":1}').map(short)).toEqual([
      '{"id":1} parked LF_ENVELOPE_UNREADABLE',
      '{"id":1} waiting LF_RECORD_WAITS',
      '{"id":1} waiting LF_RECORD_WAITS',
    ]);
  });

  it('is in the dead-letter topic, whole, with its cause and origin', async () => {
    const all = await list('--status', 'all');
    const seen = new Map<string, KafkaMessage>();
    await waitFor('all records in the dead-letter topic', 30_000, async () => {
      for (const message of await readTopic(await brokers(), 'ledgerflow.dlq')) {
        const { topic, partition, offset } = headersOf(message);
        seen.set(`${topic}/${partition}/${offset}`, message);
      }
      return seen.size >= all.length;
    });
    expect(seen.size).toBe(all.length);
    const garbage = seen.get(`${THINGS}/0/5`);
    expect(fieldsOf(garbage)).toMatchObject({ value_text: '{"before":null,"after":', key_text: '{"id":1}', offset: 5 });
    expect(garbage?.key?.toString()).toBe('{"id":1}');
    expect(headersOf(garbage)).toMatchObject({
      reason: 'LF_ENVELOPE_UNREADABLE',
      seq: String(seq),
      gtid: `${uuid}:${seq}`,
      parked_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      table: 'things',
    });
    expect(fieldsOf(seen.get(`${THINGS}/0/8`))['value_text']).toHaveLength(BIG);
  });
});

describe('dlq', () => {
  it('shows one record with its bytes', async () => {
    const [first] = await list('--table', 'things');
    const text = await pipeline.run('dlq', 'show', String(first?.id));
    expect(text.stdout).toContain('LF_ENVELOPE_UNREADABLE');
    expect(text.stdout).toContain('{"before":null,"after":');
    const json = JSON.parse((await pipeline.run('dlq', 'show', String(first?.id), '--json')).stdout) as Record<string, unknown>;
    expect(json).toMatchObject({ id: first?.id, value: '{"before":null,"after":', status: 'parked', partition: 0, offset: 5 });
    expect(await pipeline.run('dlq', 'show', '999999')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('LF_PARKED_UNKNOWN') as string,
    });
  });

  it('re-drives in order once the cause is gone, and says what still fails', async () => {
    const failed = await pipeline.run('dlq', 'redrive', '--table', 'nowhere');
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('no schema of table nowhere is known') as string });
    await root.query('CREATE TABLE nowhere (id BIGINT PRIMARY KEY, name VARCHAR(20))');
    await pipeline.caughtUp();
    const done = await pipeline.run('dlq', 'redrive', '--table', 'nowhere', '--json');
    expect(JSON.parse(done.stdout)).toMatchObject({ redriven: 2, failing: [] });
    expect(await rows('SELECT name FROM silver.nowhere_history ORDER BY _pos')).toEqual([{ name: 'first' }, { name: 'second' }]);
    expect(await rows('SELECT name FROM silver.nowhere')).toEqual([{ name: 'second' }]);
    await root.query('DROP TABLE nowhere');
  });

  it('refuses to discard without a reason, and with one applies what waited', async () => {
    const [garbage] = (await list('--table', 'things')).map(({ id }) => String(id));
    expect(await pipeline.run('dlq', 'discard', garbage ?? '')).toMatchObject({ code: 2 });
    const { stdout } = await pipeline.run('dlq', 'discard', garbage ?? '', '--reason', 'written by the test', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ discarded: 1, redriven: 2, failing: [] });
    expect(await rows('SELECT body FROM silver.things WHERE id = 1')).toEqual([{ body: 'after the kill' }]);
    expect(await rows(`SELECT resolution, resolved_by LIKE '%@%' AS by_somebody FROM ops.parked WHERE status = 'discarded'`)).toEqual([
      { resolution: 'written by the test', by_somebody: 't' },
    ]);
    await pipeline.run('dlq', 'discard', '--table', 'things', '--reason', 'written by the test as well');
    expect(await list()).toEqual([]);
    expect(await violations(pipeline)).toEqual([]);
  });
});

describe('a transaction with a parked record', () => {
  it('is seen without it, and gold is held until the record has been dealt with', async () => {
    const [[next]] = await root.query<mysql.RowDataPacket[]>('SELECT MAX(entry_id) + 1 AS id FROM ledger_entries');
    const [[account]] = await root.query<mysql.RowDataPacket[]>(
      `SELECT MIN(account_id) AS id FROM accounts WHERE account_id > 1000 AND currency = 'USD' AND status = 'active'`,
    );
    await write('bank_server.bank.ledger_entries', [{ key: `{"entry_id":${String(next?.['id'])}}`, value: 'garbage' }]);
    await waitFor('the garbage to be parked', 30_000, async () => (await list()).length === 1);
    await root.query(`INSERT INTO transactions (account_id, amount) VALUES (?, 5)`, [account?.['id']]);
    await waitFor('gold to be held', 30_000, async () => (await pipeline.status()).gold?.heldReason !== null);
    expect(await pipeline.status()).toMatchObject({
      state: 'degraded',
      parked: 2,
      reason: expect.stringContaining('gold is held') as string,
    });
    const [garbage] = await list();
    await pipeline.run('dlq', 'discard', String(garbage?.id), '--reason', 'garbage of the test');
    await waitFor('gold to go on', 30_000, async () => (await pipeline.status()).gold?.heldReason === null);
    expect(await violations(pipeline)).toEqual([]);
  });
});

describe('a flood of parked records', () => {
  it('pauses ingestion with a name and a remedy, and goes on when they are dealt with', async () => {
    await write(
      THINGS,
      Array.from({ length: TOTAL_MAX + 20 }, (_, n) => ({ key: `{"id":${100 + n}}`, value: `flood ${n}` })),
    );
    await waitFor('the pause', 30_000, async () => (await pipeline.status()).reason?.includes('LF_PARKED_FLOOD') === true);
    expect(await pipeline.status()).toMatchObject({
      state: 'degraded',
      reason: expect.stringContaining('LEDGERFLOW_PARKED_TOTAL_MAX') as string,
    });
    const { metrics } = await pipeline.status();
    expect((await fetch(new URL('/health', metrics?.url))).status).toBe(503);
    await waitFor('the metric', 5_000, async () => /^ledgerflow_parked_flood 1$/m.test(await (await fetch(metrics?.url ?? '')).text()));
    const before = (await pipeline.status()).commitId;
    await root.query(`INSERT INTO things VALUES (7, 7, 'behind the flood')`);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect((await pipeline.status()).commitId).toBe(before);
    const { stdout } = await pipeline.run('dlq', 'discard', '--table', 'things', '--reason', 'flood of the test', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ discarded: TOTAL_MAX + 20 });
    expect(await violations(pipeline)).toEqual([]);
    expect((await pipeline.status()).state).toBe('streaming');
  });
});
