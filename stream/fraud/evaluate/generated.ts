// A generated world on files (`ledgerflow generate --to DIR`) as fraud_transactions and fraud_labels.

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ident, literal } from '../../../infra/runtime/sql-text.ts';
import { CANONICAL_COLUMNS, CANONICAL_NAMES } from '../canonical.ts';
import { wrong } from './mapping.ts';

/** Where the cities of the generated world are. */
const CITIES = [
  ['New York', 40.71, -74.01], ['Chicago', 41.88, -87.63], ['Austin', 30.27, -97.74], ['Seattle', 47.61, -122.33], ['Boston', 42.36, -71.06],
  ['Mumbai', 19.08, 72.88], ['Bengaluru', 12.97, 77.59], ['London', 51.51, -0.13], ['Lisbon', 38.72, -9.14], ['Lagos', 6.52, 3.38],
  ['Singapore', 1.35, 103.82],
] as const; // prettier-ignore

/** @throws LedgerflowError LF_FRAUD_MAPPING when the folder is no generated world */
export async function readGenerated(connection: DuckDBConnection, directory: string): Promise<void> {
  const truth = path.join(directory, 'truth', 'fraud.jsonl');
  if (!existsSync(truth)) throw wrong(`${directory} is no generated world: there is no ${path.join('truth', 'fraud.jsonl')} in it`);
  const table = (name: 'transactions' | 'accounts' | 'merchants' | 'ledger_entries'): string => {
    const file = ['parquet', 'csv'].map((format) => path.join(directory, `${name}.${format}`)).find(existsSync);
    if (file === undefined) throw wrong(`${directory} is no generated world: there is no table ${name} in it`);
    return file.endsWith('.csv') ? `read_csv(${literal(file)}, header = true, sample_size = -1)` : `read_parquet(${literal(file)})`;
  };
  const columns = CANONICAL_NAMES.map((name) => `CAST(${SOURCES[name]} AS ${CANONICAL_COLUMNS[name]}) AS ${ident(name)}`);
  await connection.run(`CREATE OR REPLACE TABLE fraud_transactions AS SELECT ${columns.join(', ')}
FROM ${table('transactions')} t LEFT JOIN ${table('accounts')} ca ON ca.account_id = t.counter_account_id AND ca.account_type NOT LIKE 'house%'
LEFT JOIN ${table('merchants')} m ON m.merchant_id = t.merchant_id LEFT JOIN ${table('accounts')} a ON a.account_id = t.account_id
LEFT JOIN (VALUES ${CITIES.map(([city, latitude, longitude]) => `('${city}', ${latitude}, ${longitude})`).join(', ')}) c(city, latitude, longitude) ON c.city = m.city
LEFT JOIN ${table('ledger_entries')} e ON e.transaction_id = t.transaction_id AND e.account_id = t.account_id ORDER BY t.transaction_id`);
  await connection.run(`CREATE OR REPLACE TABLE fraud_labels AS
SELECT DISTINCT ON (transaction_id) CAST(transaction_id AS VARCHAR) AS transaction_id, episode, typology FROM read_json(${literal(truth)}) WHERE transaction_id IS NOT NULL`);
}

const SOURCES: Readonly<Record<keyof typeof CANONICAL_COLUMNS, string>> = {
  transaction_id: 't.transaction_id',
  event_ts: 't.event_ts',
  position: 't.transaction_id',
  account_id: 't.account_id',
  customer_id: 't.customer_id',
  counter_account_id: 'ca.account_id',
  counter_customer_id: 'ca.customer_id',
  merchant_id: 't.merchant_id',
  mcc: 'm.mcc',
  category: 'm.category',
  device_id: 't.device_id',
  channel: 't.channel',
  type: 't.type',
  direction: 'lower(t.direction)',
  status: 't.status',
  amount: 't.amount',
  currency: 't.currency',
  latitude: 'c.latitude',
  longitude: 'c.longitude',
  country: 'm.country',
  reference_id: 't.reference_id',
  is_reversal: 't.reversal_of IS NOT NULL',
  balance_before: `CAST(e.balance_after AS DECIMAL(20,4)) + CASE t.direction WHEN 'DEBIT' THEN t.amount ELSE -t.amount END`,
  account_since: 'a.created_at',
};
