// What is computed with downstream, of which a column policy must leave the values alone: gold's models, and the columns that the fraud
// rules read (stream/fraud/live/silver.ts).

import { DuckDBInstance } from '@duckdb/node-api';
import type { NeedOf } from '../../cdc/privacy/judge.ts';
import { loadModels } from '../../lake/gold/model.ts';
import { neededColumns } from '../../lake/gold/needed-columns.ts';

const FRAUD: ReadonlySet<string> = new Set(
  Object.entries({
    merchants: ['mcc', 'category', 'city', 'country'],
    transactions: ['channel', 'type', 'direction', 'status', 'currency', 'reference_id'],
    accounts: ['account_type'],
    ledger_entries: ['posting_type'],
  }).flatMap(([table, columns]) => columns.map((column) => `${table}.${column}`)),
);

/** @throws LedgerflowError LF_GOLD_MODEL */
export async function downstreamNeeds(): Promise<NeedOf> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const gold = await neededColumns(connection, loadModels());
    return (table, column) => (FRAUD.has(`${table}.${column}`) ? 'read' : gold(table, column));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
