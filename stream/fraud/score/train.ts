// Training a score: samples in order of time, the first part grows the trees, the second fits the curve, the last measures both.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import type { FeatureSet } from '../features.ts';
import type { RuleRun } from '../rule-sql.ts';
import { fitCurve, probability } from './calibrate.ts';
import { reliability, scoreMetrics, type ScoredRow } from './metrics.ts';
import type { Model, RunRecord } from './model.ts';
import { eachBatch, makeSamples, rowOf, type SampleNames } from './samples.ts';
import { DEFAULT_OPTIONS, growForest, marginOf, type Forest, type Rows, type TreeOptions } from './trees.ts';

export interface TrainRequest {
  readonly runs: readonly RuleRun[];
  readonly features: FeatureSet;
  readonly options?: Partial<TreeOptions>;
  /** What the transactions are read from, for the record. */
  readonly source: string;
  readonly code: string;
  readonly now: Date;
}

const SHARES = { train: 0.6, calibrate: 0.2 } as const;
/** Rows that are no fraud beyond so many are left out of training, and those kept stand for them. */
const TRAIN_ROWS_MAX = 150_000;
const FRAUDS_MIN = 20;

/** Instants as text, UTC. */
type Split = RunRecord['split'];

/** Reads fraud_transactions and fraud_labels. @throws LedgerflowError LF_FRAUD_TRAINING when a part has too few frauds to learn from */
export async function train(connection: DuckDBConnection, request: TrainRequest): Promise<Model> {
  const names = await makeSamples(connection, request.runs, request.features);
  const split = await splitOf(connection);
  const options = { ...DEFAULT_OPTIONS, ...request.options };
  const rows = await trainingRows(connection, names, split);
  const forest = growForest(rows, options);
  const second = await margins(connection, {
    ...{ names, forest },
    where: `event_ts >= TIMESTAMP '${split.calibrate}' AND event_ts < TIMESTAMP '${split.test}'`,
  });
  const curve = fitCurve(second.margins, second.labels);
  const last = { names, forest, where: `event_ts >= TIMESTAMP '${split.test}'` };
  const { byScore, byRules } = await measured(connection, last, (margin) => probability(curve, margin));
  const record: RunRecord = {
    ...{ format: 1, trainedAt: request.now.toISOString(), code: request.code, source: request.source },
    ...{ featureSet: request.features.name, split, parameters: { ...options } },
    rules: Object.fromEntries(request.runs.map(({ rule }) => [rule.header.rule, rule.header.version])),
    rows: {
      ...{ train: rows.labels.length, trainFrauds: frauds(rows.labels) },
      ...{ calibrate: second.labels.length, calibrateFrauds: frauds(second.labels) },
    },
    metrics: { score: scoreMetrics(byScore), rules: scoreMetrics(byRules), reliability: reliability(byScore) },
  };
  return { record, features: [...names.features], forest: { base: forest.base, trees: [...forest.trees] }, curve };
}

const frauds = (labels: Uint8Array): number => labels.reduce((sum, label) => sum + label, 0);

async function splitOf(connection: DuckDBConnection): Promise<Split> {
  const { train: first, calibrate } = SHARES;
  const count = (where: string): string => `(SELECT count(*) FROM fraud_samples WHERE is_fraud AND ${where})`;
  const reader =
    await connection.runAndReadAll(`WITH cuts AS (SELECT min(event_ts) AS a, quantile_disc(event_ts, ${first}) AS b, quantile_disc(event_ts, ${first + calibrate}) AS c, max(event_ts) AS d FROM fraud_samples)
SELECT CAST(a AS VARCHAR), CAST(b AS VARCHAR), CAST(c AS VARCHAR), CAST(d AS VARCHAR), ${count('event_ts < b')}, ${count('event_ts >= b AND event_ts < c')}, ${count('event_ts >= c')} FROM cuts`);
  const [from, until, test, to, ...counts] = reader.getRows()[0] ?? [];
  if (counts.some((found) => Number(found) < FRAUDS_MIN))
    throw new LedgerflowError(
      'LF_FRAUD_TRAINING',
      `the three parts of the time have ${counts.map(Number).join(', ')} frauds; ${FRAUDS_MIN} in each are needed`,
    );
  return { from: from as string, calibrate: until as string, test: test as string, to: to as string };
}

async function trainingRows(connection: DuckDBConnection, names: SampleNames, split: Split): Promise<Rows> {
  const before = `event_ts < TIMESTAMP '${split.calibrate}'`;
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM fraud_samples WHERE ${before}`);
  const keepOneIn = Math.max(1, Math.ceil(Number(counted.getRows()[0]?.[0]) / TRAIN_ROWS_MAX));
  const columns: number[][] = names.features.map(() => []);
  const labels: number[] = [];
  const where = `${before} AND (is_fraud OR hash(transaction_id) % ${keepOneIn} = 0)`;
  await eachBatch(connection, { ...names, where }, (batch) => {
    for (const [index, values] of batch.columns.entries()) for (const value of values) columns[index]!.push(value ?? NaN);
    for (const fraud of batch.frauds) labels.push(Number(fraud));
  });
  return {
    columns: columns.map((values) => Float64Array.from(values)),
    labels: Uint8Array.from(labels),
    weights: Float64Array.from(labels, (label) => (label === 1 ? 1 : keepOneIn)),
  };
}

interface Scoring {
  readonly names: SampleNames;
  readonly forest: Forest;
  readonly where: string;
}

async function margins(
  connection: DuckDBConnection,
  { names, forest, where }: Scoring,
): Promise<{ margins: Float64Array; labels: Uint8Array }> {
  const found: number[] = [];
  const labels: number[] = [];
  await eachBatch(connection, { ...names, where }, (batch) => {
    for (const [at, fraud] of batch.frauds.entries()) {
      found.push(marginOf(forest, rowOf(batch, at)));
      labels.push(Number(fraud));
    }
  });
  return { margins: Float64Array.from(found), labels: Uint8Array.from(labels) };
}

async function measured(
  connection: DuckDBConnection,
  { names, forest, where }: Scoring,
  scoreOf: (margin: number) => number,
): Promise<{ byScore: ScoredRow[]; byRules: ScoredRow[] }> {
  const byScore: ScoredRow[] = [];
  const byRules: ScoredRow[] = [];
  await eachBatch(connection, { ...names, where }, (batch) => {
    for (const [at, fraud] of batch.frauds.entries()) {
      const who = { fraud, holder: batch.holders[at]!, day: batch.days[at]! };
      byScore.push({ ...who, score: scoreOf(marginOf(forest, rowOf(batch, at))) });
      byRules.push({ ...who, score: batch.ruleScores[at]! });
    }
  });
  return { byScore, byRules };
}
