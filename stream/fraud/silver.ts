// The lake's silver tables as the canonical relation. A bank captured without merchants, devices or entries lacks their columns: they are NULL.

import { CANONICAL_COLUMNS, CANONICAL_NAMES, type CanonicalColumn } from './canonical.ts';
import { citiesSql } from './cities.ts';

/** Columns of the captured tables that are there. */
export type SilverShape = ReadonlyMap<string, ReadonlySet<string>>;

export interface SilverRange {
  readonly shape: SilverShape;
  /** Condition over t, the row of silver.transactions. */
  readonly where: string;
  /** Condition over e, the row of silver.ledger_entries whose balances are wanted. */
  readonly entriesWhere: string;
  /** First recorded payment, as SQL: before it nothing is known, so no account is dormant for longer. */
  readonly recordedSince: string;
  /** Commit that is read. */
  readonly position: number;
}

/** A relation of canonical rows. */
export function silverTransactionsSql(range: SilverRange): string {
  const { shape } = range;
  const has = (table: string, column: string): boolean => shape.get(table)?.has(column) ?? false;
  const from = (table: string, alias: string, column: string): string => (has(table, column) ? `${alias}.${column}` : 'NULL');
  const own = (column: string): string => from('transactions', 't', column);
  const [accounts, merchants, entries] = [
    has('accounts', 'account_type'),
    has('merchants', 'merchant_id'),
    has('ledger_entries', 'balance_after'),
  ];
  const house = accounts ? `c.account_type LIKE 'house%'` : 'false';
  const located = merchants && has('merchants', 'city') && has('merchants', 'country');
  const since = accounts && has('accounts', 'created_at') ? `greatest(CAST(a.created_at AS TIMESTAMP), ${range.recordedSince})` : 'NULL';
  const columns: Readonly<Record<CanonicalColumn, string>> = {
    transaction_id: 't.transaction_id',
    event_ts: 't.event_ts',
    position: String(range.position),
    account_id: 't.account_id',
    customer_id: own('customer_id'),
    counter_account_id: `CASE WHEN NOT ${house} THEN ${own('counter_account_id')} END`,
    counter_customer_id: accounts ? `CASE WHEN NOT ${house} THEN c.customer_id END` : 'NULL',
    merchant_id: own('merchant_id'),
    mcc: merchants ? from('merchants', 'm', 'mcc') : 'NULL',
    category: merchants ? from('merchants', 'm', 'category') : 'NULL',
    device_id: own('device_id'),
    channel: own('channel'),
    type: own('type'),
    direction: has('transactions', 'direction') ? 'lower(t.direction)' : `'debit'`,
    status: has('transactions', 'status') ? 't.status' : `'posted'`,
    amount: 't.amount',
    currency: own('currency'),
    latitude: located ? 'city.latitude' : 'NULL',
    longitude: located ? 'city.longitude' : 'NULL',
    country: merchants ? from('merchants', 'm', 'country') : 'NULL',
    reference_id: own('reference_id'),
    is_reversal: has('transactions', 'reversal_of') ? 't.reversal_of IS NOT NULL' : 'false',
    balance_before: entries ? `e.balance_after + CASE WHEN e.posting_type = 'DEBIT' THEN e.amount ELSE -e.amount END` : 'NULL',
    account_since: since,
  };
  const joins = [
    accounts
      ? 'LEFT JOIN silver.accounts a ON a.account_id = t.account_id LEFT JOIN silver.accounts c ON c.account_id = t.counter_account_id'
      : '',
    merchants ? 'LEFT JOIN silver.merchants m ON m.merchant_id = t.merchant_id' : '',
    located ? `LEFT JOIN ${citiesSql()} ON city.city = m.city AND city.country = m.country` : '',
    entries
      ? `LEFT JOIN (SELECT * FROM silver.ledger_entries e WHERE ${range.entriesWhere}) e ON e.transaction_id = t.transaction_id AND e.account_id = t.account_id`
      : '',
  ];
  return `(SELECT ${CANONICAL_NAMES.map((name) => typed(name, columns[name])).join(', ')} FROM (SELECT * FROM silver.transactions t WHERE ${range.where}) t ${joins.join(' ')})`;
}

function typed(name: CanonicalColumn, sql: string): string {
  return `CAST(${sql} AS ${CANONICAL_COLUMNS[name]}) AS ${name}`;
}
