// Balances as a relation of their own: per account and currency the sum of its entries, compared like a table.

import { ident, mysqlIdent } from '../../infra/runtime/sql-text.ts';
import { catalogColumn } from '../../cdc/schema/source-table.ts';
import type { Dialect } from './canonical.ts';
import type { TablePlan } from './plan.ts';

export const ENTRIES_TABLE = 'ledger_entries';
/** Columns of an entry that a balance is made of. */
export const ENTRY_COLUMNS = ['entry_id', 'account_id', 'posting_type', 'amount', 'currency'] as const;
const HASH_DIGITS = 3;

const column = (name: string, type: string, position: number): TablePlan['columns'][number] => ({
  ...catalogColumn(type, { name, nullable: false, position, charset: null, generated: false }),
  enumValues: null,
});

/** MySQL adds up to more digits than DuckDB has: both write the text with four behind the point. */
export const BALANCES_PLAN: TablePlan = {
  table: 'balances',
  columns: [column('account_id', 'bigint', 1), column('currency', 'char(3)', 2), column('balance', 'decimal(42,4)', 3)],
  keyColumns: ['account_id', 'currency'],
  bucket: { kind: 'hash', digits: HASH_DIGITS },
};

/** Credits less debits, from the entries of a relation. */
export function balancesSql(entries: string, dialect: Dialect): string {
  const name = (text: string): string => (dialect === 'mysql' ? mysqlIdent(text) : ident(text));
  const [account, currency] = [name('account_id'), name('currency')];
  const signed = `CASE ${name('posting_type')} WHEN 'CREDIT' THEN ${name('amount')} ELSE -${name('amount')} END`;
  return `(SELECT ${account}, ${currency}, SUM(${signed}) AS ${name('balance')} FROM ${entries} AS e GROUP BY ${account}, ${currency})`;
}
