// What of a captured table the pipeline counts about itself: its key, the column whose hour a row belongs to, and its money by currency.

import type { ColumnSchema, TableSchema } from '../../../cdc/schema/table-schema.ts';

export interface TableShape {
  readonly table: string;
  /** Empty: the table has no key, so that only its messages can be counted. */
  readonly keyColumns: readonly string[];
  readonly columns: readonly string[];
  /** Null: the table is counted as a whole. */
  readonly time: string | null;
  /** Null: rows only. */
  readonly money: { readonly amount: string; readonly currency: string } | null;
}

/** Written by the pipeline itself, for itself: nothing of the bank is in them. */
export const EXEMPT_TABLES: readonly string[] = ['heartbeat', 'barriers', 'debezium_signal'];

/** Tables of gold with one row for each row of a captured table, and the columns they share. */
export const GOLD_OF: Readonly<Record<string, string>> = {
  transactions: 'fct_transactions',
  ledger_entries: 'fct_ledger_entries',
  trades: 'fct_trades',
  market_prices: 'fct_market_prices',
};

const TIME_COLUMNS = ['created_at', 'traded_at', 'priced_at', 'posted_at', 'event_ts'];
const AMOUNT_COLUMNS = ['amount', 'balance'];
const CURRENCY_COLUMN = 'currency';
/** Sums are kept in ten-thousandths. */
const SCALE_MAX = 4;

export function shapeOf({ table, columns, keyColumns }: Pick<TableSchema, 'table' | 'columns' | 'keyColumns'>): TableShape {
  const find = (name: string): ColumnSchema | undefined => columns.find((column) => column.name === name);
  const time = TIME_COLUMNS.find((name) => isInstant(find(name)));
  const amount = AMOUNT_COLUMNS.find((name) => isMoney(find(name)));
  const hasCurrency = find(CURRENCY_COLUMN) !== undefined;
  return {
    ...{ table, keyColumns: [...keyColumns], columns: columns.map(({ name }) => name), time: time ?? null },
    money: amount === undefined || !hasCurrency ? null : { amount, currency: CURRENCY_COLUMN },
  };
}

function isInstant(column: ColumnSchema | undefined): boolean {
  return column !== undefined && /^(DATETIME|TIMESTAMP)/i.test(column.typeName);
}

function isMoney(column: ColumnSchema | undefined): boolean {
  return column !== undefined && /^(DECIMAL|NUMERIC)/i.test(column.typeName) && (column.scale ?? 0) <= SCALE_MAX;
}
