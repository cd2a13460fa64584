// Checks find bad rows and name them, incidents open and close by themselves, objectives count rows and money; a blocking check of the gate
// holds gold and opens an incident too.

import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../infra/runtime/metrics.ts';
import type { GoldOutcome } from '../../lake/gold/outcome.ts';
import { startGold } from '../../lake/gold/testkit.ts';
import type { Change } from '../../lake/gold/testkit-store.ts';
import { BankWorld } from '../../lake/gold/testkit-world.ts';
import { loadQualityChecks } from '../../lake/quality/check-file.ts';
import { evaluate, readRelations } from '../../lake/quality/evaluate.ts';
import { pino } from 'pino';
import { JobRunner } from '../jobs/runner.ts';
import { qualityJobs } from './quality-job.ts';
import { sloJob } from './slo-job.ts';

const SCHEMAS: Readonly<Record<string, string>> = {
  transactions: 'transaction_id',
  ledger_entries: 'entry_id',
  accounts: 'account_id',
  customers: 'customer_id',
};

async function start() {
  const stand = await startGold();
  const { store } = stand;
  await store.writer.run(`UPDATE ops.table_schemas SET schema_json = '{"columns":[],"keyColumns":[]}'`);
  for (const [table, key] of Object.entries(SCHEMAS)) {
    const columns = key === 'transaction_id' || key === 'entry_id' ? [{ name: 'amount', typeName: 'DECIMAL' }] : [];
    const schema = JSON.stringify({ table, columns, keyColumns: [key] });
    await store.writer.run(`UPDATE ops.table_schemas SET schema_json = '${schema}' WHERE table_name = '${table}'`);
  }
  const clock = { now: Date.parse('2026-11-21T10:00:30Z') };
  const metrics = createMetrics();
  const runner = await JobRunner.open(
    {
      connection: await store.instance.connect(),
      ...{ epoch: 1, codeVersion: 'test', log: pino({ level: 'silent' }), now: () => new Date(clock.now) },
    },
    [...qualityJobs(loadQualityChecks()), sloJob({ freshnessObjectiveMs: 5_000, metrics })],
  );
  const settle = async (seconds: number): Promise<void> => {
    clock.now += seconds * 1_000;
    runner.changed(null);
    while (await runner.step(new AbortController().signal, 0));
  };
  const commit = async (changes: readonly Change[]): Promise<GoldOutcome> => {
    const id = await store.commit(changes);
    await store.writer.run(
      `INSERT INTO ops.commits SELECT ${id}, ${id}, 'uuid:1-${id}', TIMESTAMPTZ '${new Date(clock.now).toISOString()}', 0, 0, 0, 0, 0, 0, ''`,
    );
    return await stand.refresh();
  };
  const rows = async (sql: string): Promise<unknown[][]> => (await store.writer.runAndReadAll(sql)).getRowsJson();
  const dispose = async (): Promise<void> => {
    await runner[Symbol.asyncDispose]();
    await stand[Symbol.asyncDispose]();
  };
  return { ...stand, settle, commit, rows, metrics, runner, [Symbol.asyncDispose]: dispose };
}

const bad = { transaction_id: 900001, account_id: 1001, customer_id: 1, merchant_id: null, amount: '12.5000', currency: 'USD', status: 'lost', event_ts: '2026-11-21 09:00:00', created_at: '2026-11-21 09:00:00', type: 'PURCHASE', counter_account_id: 802, reference_id: null, reversal_of: null, device_id: null, channel: null, metadata: null } as const; // prettier-ignore
const OPEN = `SELECT code, subject, severity FROM ops.incidents WHERE closed_at IS NULL ORDER BY subject`;

describe('data quality', () => {
  it('finds a bad row among the changes, opens an incident with it, counts it against validity, and closes it when it is mended', async () => {
    await using stand = await start();
    const { commit, settle, rows } = stand;
    await commit(new BankWorld(5).opening());
    await settle(60);
    expect(await rows(OPEN)).toEqual([]);
    expect(await rows(`SELECT DISTINCT status FROM gold.dq_results WHERE kind <> 'gate' AND status NOT IN ('passed', 'skipped')`)).toEqual(
      [],
    );
    await commit([{ table: 'transactions', op: 'c', row: bad }]);
    await settle(3);
    expect(await rows(OPEN)).toEqual([['LF_CHECK_FAILED', 'transactions_status', 'page']]);
    const [[found]] = (await rows(`SELECT rows FROM ops.incidents WHERE subject = 'transactions_status'`)) as [[string]];
    expect(JSON.parse(found)).toMatchObject([{ transaction_id: 900001, status: 'lost', amount: 12.5 }]);
    expect(
      await rows(`SELECT form, violations FROM ops.dq_results WHERE check_name = 'transactions_status' AND status = 'failed'`),
    ).toEqual([['changed', '1']]);
    await settle(3);
    expect(await rows(`SELECT count(*) FROM ops.slo_faults`)).toEqual([['1']]);
    await settle(60);
    expect(
      await rows(
        `SELECT sum(total - good), sum(total_amount - good_amount)::VARCHAR FROM gold.pipeline_slo WHERE slo = 'validity' AND table_name = 'transactions'`,
      ),
    ).toEqual([['1', '12.5000']]);
    await commit([{ table: 'transactions', op: 'u', row: { ...bad, status: 'failed' } }]);
    await settle(3);
    expect(await rows(OPEN)).toEqual([]);
    expect(await rows(`SELECT closed_at IS NOT NULL FROM ops.incidents`)).toEqual([[true]]);
  });

  it('tells when a schedule finds that balances and entries differ', async () => {
    await using stand = await start();
    const { commit, settle, rows, store } = stand;
    await commit(new BankWorld(6).opening());
    await store.writer.run(`UPDATE _rows.accounts SET balance = 1000000 WHERE account_id = 1001`);
    await settle(301);
    expect(await rows(`SELECT subject, dimension, table_name FROM ops.incidents WHERE subject = 'balances_tie_out'`)).toEqual([
      ['balances_tie_out', 'accuracy', 'silver.accounts'],
    ]);
  });

  it('says what the kinds of checks mean', async () => {
    await using stand = await start();
    const { commit, store, rows } = stand;
    await commit(new BankWorld(7).opening());
    await store.writer
      .run(`CREATE TABLE ops.days AS SELECT TIMESTAMP '2026-11-20 08:00:00' - INTERVAL (d) DAY AS t, CASE WHEN d = 0 THEN 'new' ELSE 'old' END AS kind
      FROM range(40) r(d), range(10) n(i) WHERE d <> 0 OR i < 2`);
    await store.writer.run(`CREATE TABLE ops.doubled AS SELECT unnest([1, 2, 2]) AS id`);
    const relations = await readRelations(store.writer, ['ops.days', 'ops.doubled']);
    const common = { severity: 'warn', dimension: 'validity', run: 'daily', expected: 'as the test says' } as const;
    const place = { connection: store.writer, now: () => new Date('2026-11-21T10:00:00Z'), relations, changed: null, versions: null };
    const result = async (header: object) => evaluate({ header: { ...common, check: 'one', ...header } as never, sql: '' }, place, true);
    const table = 'ops.days';
    expect(await result({ kind: 'volume', table, column: 't', weeks: 4, least: 0.4, most: 2.5 })).toMatchObject({
      status: 'failed',
      rows: [expect.stringContaining('"ratio":0.2')],
    });
    expect((await result({ kind: 'volume', table, column: 't', weeks: 4, least: 0.1, most: 2.5 })).status).toBe('passed');
    expect((await result({ kind: 'drift', table, column: 'kind', time: 't', days: 2, against: 28, psi: 0.25 })).status).toBe('failed');
    expect((await result({ kind: 'freshness', table, column: 't', seconds: 90_000 })).status).toBe('failed');
    expect((await result({ kind: 'freshness', table, column: 't', seconds: 100_000 })).status).toBe('passed');
    expect((await result({ kind: 'row_count', table, min: 1_000 })).rows).toEqual(['{"rows":392}']);
    expect((await result({ kind: 'unique', table: 'ops.doubled', columns: ['id'] })).rows).toEqual(['{"id":2,"rows":2}']);
    expect((await result({ kind: 'schema', table, has: 't TIMESTAMP, kind INTEGER, gone BIGINT' })).violations).toBe(2);
    expect((await result({ kind: 'not_null', table: 'silver.nowhere', columns: ['id'] })).status).toBe('skipped');
    expect(await rows('SELECT 1')).toEqual([[1]]);
  });
});

it('a commit whose entries do not sum to nil is named once it comes, and the check passes when a later one makes up for it', async () => {
  await using stand = await start();
  const { store, settle, rows } = stand;
  const status = async (): Promise<unknown> =>
    (
      await rows(`SELECT status, violating_rows FROM ops.dq_results WHERE check_name = 'entries_commit_zero' ORDER BY run_id DESC LIMIT 1`)
    )[0];
  const entry = (id: number, type: string, amount: string) => ({ entry_id: id, transaction_id: id, account_id: 1001, posting_type: type, amount, currency: 'USD', balance_after: null, account_seq: id, created_at: '2026-11-20 09:00:00' }) as const; // prettier-ignore
  const write = (row: ReturnType<typeof entry>): Promise<number> => store.commit([{ table: 'ledger_entries', op: 'c', row }]);
  await store.commit(new BankWorld(9).opening());
  await settle(5);
  expect(await status()).toEqual(['passed', '[]']);
  const id = await write(entry(900_001, 'CREDIT', '5.0000'));
  await settle(5);
  expect(await status()).toEqual(['failed', `[{"commit":${id},"currency":"USD","entries":1,"amount":5.0000}]`]);
  await write(entry(900_002, 'DEBIT', '5.0000'));
  await settle(5);
  expect(await status()).toEqual(['passed', '[]']);
});

it('clearing accounts must be empty within their days, and counts of the pipeline must agree', async () => {
  await using stand = await start();
  const { store, settle } = stand;
  await settle(5);
  const place = { connection: store.writer, now: () => new Date('2026-11-21T10:00:00Z'), changed: null, versions: null };
  const evaluated = async (name: string) => {
    const check = loadQualityChecks().find(({ header }) => header.check === name)!;
    const { status, rows: found } = await evaluate(check, { ...place, relations: await readRelations(store.writer) }, true);
    return [status, ...found];
  };
  await store.writer.run(`CREATE OR REPLACE VIEW silver.accounts AS SELECT 808 AS account_id, 'house_adjustment' AS account_type;
    CREATE TABLE main.posted (account_id BIGINT, currency VARCHAR, posting_type VARCHAR, amount DECIMAL(20,4), created_at TIMESTAMP); CREATE OR REPLACE VIEW silver.ledger_entries AS FROM main.posted;
    INSERT INTO main.posted VALUES (808, 'USD', 'CREDIT', 9, '2026-11-01'), (808, 'USD', 'DEBIT', 9, '2026-11-02'), (808, 'USD', 'CREDIT', 2, '2026-11-19'), (808, 'USD', 'CREDIT', 3, '2026-11-21')`);
  expect(await evaluated('clearing_accounts_zero')).toEqual(['passed']);
  await store.writer.run(`UPDATE main.posted SET created_at = '2026-11-18' WHERE amount = 2`);
  expect(await evaluated('clearing_accounts_zero')).toEqual([
    'failed',
    '{"account_id":808,"currency":"USD","amount":5.0000,"since":"2026-11-18"}',
  ]);
  expect(await evaluated('transactions_three_way')).toEqual(['passed']);
  const count = (run: number, right: number) => `INSERT INTO ops.self_runs VALUES (${run}, TIMESTAMPTZ '2026-11-21 0${run}:22:00+00', 'u:1', 1, 1, [], true, 'test', 1, 0, 0, 1);
    INSERT INTO ops.self_counts VALUES (${run}, 'transactions', TIMESTAMP '2026-11-21 05:00:00', 'mysql_silver', 4, ${right}, NULL, NULL, '${right === 4 ? 'equal' : 'different'}', NULL, '{}', '[]')`; // prettier-ignore
  await store.writer.run(count(8, 3));
  expect(JSON.parse(String((await evaluated('transactions_three_way'))[1]))).toMatchObject({ leg: 'mysql_silver', hour: '2026-11-21T05', left_rows: 4, right_rows: 3 }); // prettier-ignore
  await store.writer.run(count(9, 4));
  expect(await evaluated('transactions_three_way')).toEqual(['passed']);
  await store.writer.run(`UPDATE ops.self_runs SET taken_at = taken_at - INTERVAL 5 HOUR`);
  expect((await evaluated('transactions_three_way'))[1]).toContain('the last run is of 2026-11-21 04:22:00');
});

it('a blocking check of the gate holds gold, opens an incident with the rows, and closes it when it passes', async () => {
  await using stand = await start();
  const { commit, rows, gold } = stand;
  const world = new BankWorld(8);
  await commit(world.opening());
  const entry = { entry_id: 900001, transaction_id: 900001, account_id: 1001, posting_type: 'CREDIT', amount: '5.0000', currency: 'USD', balance_after: null, account_seq: 9, created_at: '2026-11-20 09:00:00' } as const; // prettier-ignore
  expect((await commit([{ table: 'ledger_entries', op: 'c', row: entry }])).status).toBe('held');
  expect(
    await rows(`SELECT code, severity, subject FROM ops.incidents WHERE closed_at IS NULL AND subject = 'entries_sum_to_zero'`),
  ).toEqual([['LF_GOLD_HELD', 'block', 'entries_sum_to_zero']]);
  const [[found]] = (await rows(`SELECT rows FROM ops.incidents WHERE subject = 'entries_sum_to_zero'`)) as [[string]];
  expect(JSON.parse(found)).toEqual([{ transaction_id: 900001, currency: 'USD', difference: 5 }]);
  expect(await rows('SELECT count(*) FROM gold.fct_ledger_entries WHERE entry_id = 900001')).toEqual([['0']]);
  await commit([{ table: 'ledger_entries', op: 'd', row: entry }]);
  expect((await gold.verify()).status).toBe('refreshed'); // a refresh may rest after one that took long
  expect(await rows(OPEN)).toEqual([]);
});
