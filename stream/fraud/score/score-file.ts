// A trained score over labelled transactions it was not made from: how good it is there, and the highest with their reasons.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { FeatureSet } from '../features.ts';
import type { RuleRun } from '../rule-sql.ts';
import { probability } from './calibrate.ts';
import { reliability, scoreMetrics, type ScoredRow } from './metrics.ts';
import { scoreRow, type Model, type RunRecord, type Scored } from './model.ts';
import { eachBatch, makeSamples, refuseOthers, rowOf } from './samples.ts';
import { marginOf } from './trees.ts';

export interface TopScore extends Scored {
  readonly transactionId: string;
  readonly holder: string;
  readonly day: string;
  readonly fraud: boolean;
}

export interface ScoredFile {
  readonly metrics: RunRecord['metrics'];
  readonly top: readonly TopScore[];
}

export interface ScoreRequest {
  readonly model: Model;
  readonly runs: readonly RuleRun[];
  readonly features: FeatureSet;
  readonly top: number;
}

/** Reads fraud_transactions and fraud_labels. @throws LedgerflowError LF_FRAUD_MODEL when the rules or features are other ones than the model's */
export async function scoreFile(connection: DuckDBConnection, { model, runs, features, top }: ScoreRequest): Promise<ScoredFile> {
  const names = await makeSamples(connection, runs, features);
  refuseOthers(model, runs, names.features);
  const byScore: ScoredRow[] = [];
  const byRules: ScoredRow[] = [];
  let highest: TopScore[] = [];
  await eachBatch(connection, { ...names, where: 'true' }, (batch) => {
    const found: TopScore[] = [];
    for (const [at, fraud] of batch.frauds.entries()) {
      const row = rowOf(batch, at);
      const score = probability(model.curve, marginOf(model.forest, row));
      const who = { fraud, holder: batch.holders[at]!, day: batch.days[at]! };
      byScore.push({ ...who, score });
      byRules.push({ ...who, score: batch.ruleScores[at]! });
      if (highest.length < top || score > (highest.at(-1)?.probability ?? 0))
        found.push({ ...who, ...scoreRow(model, row), transactionId: batch.ids[at]! });
    }
    highest = [...highest, ...found].sort((a, b) => b.probability - a.probability).slice(0, top);
  });
  return { metrics: { score: scoreMetrics(byScore), rules: scoreMetrics(byRules), reliability: reliability(byScore) }, top: highest };
}
