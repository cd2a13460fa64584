// A generated world on files (`ledgerflow generate --to DIR`) as fraud_transactions and fraud_labels: its tables stand where the lake's silver
// tables stand, so the rows are made by the live job's own SQL.

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { recordedSince, shapeOf } from '../live/live-state.ts';
import { silverTransactionsSql } from '../live/silver.ts';
import { wrong } from './mapping.ts';

const TABLES = ['transactions', 'accounts', 'merchants', 'ledger_entries'];

/** @throws LedgerflowError LF_FRAUD_MAPPING when the folder is no generated world */
export async function readGenerated(connection: DuckDBConnection, directory: string): Promise<void> {
  const truth = path.join(directory, 'truth', 'fraud.jsonl');
  if (!existsSync(truth)) throw wrong(`${directory} is no generated world: there is no ${path.join('truth', 'fraud.jsonl')} in it`);
  await connection.run('CREATE SCHEMA IF NOT EXISTS silver');
  for (const table of TABLES) {
    const file = ['parquet', 'csv'].map((format) => path.join(directory, `${table}.${format}`)).find(existsSync);
    if (file === undefined) throw wrong(`${directory} is no generated world: there is no table ${table} in it`);
    const rows = file.endsWith('.csv') ? `read_csv(${literal(file)}, header = true, sample_size = -1)` : `read_parquet(${literal(file)})`;
    await connection.run(`CREATE OR REPLACE VIEW silver.${table} AS FROM ${rows}`);
  }
  const shape = await shapeOf(connection, new Set(TABLES));
  const range = { shape, where: 'true', entriesWhere: 'true', recordedSince: await recordedSince(connection, shape), position: 0 };
  await connection.run(`CREATE OR REPLACE TABLE fraud_transactions AS FROM ${silverTransactionsSql(range)}`);
  await connection.run(`CREATE OR REPLACE TABLE fraud_labels AS
SELECT DISTINCT ON (transaction_id) CAST(transaction_id AS VARCHAR) AS transaction_id, episode, typology FROM read_json(${literal(truth)}) WHERE transaction_id IS NOT NULL`);
}
