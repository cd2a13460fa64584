// The lake's silver tables as the canonical relation. A bank captured without merchants, devices or entries lacks their columns: they are NULL.

import { CANONICAL_COLUMNS, CANONICAL_NAMES, type CanonicalColumn } from '../canonical.ts';
import { citiesSql } from '../cities.ts';

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
  /** Only these columns, and only the tables they need; all when not given. */
  readonly columns?: readonly CanonicalColumn[];
  /** Ids as the bank has them, not as texts. */
  readonly nativeIds?: boolean;
  /** Read ops.fraud_history (history.ts) in place of silver.transactions. */
  readonly fromHistory?: boolean;
  /** More expressions over t. */
  readonly more?: string;
  /** Relation (account_id) of the bank's own accounts; they are looked up in silver.accounts when not given. */
  readonly house?: string;
  /** Relation (city, country, latitude, longitude); as citiesSql makes it when not given. */
  readonly cities?: string;
}

/** Columns that these tables can never fill. */
export function absentColumns(shape: SilverShape): ReadonlySet<CanonicalColumn> {
  const columns = columnsOf(shape, { recordedSince: 'NULL', position: 0 });
  return new Set(CANONICAL_NAMES.filter((name) => columns[name].sql === 'NULL'));
}

interface SilverColumn {
  readonly sql: string;
  /** Aliases of the tables that it needs beside t, as joinsSql names them. */
  readonly of?: readonly ('a' | 'c' | 'm' | 'city' | 'e')[];
}

/** A relation of canonical rows. */
export function silverTransactionsSql(range: SilverRange): string {
  const { shape, where } = range;
  const names = range.columns ?? CANONICAL_NAMES;
  const columns = columnsOf(shape, range);
  const needed = new Set(names.flatMap((name) => columns[name].of ?? []));
  if (needed.has('city')) needed.add('m');
  const joins = {
    a: 'LEFT JOIN silver.accounts a ON a.account_id = t.account_id',
    c: 'LEFT JOIN silver.accounts c ON c.account_id = t.counter_account_id',
    m: 'LEFT JOIN silver.merchants m ON m.merchant_id = t.merchant_id',
    city: `LEFT JOIN ${range.cities ?? citiesSql()} AS city ON city.city = m.city AND city.country = m.country`,
    e: `LEFT JOIN (SELECT * FROM silver.ledger_entries e WHERE ${range.entriesWhere}) e ON e.transaction_id = t.transaction_id AND e.account_id = t.account_id`,
  };
  const wanted = (['a', 'c', 'm', 'city', 'e'] as const).filter((alias) => needed.has(alias)).map((alias) => joins[alias]);
  const selected = names.map((name) => (range.nativeIds === true && name.endsWith('_id') ? `${columns[name].sql} AS ${name}` : typed(name, columns[name].sql))); // prettier-ignore
  return `(SELECT ${[...selected, ...(range.more === undefined ? [] : [range.more])].join(', ')} FROM (SELECT * FROM ${range.fromHistory === true ? 'ops.fraud_history' : 'silver.transactions'} t WHERE ${where}) t ${wanted.join(' ')})`;
}

/** How the captured tables fill the canonical columns; NULL where they cannot. */
function columnsOf(
  shape: SilverShape,
  range: Pick<SilverRange, 'recordedSince' | 'position' | 'house' | 'fromHistory'>,
): Readonly<Record<CanonicalColumn, SilverColumn>> {
  const has = (table: string, column: string): boolean => shape.get(table)?.has(column) ?? false;
  const from = (table: string, alias: 'a' | 'm', column: string): SilverColumn =>
    has(table, column) ? { sql: `${alias}.${column}`, of: [alias] } : { sql: 'NULL' };
  const own = (column: string): SilverColumn => ({ sql: has('transactions', column) ? `t.${column}` : 'NULL' });
  const [accounts, merchants] = [has('accounts', 'account_type'), has('merchants', 'merchant_id')];
  const none: SilverColumn = { sql: 'NULL' };
  const kept = range.fromHistory === true;
  const counter = own('counter_account_id').sql;
  const other = (sql: string): SilverColumn =>
    accounts ? { sql: `CASE WHEN NOT c.account_type LIKE 'house%' THEN ${sql} END`, of: ['c'] } : none;
  const counterOf = (sql: string): SilverColumn => {
    if (kept || !accounts || sql === 'NULL') return { sql };
    return range.house === undefined
      ? other(sql)
      : { sql: `CASE WHEN ${sql} NOT IN (SELECT account_id FROM ${range.house}) THEN ${sql} END` };
  };
  const located = merchants && has('merchants', 'city') && has('merchants', 'country');
  return {
    transaction_id: { sql: 't.transaction_id' },
    event_ts: { sql: 't.event_ts' },
    position: { sql: String(range.position) },
    account_id: { sql: 't.account_id' },
    // A movement without a customer is its account's, as scope.ts has it.
    customer_id: { sql: has('transactions', 'customer_id') ? 'coalesce(t.customer_id, t.account_id)' : 't.account_id' },
    counter_account_id: counterOf(counter),
    counter_customer_id: accounts ? other('c.customer_id') : none,
    merchant_id: own('merchant_id'),
    mcc: merchants ? from('merchants', 'm', 'mcc') : none,
    category: merchants ? from('merchants', 'm', 'category') : none,
    device_id: own('device_id'),
    channel: own('channel'),
    type: own('type'),
    direction: { sql: has('transactions', 'direction') ? 'lower(t.direction)' : `'debit'` },
    status: { sql: has('transactions', 'status') ? 't.status' : `'posted'` },
    amount: { sql: kept ? 'coalesce(t.large_amount, t.amount)' : 't.amount' },
    currency: own('currency'),
    latitude: located ? { sql: 'city.latitude', of: ['city'] } : none,
    longitude: located ? { sql: 'city.longitude', of: ['city'] } : none,
    country: merchants ? from('merchants', 'm', 'country') : none,
    reference_id: own('reference_id'),
    is_reversal: { sql: kept ? 't.is_reversal' : has('transactions', 'reversal_of') ? 't.reversal_of IS NOT NULL' : 'false' },
    balance_before: has('ledger_entries', 'balance_after')
      ? { sql: `e.balance_after + CASE WHEN e.posting_type = 'DEBIT' THEN e.amount ELSE -e.amount END`, of: ['e'] }
      : none,
    account_since:
      accounts && has('accounts', 'created_at')
        ? { sql: `greatest(CAST(a.created_at AS TIMESTAMP), ${range.recordedSince})`, of: ['a'] }
        : none,
  };
}

function typed(name: CanonicalColumn, sql: string): string {
  return `CAST(${sql} AS ${CANONICAL_COLUMNS[name]}) AS ${name}`;
}
