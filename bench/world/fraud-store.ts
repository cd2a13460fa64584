// A store for the fraud benchmark: N movements over 90 days of a bank that grows with them (one customer for every 50), busy and quiet
// merchants, and commits that go on at the same pace of business time.

import { FixtureStore } from '../../lake/gold/testkit-store.ts';

const DAYS = 90;
const MOVEMENTS_PER_CUSTOMER = 50;
const MOVEMENTS_PER_MERCHANT = 400;
const HOUSE = `(801, 'house_float'), (802, 'house_settlement')`;
const FIRST_ACCOUNT = 1_001;
/** The last instant of the history. */
export const HISTORY_END = '2026-11-21 00:00:00';

export interface FraudStore extends AsyncDisposable {
  readonly store: FixtureStore;
  /** One commit of new movements. */
  commit(movements: number): Promise<void>;
}

/** @param file of the store @param history movements before the benchmark begins */
export async function fraudStore(file: string, history: number): Promise<FraudStore> {
  const store = await FixtureStore.open(file);
  const [customers, merchants] = [Math.ceil(history / MOVEMENTS_PER_CUSTOMER), Math.ceil(history / MOVEMENTS_PER_MERCHANT)];
  const day = `TIMESTAMP '2026-08-01'`;
  const seed = `0 AS _pos, 'c' AS _op, 1 AS _commit, ${day} AS _ts`;
  const shops = `CASE WHEN i % 500 = 0 THEN 'London' ELSE 'New York' END AS city, CASE WHEN i % 500 = 0 THEN 'GB' ELSE 'US' END AS country`;
  await store.writer.run(`
INSERT INTO _rows.merchants BY NAME SELECT i AS merchant_id, 'Shop ' || i AS name, CASE WHEN i % 50 = 0 THEN '7995' ELSE '5411' END AS mcc, ['groceries', 'dining', 'travel', 'fuel', 'games'][1 + i % 5] AS category,
  ${shops}, ${day} AS created_at, ${seed} FROM range(1, ${merchants + 1}) r(i);
INSERT INTO _rows.accounts BY NAME SELECT ${FIRST_ACCOUNT} + i AS account_id, 1 + i AS customer_id, 'checking' AS account_type, 'USD' AS currency, 'active' AS status, TIMESTAMP '2026-01-01' AS created_at, ${seed} FROM range(0, ${customers}) r(i);
INSERT INTO _rows.accounts BY NAME SELECT id AS account_id, kind AS account_type, 'USD' AS currency, 'active' AS status, TIMESTAMP '2026-01-01' AS created_at, ${seed} FROM (VALUES ${HOUSE}) h(id, kind);`);
  let next = 1;
  const stepUs = Math.floor((DAYS * 86_400_000_000) / history);
  const insert = async (count: number, commit: number): Promise<void> => {
    const at = `TIMESTAMP '${HISTORY_END}' + to_microseconds((i - ${history})::BIGINT * ${stepUs})`;
    const owner = `(hash(i) % ${customers})::BIGINT`;
    // Twelve of twenty are purchases, four transfers, two cash out and two in; merchants are busy by the square of a chance.
    await store.writer.run(`BEGIN;
INSERT INTO _rows.transactions BY NAME SELECT i AS transaction_id, ${FIRST_ACCOUNT} + ${owner} AS account_id, 1 + ${owner} AS customer_id,
  CASE WHEN i % 20 < 12 THEN 1 + (${merchants} * pow((hash(i, 3) % 100000)::DOUBLE / 100000, 2))::BIGINT % ${merchants} END AS merchant_id,
  CASE WHEN hash(i, 5) % 200 = 0 THEN 1200 ELSE 3 + ((hash(i, 1) % 12000) / 100)::DECIMAL(20,2) END::DECIMAL(20,4) AS amount, 'USD' AS currency,
  CASE WHEN hash(i, 6) % 50 = 0 THEN 'failed' ELSE 'posted' END AS status, ${at} AS event_ts, ${at} AS created_at,
  CASE WHEN i % 20 < 12 THEN 'PURCHASE' WHEN i % 20 < 16 THEN 'TRANSFER' WHEN i % 20 < 18 THEN 'WITHDRAWAL' ELSE 'DEPOSIT' END AS type,
  CASE WHEN i % 20 < 12 THEN 802 WHEN i % 20 < 16 THEN ${FIRST_ACCOUNT} + (hash(i, 4) % ${customers})::BIGINT ELSE 801 END AS counter_account_id,
  ${owner} * 2 + (hash(i, 7) % 20 = 0)::BIGINT AS device_id, CASE WHEN hash(i, 8) % 2 = 0 THEN 'card' ELSE 'online' END AS channel, CASE WHEN i % 20 >= 18 THEN 'CREDIT' ELSE 'DEBIT' END AS direction,
  'c' AS _op, i << 24 AS _pos, ${commit} AS _commit, ${at} AS _ts FROM range(${next}, ${next + count}) r(i);
INSERT INTO _rows.ledger_entries BY NAME SELECT transaction_id AS entry_id, transaction_id, account_id, direction AS posting_type, amount, currency, 5000 AS balance_after, created_at, 'c' AS _op, _pos + 1 AS _pos, _commit, _ts
  FROM _rows.transactions WHERE _commit = ${commit} AND status = 'posted';
UPDATE ops.state SET commit_id = ${commit}, gtid = 'bench:1-${commit}'; COMMIT`);
    store.commitId = commit;
    next += count;
  };
  await insert(history, 1);
  await store.writer.run(`INSERT INTO ops.gold_state VALUES (-1, NULL, NULL, NULL, NULL); CHECKPOINT`);
  return {
    store,
    commit: (count) => insert(count, store.commitId + 1),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
