// A store for dashboards: N transactions over half a year at 300 merchants, gold filled, and commits as a bank of some rows a second makes them.

import { pino } from 'pino';
import { GoldRefresher } from '../../lake/gold/refresh.ts';
import { FixtureStore } from '../../lake/gold/testkit-store.ts';

const CUSTOMERS = 20_000;
const ACCOUNTS = 40_000;
const MERCHANTS = 300;
const DAYS = 180;
/** Each posted transaction has two entries. */
export const ROWS_PER_TRANSACTION = 3;

export interface DashboardStore extends AsyncDisposable {
  readonly store: FixtureStore;
  /** The last day of the history. */
  readonly now: Date;
  /** One commit of new transactions, and gold's refresh after it. */
  commit(transactions: number): Promise<void>;
}

const COLUMNS = `i AS transaction_id, 1001 + (hash(i) % ${ACCOUNTS})::BIGINT AS account_id, 1 + (hash(i) % ${ACCOUNTS})::BIGINT % ${CUSTOMERS} AS customer_id,
  CASE WHEN i % 4 >= 2 THEN 1 + (hash(i, 2) % ${MERCHANTS})::BIGINT END AS merchant_id, ((hash(i, 1) % 100000 + 1) / 100)::DECIMAL(20,4) AS amount, 'USD' AS currency,
  CASE WHEN i % 40 = 0 THEN 'failed' ELSE 'posted' END AS status, ['DEPOSIT', 'WITHDRAWAL', 'PURCHASE', 'PURCHASE'][1 + i % 4] AS type,
  CASE WHEN i % 4 >= 2 THEN 802 ELSE 801 END AS counter_account_id, 'web' AS channel, CASE WHEN i % 4 = 0 THEN 'CREDIT' ELSE 'DEBIT' END AS direction`;
const ENTRIES = `2 * transaction_id + leg AS entry_id, transaction_id, CASE WHEN leg = 0 THEN account_id ELSE counter_account_id END AS account_id,
  CASE WHEN (leg = 0) = (direction = 'CREDIT') THEN 'CREDIT' ELSE 'DEBIT' END AS posting_type, amount, currency, created_at, 'c' AS _op, _pos + leg + 1 AS _pos, _commit, _ts`;

const versions = (commit: number, at: string): string => `'c' AS _op, ${commit} AS _commit, ${at} AS _ts`;

/** @param transactions of the history before the benchmark begins */
export async function dashboardStore(file: string, transactions: number): Promise<DashboardStore> {
  const store = await FixtureStore.open(file);
  const now = new Date();
  const today = `TIMESTAMP '${now.toISOString().slice(0, 10)}'`;
  const created = `${today} - to_microseconds(((1 - i::DOUBLE / ${transactions}) * ${DAYS * 86_400} * 1000000)::BIGINT)`;
  const seed = `0 AS _pos, ${versions(1, today)}`;
  await store.writer.run(`
INSERT INTO _rows.customers BY NAME SELECT i AS customer_id, 'first' AS first_name, 'last' AS last_name, TIMESTAMP '2026-01-01' AS created_at, ${seed} FROM range(1, ${CUSTOMERS + 1}) r(i);
INSERT INTO _rows.merchants BY NAME SELECT i AS merchant_id, 'Shop ' || i AS name, '5411' AS mcc, TIMESTAMP '2026-01-01' AS created_at, ${seed} FROM range(1, ${MERCHANTS + 1}) r(i);
INSERT INTO _rows.accounts BY NAME SELECT i AS account_id, 1 + (i - 1001) % ${CUSTOMERS} AS customer_id, 'checking' AS account_type, 'USD' AS currency, 'active' AS status, 0 AS overdraft_limit,
  TIMESTAMP '2026-01-01' AS created_at, ${seed} FROM range(1001, ${1001 + ACCOUNTS}) r(i);
INSERT INTO _rows.accounts BY NAME SELECT i AS account_id, ['house_float', 'house_settlement'][i - 800] AS account_type, 'USD' AS currency, 'active' AS status, 0 AS overdraft_limit,
  TIMESTAMP '2026-01-01' AS created_at, ${seed} FROM range(801, 803) r(i);
INSERT INTO _rows.transactions BY NAME SELECT ${COLUMNS}, ${created} AS event_ts, ${created} AS created_at, i << 24 AS _pos, ${versions(1, today)} FROM range(1, ${transactions + 1}) r(i);
INSERT INTO _rows.ledger_entries BY NAME SELECT ${ENTRIES} FROM _rows.transactions, range(0, 2) l(leg) WHERE status = 'posted';
UPDATE ops.state SET commit_id = 1; CHECKPOINT`);
  store.commitId = 1;
  const gold = await GoldRefresher.open({ gold: await store.instance.connect() }, pino({ level: 'silent' }));
  const refresh = async (): Promise<void> => {
    const outcome = await gold.refresh({ commitId: store.commitId, gtid: null, phase: 'streaming' });
    if (outcome.status === 'waiting') throw new Error('gold waits');
  };
  await refresh();
  let next = transactions + 1;
  return {
    store,
    now,
    commit: async (count) => {
      const commit = store.commitId + 1;
      await store.writer.run(`BEGIN;
INSERT INTO _rows.transactions BY NAME SELECT ${COLUMNS}, ${today} AS event_ts, ${today} AS created_at, i << 24 AS _pos, ${versions(commit, today)} FROM range(${next}, ${next + count}) r(i);
INSERT INTO _rows.ledger_entries BY NAME SELECT ${ENTRIES} FROM _rows.transactions, range(0, 2) l(leg) WHERE status = 'posted' AND _commit = ${commit};
UPDATE ops.state SET commit_id = ${commit}; COMMIT`);
      store.commitId = commit;
      next += count;
      await refresh();
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
