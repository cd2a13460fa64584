// Fills a new working store with the world as an ended snapshot leaves it, by SQL, and builds gold once.

import type { Logger } from 'pino';
import { GoldRefresher } from '../../lake/gold/refresh.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { createTableSql } from '../../lake/store/tables.ts';
import {
  ENTRIES_PER_POSTED,
  FIRST_ACCOUNT,
  FIRST_CUSTOMER,
  FIRST_HOUSE_ACCOUNT,
  FIRST_MERCHANT,
  FIRST_TRANSACTION,
  HOUSE_ACCOUNTS,
  PRELOADED_SEQ,
  type WorldSizes,
} from './sizes.ts';
import { BENCH_TABLES, BENCH_UUID, benchSchema } from './tables.ts';

const VERSION = `'r', -4611686018427387904 + i, 1, TIMESTAMP '2026-11-20'`;

function createdAt(part: string): string {
  return `TIMESTAMP '2026-10-01' + to_microseconds((${part} * 50 * 86400 * 1000000)::BIGINT)`;
}

function accountOf(expression: string, sizes: WorldSizes): string {
  return `${FIRST_ACCOUNT} + (${expression}) * 7919 % ${sizes.accounts - HOUSE_ACCOUNTS}`;
}

function rowsSql(sizes: WorldSizes): string {
  const customer = `${FIRST_CUSTOMER} + i % ${sizes.customers}`;
  const posted = `${FIRST_TRANSACTION} + (p // 5) * 10 + p % 5`;
  const house = `${FIRST_HOUSE_ACCOUNT} + (t % ${HOUSE_ACCOUNTS})`;
  return `
INSERT INTO _rows.customers SELECT ${FIRST_CUSTOMER} + i, 'First' || i, 'Last' || i, 'customer' || i || '@example.com', TIMESTAMP '2026-01-01', 'Springfield', 'US', ${VERSION} FROM range(${sizes.customers}) r(i);
INSERT INTO _rows.merchants SELECT ${FIRST_MERCHANT} + i, 'Merchant ' || i, '5411', 'groceries', 'Springfield', 'US', TIMESTAMP '2026-01-01', ${VERSION} FROM range(${sizes.merchants}) r(i);
INSERT INTO _rows.accounts SELECT ${FIRST_ACCOUNT} + i, ${customer}, 'checking', 10000.0000, 'active', TIMESTAMP '2026-01-01', 'USD', 0, 0, NULL, ${VERSION} FROM range(${sizes.accounts - HOUSE_ACCOUNTS}) r(i);
INSERT INTO _rows.accounts SELECT ${FIRST_HOUSE_ACCOUNT} + i, ${FIRST_CUSTOMER}, 'house_float', NULL, 'active', TIMESTAMP '2026-01-01', 'USD', 0, 0, NULL, ${VERSION} FROM range(${HOUSE_ACCOUNTS}) r(i);
INSERT INTO _rows.transactions SELECT ${FIRST_TRANSACTION} + i, ${accountOf('i', sizes)}, ${customer}, ${FIRST_MERCHANT} + i % ${sizes.merchants}, i % 1000 + 1, 'USD',
  CASE WHEN i % 10 < 5 THEN 'posted' WHEN i % 10 < 8 THEN 'pending' ELSE 'failed' END, made, made, 'PURCHASE', 'DEBIT', ${FIRST_HOUSE_ACCOUNT} + i % ${HOUSE_ACCOUNTS}, NULL, NULL, NULL, 'web', NULL, made,
  CASE WHEN i % 10 < 5 THEN made END, '{"ip":"10.0.0.1"}', ${VERSION} FROM (SELECT i, ${createdAt(`i / ${sizes.transactions}`)} AS made FROM range(${sizes.transactions}) r(i));
INSERT INTO _rows.ledger_entries SELECT i + 1, t, CASE WHEN leg % 2 = 0 THEN ${accountOf(`t - ${FIRST_TRANSACTION}`, sizes)} ELSE ${house} END, CASE WHEN leg % 2 = 0 THEN 'DEBIT' ELSE 'CREDIT' END,
  (t - ${FIRST_TRANSACTION}) % 1000 + 1, 'USD', NULL, NULL, ${createdAt(`(t - ${FIRST_TRANSACTION}) / ${sizes.transactions}`)}, leg, ${VERSION}
  FROM (SELECT i, ${posted} AS t, leg FROM (SELECT i, i // ${ENTRIES_PER_POSTED} AS p, i % ${ENTRIES_PER_POSTED} AS leg FROM range(${sizes.ledgerEntries}) r(i)));`;
}

/** Rows, shapes, position; then gold in full. */
export async function preload(store: StoreHandle, sizes: WorldSizes, log: Logger, { gold: withGold } = { gold: true }): Promise<void> {
  const schemas = BENCH_TABLES.map(benchSchema);
  await store.writer.run(schemas.map(createTableSql).join('\n'));
  await store.writer.run(`BEGIN;
${schemas.map((schema) => `INSERT INTO ops.table_schemas (table_name, version, seq, commit_id, ddl, schema_json) VALUES (${literal(schema.table)}, 1, -1, 1, 'CREATE TABLE', ${literal(JSON.stringify(schema))});`).join('\n')}
${rowsSql(sizes)}
UPDATE ops.state SET commit_id = 1, seq = ${PRELOADED_SEQ}, gtid = '${BENCH_UUID}:${PRELOADED_SEQ}', server_uuid = '${BENCH_UUID}', committed_at = now(), phase = 'streaming';
COMMIT; CHECKPOINT`);
  if (!withGold) return;
  const gold = await GoldRefresher.open({ gold: await store.connect() }, log);
  const outcome = await gold.refresh({ commitId: 1, gtid: null, phase: 'streaming' });
  if (outcome.status !== 'refreshed')
    throw new Error(`gold of the preloaded world is ${outcome.status}: ${outcome.failures.map(({ observed }) => observed).join()}`);
  await store.writer.run('CHECKPOINT');
}
