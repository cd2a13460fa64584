// What a score is made from: one row per transaction with the features of the live job as numbers and the rules that found it.
// Reads fraud_transactions and fraud_labels of the connection; makes the temporary table fraud_samples.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { ident, literal } from '../../../infra/runtime/sql-text.ts';
import { evaluate } from '../evaluate.ts';
import { featuresSql, type FeatureSet } from '../features.ts';
import type { RuleRun } from '../rule-sql.ts';
import type { Model } from './model.ts';

/** Texts of a feature become their number in this list; anything else is missing. */
const WORDS = ['purchase', 'transfer', 'cash_in', 'cash_out', 'refund', 'investment', 'system'];
/** A fraud is taken to be known so long after it happened, for features that look at known frauds. */
const LABEL_DELAY_DAYS = 14;

export interface SampleNames {
  /** Columns of numbers, in the order a model reads them. */
  readonly features: readonly string[];
}

/** What a model reads: names in order, and the SQL of the numbers over f, a row of features, and r, the hits of rules by `hitsSql`. */
export function sampleColumns(runs: readonly RuleRun[], set: FeatureSet): SampleNames & { readonly select: string } {
  const rules = runs.map(({ rule }) => `rule:${rule.header.rule}`);
  const numbers = set.features.map(({ name, type }) => `${numberSql(`f.${ident(name)}`, type)} AS ${ident(name)}`);
  const hits = rules.map((rule) => `coalesce(r.${ident(rule)}, 0) AS ${ident(rule)}`);
  return { features: [...set.features.map(({ name }) => name), ...rules], select: [...numbers, ...hits].join(', ') };
}

/** Which of the rules have found a movement, and the capped sum of their scores. */
export function hitsSql(runs: readonly RuleRun[]): string {
  const hits = runs.map(({ rule: { header } }) => `CAST(count(*) FILTER (rule_id = ${literal(header.rule)} AND rule_version = ${header.version}) > 0 AS DOUBLE) AS ${ident(`rule:${header.rule}`)}`); // prettier-ignore
  return `SELECT ${['transaction_id', `least(sum(score) FILTER (mode = 'active'), 100) AS score`, ...hits].join(', ')} FROM temp.fraud_found GROUP BY transaction_id`;
}

/** @returns the names of the features; a rule that is not applicable has found nothing */
export async function makeSamples(connection: DuckDBConnection, runs: readonly RuleRun[], set: FeatureSet): Promise<SampleNames> {
  await evaluate(connection, runs, { transactions: 'fraud_transactions', triggers: 'fraud_transactions' });
  const known = `(SELECT t.merchant_id, t.event_ts + INTERVAL ${LABEL_DELAY_DAYS} DAY AS known_at FROM fraud_labels l JOIN fraud_transactions t USING (transaction_id))`;
  const { features, select } = sampleColumns(runs, set);
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_samples AS
SELECT t.transaction_id, t.event_ts, coalesce(t.customer_id, t.account_id) AS holder, l.transaction_id IS NOT NULL AS is_fraud, coalesce(r.score, 0) AS rule_score, ${select}
FROM (${featuresSql(set, known)}) f JOIN fraud_transactions t USING (transaction_id) LEFT JOIN fraud_labels l USING (transaction_id)
LEFT JOIN (${hitsSql(runs)}) r USING (transaction_id)`);
  return { features };
}

/** A hit of another version of a rule means something else. @throws LedgerflowError LF_FRAUD_MODEL */
export function refuseOthers({ record, features }: Model, runs: readonly RuleRun[], names: readonly string[]): void {
  const versions = new Map(runs.map(({ rule }) => [rule.header.rule, rule.header.version]));
  const other = Object.entries(record.rules).find(([rule, version]) => versions.get(rule) !== version);
  if (other !== undefined)
    throw new LedgerflowError('LF_FRAUD_MODEL', `it was trained with ${other[0]}@${other[1]}, which is not among the rules: train it anew`);
  if (features.join() !== names.join()) throw new LedgerflowError('LF_FRAUD_MODEL', 'it was trained with other features: train it anew');
}

function numberSql(column: string, type: string): string {
  if (type !== 'VARCHAR') return `CAST(${column} AS DOUBLE)`;
  return `CAST(list_position([${WORDS.map(literal).join(', ')}], ${column}) AS DOUBLE)`;
}

export interface SampleBatch {
  readonly ids: readonly string[];
  readonly holders: readonly string[];
  readonly days: readonly string[];
  readonly frauds: readonly boolean[];
  readonly ruleScores: readonly number[];
  /** By feature; null: not known. */
  readonly columns: readonly (readonly (number | null)[])[];
}

/** Reads the samples that match, a chunk at a time. */
export async function eachBatch(
  connection: DuckDBConnection,
  { features, where }: SampleNames & { readonly where: string },
  take: (batch: SampleBatch) => void,
): Promise<void> {
  const result = await connection.stream(
    `SELECT transaction_id, holder, CAST(CAST(event_ts AS DATE) AS VARCHAR), is_fraud, CAST(rule_score AS DOUBLE), ${features.map(ident).join(', ')}
    FROM fraud_samples WHERE ${where} ORDER BY event_ts, transaction_id`,
  );
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const column = (index: number): unknown[] => [...chunk.getColumnValues(index)];
    take({
      ...{ ids: column(0) as string[], holders: column(1) as string[], days: column(2) as string[], frauds: column(3) as boolean[] },
      ...{ ruleScores: column(4) as number[], columns: features.map((_, index) => column(index + 5) as (number | null)[]) },
    });
  }
}

/** Numbers of row `at` of a batch, in the order of the features; NaN: not known. */
export function rowOf({ columns }: SampleBatch, at: number): Float64Array {
  return Float64Array.from(columns, (values) => values[at] ?? NaN);
}
