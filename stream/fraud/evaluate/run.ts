// One evaluation: transactions and labels read, every rule run over them by the live runner, the result measured. In a DuckDB of its own.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { evaluate, type RuleReport } from '../evaluate.ts';
import { namedSql } from '../evidence.ts';
import type { RuleRun } from '../rule-sql.ts';
import { readGenerated } from './generated.ts';
import { readLabels, withGuess, type LabelSource } from './labels.ts';
import { readTransactions, type Mapping } from './mapping.ts';
import { measure, type Measures } from './measure.ts';

export type EvaluationSource =
  | { readonly kind: 'file'; readonly path: string; readonly mapping: Mapping; readonly labels: LabelSource }
  | { readonly kind: 'generated'; readonly directory: string };

export interface EvaluationRequest {
  readonly source: EvaluationSource;
  readonly runs: readonly RuleRun[];
  /** Transactions before it are history only (ISO 8601); all are evaluated when not given. */
  readonly from?: string | undefined;
}

export interface Evaluation {
  readonly measures: Measures;
  readonly reports: readonly RuleReport[];
  readonly evaluated: number;
  readonly seconds: number;
  readonly columns: SourceColumns;
}

const MEMORY_LIMIT = '3GB';

/** Opens a DuckDB in memory for files; closes it after the work. */
export async function inMemory<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: MEMORY_LIMIT });
  const connection = await instance.connect();
  try {
    await connection.run(`SET TimeZone = 'UTC'`);
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Where each column of a file comes from, `label` among them; of a generated world nothing. */
export type SourceColumns = Readonly<Record<string, string>>;

/** Makes fraud_transactions and fraud_labels. @throws LedgerflowError LF_FRAUD_MAPPING */
export async function readSource(connection: DuckDBConnection, source: EvaluationSource): Promise<SourceColumns> {
  if (source.kind === 'generated') {
    await readGenerated(connection, source.directory);
    return {};
  }
  const { sources, guess } = await readTransactions(connection, source);
  const labels = withGuess(source.labels, guess);
  await readLabels(connection, labels);
  return Object.fromEntries([...sources, ['label', labels.file ?? labels.label ?? '']]);
}

/** @throws LedgerflowError LF_FRAUD_MAPPING, LF_FRAUD_RULE */
export async function evaluateFile(connection: DuckDBConnection, { source, runs, from }: EvaluationRequest): Promise<Evaluation> {
  const columns = await readSource(connection, source);
  const since = from === undefined ? 'true' : `event_ts >= TIMESTAMPTZ '${from}' AT TIME ZONE 'UTC'`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE _triggers AS SELECT transaction_id FROM fraud_transactions WHERE ${since}`);
  const startedMs = performance.now();
  const reports = await evaluate(connection, runs, { transactions: 'fraud_transactions', triggers: '_triggers' });
  const seconds = (performance.now() - startedMs) / 1_000;
  await connection.run(`DELETE FROM fraud_transactions WHERE NOT (${since});
    DELETE FROM fraud_labels WHERE transaction_id NOT IN (FROM _triggers);
    CREATE OR REPLACE TEMP TABLE _alerts AS ${namedSql('temp.fraud_found', 'rule_id')}`);
  const measures = await measure(connection);
  return { measures, reports, evaluated: measures.transactions, seconds, columns };
}
