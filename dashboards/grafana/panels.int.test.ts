// Every panel's and alert's SQL, expanded as Grafana does it, through the PostgreSQL endpoint with a real client, over a generated bank.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, type FieldDef } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGold, type GoldStand } from '../../lake/gold/testkit.ts';
import type { Change } from '../../lake/gold/testkit-store.ts';
import { BankWorld } from '../../lake/gold/testkit-world.ts';
import { startWire, type WireServer } from '../wire/server.ts';
import { expand } from './expand.ts';
import { expansionOf, FRAUD_TABLES, QUALITY_TABLES, RECON_TABLES, sqlPanels, type SqlPanel } from './testkit.ts';

const LOGIN = { user: 'ledgerflow', password: 'reader', database: 'ledgerflow' };
/** After the generated history. Dashboards over the bank look back from here, those over the pipeline from now. */
const BANK_NOW = new Date('2026-11-13T12:00:00Z');
const OF_THE_PIPELINE = new Set(['lf-integrity', 'lf-pipeline']);
const BATCHES = 60;
const TEXT = new Set([25, 1043]);
const NUMBERS = new Set([20, 21, 23, 700, 701, 1700]);
const TIMES = new Set([1082, 1114, 1184]);

let gold: GoldStand;
let wire: WireServer;
let client: Client;

beforeAll(async () => {
  gold = await startGold();
  const world = new BankWorld(7);
  await gold.store.commit(world.opening());
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const changes = world.batch();
    if (changes.length > 0) await gold.store.commit(changes);
  }
  for (const [at, month] of ['07', '08', '09', '10', '11'].entries())
    await gold.store.commit([
      ...purchase(900_001 + at, 'PURCHASE', `2026-${month}-05 10:00:00`),
      ...purchase(900_101 + at, 'CASHBACK', `2026-${month}-06 10:00:00`),
    ]);
  const outcome = await gold.refresh();
  if (outcome.status === 'waiting') throw new Error('gold waits');
  await gold.store.writer.run(PIPELINE_ROWS);
  wire = await startWire({
    ...LOGIN,
    ...{ host: '127.0.0.1', port: 0, connect: () => gold.store.instance.connect(), log: pino({ level: 'silent' }) },
    ...{ statementTimeoutMs: 10_000, minGtidTimeoutMs: 1_000, rowsMax: 10_000, concurrencyMax: 2, connectionsMax: 5 },
  });
  client = new Client({ ...LOGIN, host: '127.0.0.1', port: wire.port });
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client.end();
  await wire[Symbol.asyncDispose]();
  await gold[Symbol.asyncDispose]();
});

/** A posted movement of the first customer with its two entries: a subscription's payment, or the cashback on it. */
function purchase(id: number, type: 'PURCHASE' | 'CASHBACK', at: string): Change[] {
  const house = type === 'PURCHASE' ? 802 : 804;
  const common = { transaction_id: id, amount: type === 'PURCHASE' ? '9.9900' : '0.0900', currency: 'USD', created_at: at };
  const movement = { account_id: 1001, customer_id: 1, merchant_id: type === 'PURCHASE' ? 1 : null, counter_account_id: house };
  const direction = type === 'PURCHASE' ? 'DEBIT' : 'CREDIT';
  const entry = (leg: number, account: number, posting: string): Change => ({
    table: 'ledger_entries',
    op: 'c',
    row: { ...common, entry_id: id * 2 + leg, account_id: account, posting_type: posting },
  });
  return [
    { table: 'transactions', op: 'c', row: { ...common, ...movement, type, direction, status: 'posted', event_ts: at, channel: 'web' } },
    entry(0, 1001, direction),
    entry(1, house, direction === 'DEBIT' ? 'CREDIT' : 'DEBIT'),
  ];
}

/** What a running pipeline would have noted by now. */
const PIPELINE_ROWS = `
INSERT INTO ops.commits VALUES (1, 1, 'u:1', now(), 10, 7, 1, 1, 1, 0, 'c'), (2, 2, 'u:2', now(), 5, 4, 0, 0, 0, 1, 'd');
INSERT INTO ops.parked (parked_id, topic, partition, kafka_offset, table_name, reason, detail, seq, ord, commit_id, parked_at, status)
  VALUES (1, 't', 0, 1, 'accounts', 'LF_X', 'x', 1, 1, 1, now(), 'parked'), (2, 't', 0, 2, 'accounts', 'LF_X', 'x', 1, 1, 1, now(), 'waiting');
INSERT INTO ops.held_tables (table_name, code, reason, ddl, seq, commit_id, held_at, records, schema_json) VALUES ('cards', 'LF_Y', 'y', 'ALTER', 1, 1, now(), 3, '{}');
INSERT INTO ops.publications VALUES (1, 1, 1, 'u:1', 5, now() - INTERVAL 1 MINUTE, 10, 4, 6, 120), (2, 2, 2, 'u:2', 6, now(), 5, 2, 3, 80);
${QUALITY_TABLES}
INSERT INTO gold.certificates VALUES ('c1', now() - INTERVAL 1 HOUR, 'u:2', 2, 2, 8, 'ab', 3, true, 'd', 'schedule', '{}');
${FRAUD_TABLES}
${RECON_TABLES}
INSERT INTO gold.dq_results (run_id, check_name, severity, status, violations, started_at, duration_ms)
  VALUES (1, 'a', 'page', 'failed', 3, now()::TIMESTAMP - INTERVAL 1 HOUR, 5), (2, 'a', 'page', 'passed', 0, now()::TIMESTAMP, 5), (2, 'b', 'warn', 'failed', 1, now()::TIMESTAMP, 5);
INSERT INTO gold.pipeline_slo (table_name, minute, slo, good, total) VALUES ('transactions', date_trunc('minute', now()::TIMESTAMP), 'freshness', 999, 1000);
INSERT INTO ops.segments VALUES ('a.parquet', 1, 2, 15, 4096);`;

type Answer = { fields: FieldDef[]; rows: Record<string, unknown>[] };

async function answer({ dashboard, sql }: SqlPanel): Promise<Answer> {
  const now = OF_THE_PIPELINE.has(dashboard.uid) ? new Date() : BANK_NOW;
  const expansion = await expansionOf(dashboard, now, async (query) => (await client.query(query)).rows as Record<string, unknown>[]);
  return client.query(expand(sql, expansion));
}

async function valueOf(uid: string, title: string): Promise<Record<string, unknown>[]> {
  const found = sqlPanels().find(({ dashboard, panel }) => dashboard.uid === uid && panel.title === title);
  if (found === undefined) throw new Error(`no panel ${title}`);
  return (await answer(found)).rows;
}

async function truth(sql: string): Promise<unknown[][]> {
  return (await gold.store.writer.runAndReadAll(sql)).getRowsJson();
}

describe('every panel answers, with columns its kind can show', () => {
  it.each(sqlPanels().map((found) => [`${found.dashboard.title}: ${found.panel.title}`, found] as const))('%s', async (_name, found) => {
    const { fields, rows } = await answer(found);
    expect(rows.length).toBeGreaterThan(0);
    const kinds = fields.map(({ dataTypeID }) => dataTypeID);
    if (found.format === 'time_series') {
      expect(fields[0]?.name).toBe('time');
      expect(TIMES.has(kinds[0] ?? 0) || NUMBERS.has(kinds[0] ?? 0)).toBe(true);
      const texts = kinds.slice(1).filter((kind) => TEXT.has(kind)).length;
      expect(texts).toBeLessThanOrEqual(1);
      expect(kinds.slice(1).filter((kind) => NUMBERS.has(kind))).toHaveLength(kinds.length - 1 - texts);
    }
    if (['stat', 'bargauge', 'piechart', 'barchart'].includes(found.panel.type)) expect(kinds.some((kind) => NUMBERS.has(kind))).toBe(true);
    for (const column of namedColumns(found)) expect(fields.map(({ name }) => name)).toContain(column);
    checkUnit(found, { fields, rows });
  });
});

/** Columns that the panel's overrides, transformations and axes speak of. */
function namedColumns({ panel }: SqlPanel): string[] {
  const overrides = panel.fieldConfig?.overrides ?? [];
  const byName = overrides.filter(({ matcher }) => matcher.id === 'byName').map(({ matcher }) => matcher.options);
  const moved = (panel.transformations ?? []).flatMap(({ options }) => Object.values(options));
  return [...byName, ...moved, ...(panel.options?.xField === undefined ? [] : [panel.options.xField])];
}

/** A share is a part of one, a percentage is not: the commonest mistake of a dashboard. */
function checkUnit({ panel }: SqlPanel, { fields, rows }: Answer): void {
  const overrides = new Map((panel.fieldConfig?.overrides ?? []).map(({ matcher, properties }) => [matcher.options, properties[0]?.value]));
  for (const { name, dataTypeID } of fields.slice(1)) {
    if (!NUMBERS.has(dataTypeID) || ['ROI', 'TWR', 'MWR', 'volatility', 'greatest drawdown', 'refund ratio'].includes(name)) continue;
    const unit = overrides.get(name) ?? panel.fieldConfig?.defaults.unit;
    if (unit !== 'percentunit') continue;
    for (const row of rows) if (row[name] !== null) expect(Number(row[name]), name).toBeGreaterThanOrEqual(0);
    for (const row of rows) if (row[name] !== null) expect(Number(row[name]), name).toBeLessThanOrEqual(1);
  }
}

describe('numbers that can be counted another way', () => {
  it('Operations: transactions and value posted', async () => {
    const range = `created_at::DATE BETWEEN DATE '2026-10-14' AND DATE '2026-11-13' AND currency = 'USD'`;
    const [[number, posted] = []] = await truth(
      `SELECT count(*), sum(amount) FILTER (WHERE status = 'posted') FROM silver.transactions WHERE ${range}`,
    );
    expect((await valueOf('lf-operations', 'Transactions'))[0]).toEqual({ transactions: number });
    expect((await valueOf('lf-operations', 'Value posted (${currency})'))[0]).toEqual({ value: posted });
  });

  it('Operations: the rows by type add up to the total', async () => {
    const rows = await valueOf('lf-operations', 'Transactions by type');
    const total = rows.reduce((sum, row) => sum + Number(row['transactions']), 0);
    expect(total).toBe(Number((await valueOf('lf-operations', 'Transactions'))[0]?.['transactions']));
  });

  it('Customer 360: the balance is the sum over the accounts', async () => {
    const accounts = await valueOf('lf-customer', 'Accounts');
    const [balance] = await valueOf('lf-customer', 'Balance');
    const [[sum] = []] = await truth(
      `SELECT sum(balance) FROM gold.dim_accounts WHERE account_id IN (${accounts.map((row) => String(row['account'])).join(', ')})`,
    );
    expect(balance?.['balance']).toBe(sum);
  });

  it('Ledger integrity: the books tie, every message is accounted for', async () => {
    for (const row of await valueOf('lf-integrity', 'Credits minus debits')) expect(Number(row['difference'])).toBe(0);
    expect(await valueOf('lf-integrity', 'Messages unaccounted for')).toEqual([{ messages: '0' }]);
    expect(await valueOf('lf-integrity', 'Gold is held')).toEqual([{ held: '0' }]);
    expect(Number((await valueOf('lf-integrity', 'Age of the last certificate'))[0]?.['age'])).toBeGreaterThan(3_500);
    const [[checks] = []] = await truth('SELECT count(DISTINCT check_name) FROM ops.checks');
    expect(await valueOf('lf-integrity', 'Last run of every check')).toHaveLength(Number(checks));
  });

  it('Reconciliation: the last attempt of a day counts, and every open break once', async () => {
    expect(Number((await valueOf('lf-recon', 'Matched'))[0]?.['share'])).toBeCloseTo(38 / 40, 12);
    expect(await valueOf('lf-recon', 'Open breaks')).toEqual([{ breaks: '3' }]);
    expect(await valueOf('lf-recon', 'Late breaks')).toEqual([{ breaks: '1' }]);
    expect(await valueOf('lf-recon', 'Runs refused or failed')).toEqual([{ runs: '1' }]);
    expect(await valueOf('lf-recon', 'Money at risk')).toMatchObject([
      { currency: 'EUR', 'at risk': '44.0000', breaks: '1', late: '0' },
      { currency: 'USD', 'at risk': '195.0000', difference: '-73.0000', breaks: '2', late: '1' },
    ]);
    expect(await valueOf('lf-recon', 'Counts that differ')).toEqual([{ counts: '0' }]);
  });

  it('Pipeline: parked and held', async () => {
    const rows = await valueOf('lf-pipeline', 'Parked, by reason');
    expect(rows.reduce((sum, row) => sum + Number(row['records']), 0)).toBe(2);
    expect(await valueOf('lf-pipeline', 'Tables held at an older state')).toHaveLength(1);
  });
});

interface AlertFile {
  readonly groups: readonly {
    readonly rules: readonly { readonly title: string; readonly data: readonly { readonly model: { readonly rawSql?: string } }[] }[];
  }[];
}

describe('every alert', () => {
  const file = JSON.parse(
    readFileSync(path.resolve(import.meta.dirname, '../../infra/grafana/provisioning/alerting/ledgerflow.json'), 'utf8'),
  ) as AlertFile;
  const queries = file.groups.flatMap(({ rules }) => rules.map(({ title, data }) => [title, data[0]?.model.rawSql] as const));

  it.each(queries.flatMap(([title, sql]) => (sql === undefined ? [] : [[title, sql] as const])))(
    '%s: one number, the rest text',
    async (_title, sql) => {
      const { fields } = await client.query(sql);
      expect(fields.filter(({ dataTypeID }) => NUMBERS.has(dataTypeID))).toHaveLength(1);
      expect(fields.filter(({ dataTypeID }) => TEXT.has(dataTypeID))).toHaveLength(fields.length - 1);
    },
  );
});
