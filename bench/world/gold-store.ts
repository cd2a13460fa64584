// A store for gold's benchmark: N transactions over fifty days, with what the marts need beside them, and commits as the bank makes them.
// Its DuckDB is set as the product sets it.

import { loadConfig } from '../../infra/runtime/config.ts';
import { FixtureStore } from '../../lake/gold/testkit-store.ts';

const ACCOUNTS = 100_000;
const CUSTOMERS = 50_000;
const MERCHANTS = 2_000;
const DEVICES = 60_000;
const TRADERS = 200;
/** While silver is filled, which is not what is measured. */
const FILLING_MB = 4_096;
const TYPES = "['DEPOSIT', 'WITHDRAWAL', 'PURCHASE', 'FEE']";

/** Columns of a transaction as a function of its number; spread over 50 days, every 20th failed, every 50th pending. */
const transactionSql = (
  created: string,
): string => `i AS transaction_id, 1001 + (hash(i) % ${ACCOUNTS})::BIGINT AS account_id, 1 + (hash(i) % ${CUSTOMERS})::BIGINT AS customer_id,
  CASE WHEN i % 4 = 2 THEN 1 + (hash(i, 2) % ${MERCHANTS})::BIGINT END AS merchant_id, ((hash(i, 1) % 100000 + 1) / 100)::DECIMAL(20,4) AS amount, 'USD' AS currency,
  CASE WHEN i % 20 = 0 THEN 'failed' WHEN i % 50 = 1 THEN 'pending' ELSE 'posted' END AS status, ${created} AS event_ts, ${created} AS created_at,
  ${TYPES}[1 + i % 4] AS type, [801, 801, 802, 803][1 + i % 4] AS counter_account_id, NULL::BIGINT AS reference_id, NULL::BIGINT AS reversal_of, 1 + (hash(i, 3) % ${DEVICES})::BIGINT AS device_id, 'web' AS channel, '{}' AS metadata,
  CASE WHEN i % 4 = 0 THEN 'CREDIT' ELSE 'DEBIT' END AS direction`;

const ENTRIES = `2 * transaction_id + leg AS entry_id, transaction_id, CASE WHEN leg = 0 THEN account_id ELSE counter_account_id END AS account_id,
  CASE WHEN (leg = 0) = (type = 'DEPOSIT') THEN 'CREDIT' ELSE 'DEBIT' END AS posting_type, amount, currency, 0 AS balance_after, NULL AS account_seq, created_at`;

/** Opens a store in the file and fills silver. @param transactions rows of silver.transactions */
export async function goldStore(file: string, transactions: number): Promise<FixtureStore> {
  const store = await FixtureStore.open(file);
  const { storeMemoryMb, storeThreads } = loadConfig({});
  await store.writer.run(`SET memory_limit = '${FILLING_MB}MB'`);
  await fill(store, transactions);
  await store.writer.run(`SET threads = ${storeThreads}; SET memory_limit = '${storeMemoryMb}MB';
SET GLOBAL disabled_optimizers = 'statistics_propagation,compressed_materialization'`);
  return store;
}

async function fill(store: FixtureStore, transactions: number): Promise<void> {
  const version = `'c', 0, 1, TIMESTAMP '2026-10-01'`;
  const created = `TIMESTAMP '2026-10-01' + to_microseconds((i::DOUBLE / ${transactions} * 50 * 86400 * 1000000)::BIGINT)`;
  await store.writer.run(`
INSERT INTO _rows.customers SELECT i, 'first', 'last', i || '@example.com', TIMESTAMP '2026-01-01', ${version} FROM range(1, ${CUSTOMERS + 1}) r(i);
INSERT INTO _rows.accounts SELECT i, 1 + i % ${CUSTOMERS}, 'checking', 0, 'active', TIMESTAMP '2026-01-01', 'USD', 0, 0, ${version} FROM range(1001, ${1001 + ACCOUNTS}) r(i);
INSERT INTO _rows.accounts SELECT i, 1, ['house_float', 'house_settlement', 'house_fees', 'house_cashback'][i - 800], NULL, 'active', TIMESTAMP '2026-01-01', 'USD', 0, 0, ${version} FROM range(801, 805) r(i);
INSERT INTO _rows.merchants SELECT i, 'Shop ' || i, '5411', 'unclassified', NULL, 'US', TIMESTAMP '2026-01-01', ${version} FROM range(1, ${MERCHANTS + 1}) r(i);
INSERT INTO _rows.devices SELECT i, 1 + i % ${CUSTOMERS}, 'phone', NULL, TIMESTAMP '2026-01-01', ${version} FROM range(1, ${DEVICES + 1}) r(i);
INSERT INTO _rows.budgets SELECT i, i, 'groceries', '2026-11', 'USD', 500, ${version} FROM range(1, 20001) r(i);
INSERT INTO _rows.instruments SELECT 'S' || i, 'Stock ' || i, 'stock', 'USD', ${version} FROM range(0, 10) r(i);
INSERT INTO _rows.market_prices SELECT 'S' || s, t, 100 + (hash(s, t) % 1000) / 100, 'USD', TIMESTAMP '2026-10-01' + to_hours(t), ${version} FROM range(0, 10) a(s), range(0, 1200) b(t);
INSERT INTO _rows.trades SELECT i, 1001 + i % ${TRADERS}, 1 + (1001 + i % ${TRADERS}) % ${CUSTOMERS}, 'S' || (i % 10), 'buy', 1 + i % 5, 100, 100 * (1 + i % 5), 'USD', 0, i,
  TIMESTAMP '2026-10-02' + to_hours((i % 1000)::BIGINT), ${version} FROM range(1, 10001) r(i);
INSERT INTO _rows.transactions SELECT ${transactionSql(created)}, 'c', i << 24, 1, TIMESTAMP '2026-10-01' FROM range(1, ${transactions + 1}) r(i);
INSERT INTO _rows.ledger_entries SELECT ${ENTRIES}, 'c', _pos + leg + 1, 1, _ts FROM _rows.transactions, range(0, 2) l(leg) WHERE status = 'posted';
UPDATE ops.state SET commit_id = 1; CHECKPOINT`);
  store.commitId = 1;
}

/** One commit of new transactions with their entries and the accounts' cached balances, as the bank's triggers make it. */
export async function insertNew(store: FixtureStore, from: number, count: number): Promise<void> {
  const commit = store.commitId + 1;
  await store.writer.run(`BEGIN;
INSERT INTO _rows.transactions SELECT ${transactionSql(`TIMESTAMP '2026-11-20 01:00:00'`)}, 'c', i << 24, ${commit}, TIMESTAMP '2026-11-20' FROM range(${from}, ${from + count}) r(i);
INSERT INTO _rows.ledger_entries SELECT ${ENTRIES}, 'c', _pos + leg + 1, ${commit}, _ts FROM _rows.transactions, range(0, 2) l(leg) WHERE _commit = ${commit} AND status = 'posted';
${accountsSql(commit)}
UPDATE ops.state SET commit_id = ${commit}; COMMIT`);
  store.commitId = commit;
}

const accountsSql = (
  commit: number,
): string => `INSERT INTO _rows.accounts SELECT account_id, 1 + account_id % ${CUSTOMERS}, 'checking', 1, 'active', TIMESTAMP '2026-01-01', 'USD', 0, 0,
  'u', max(_pos) + 10, ${commit}, TIMESTAMP '2026-11-20' FROM _rows.ledger_entries WHERE _commit = ${commit} AND account_id > 1000 GROUP BY account_id;
INSERT INTO _gone.accounts SELECT account_id, _pos, ${commit} FROM _rows.accounts WHERE _commit = ${commit};`;

/** One commit that posts old pending transactions, anywhere in the table. */
export async function postPending(store: FixtureStore, round: number, count: number): Promise<void> {
  const commit = store.commitId + 1;
  await store.writer.run(`BEGIN;
INSERT INTO _rows.transactions SELECT * REPLACE ('posted' AS status, 'u' AS _op, (${commit} + 1000000000)::BIGINT << 24 AS _pos, ${commit} AS _commit)
  FROM _rows.transactions WHERE status = 'pending' AND _commit = 1 AND hash(transaction_id, ${round}) % 1000 < 50 LIMIT ${count};
INSERT INTO _gone.transactions SELECT transaction_id, _pos, ${commit} FROM _rows.transactions WHERE _commit = ${commit};
INSERT INTO _rows.ledger_entries SELECT ${ENTRIES}, 'c', _pos + leg + 1, ${commit}, _ts FROM _rows.transactions, range(0, 2) l(leg) WHERE _commit = ${commit};
DELETE FROM _rows.transactions WHERE _commit = 1 AND transaction_id IN (SELECT transaction_id FROM _gone.transactions WHERE _commit = ${commit});
${accountsSql(commit)}
UPDATE ops.state SET commit_id = ${commit}; COMMIT`);
  store.commitId = commit;
}
