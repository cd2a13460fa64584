// A trained score in the live job: every movement is scored, one that is likely enough to be fraud is an alert beside those of the rules, with
// what moved its odds. Off unless a model is given: rules alone are the default.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../../infra/runtime/sql-text.ts';
import type { FeatureSet } from '../features.ts';
import { DECISION_OF, alertIdSql, type RuleRun } from '../rule-sql.ts';
import type { FraudSeverity } from '../rule-file.ts';
import { hashOf, scoreRow, type Model, type Scored } from './model.ts';
import { eachBatch, hitsSql, refuseOthers, rowOf, sampleColumns } from './samples.ts';

/** The rule that its alerts are of. */
export const SCORE_RULE = 'score';
/** From here on an alert asks for a decline, below for a review. */
const DECLINE_FROM = 0.9;
/** Features that an alert names, those that add most. */
const REASONS_MAX = 8;
const ROWS_PER_INSERT = 500;

export interface LiveScore {
  readonly model: Model;
  /** Probability from which a movement is an alert. */
  readonly minProbability: number;
  /** The model as a version of the rule: alerts of another model are other alerts. */
  readonly version: number;
  readonly hash: string;
  /** Rules whose hits it reads, and its columns. */
  readonly runs: readonly RuleRun[];
  readonly columns: ReturnType<typeof sampleColumns>;
}

export type ScoreParts = Pick<LiveScore, 'model' | 'minProbability'>;

/** @throws LedgerflowError LF_FRAUD_MODEL when the model was made with other rules or features than those that run */
export function liveScore({ model, minProbability }: ScoreParts, all: readonly RuleRun[], features: FeatureSet): LiveScore {
  const runs = scoringRuns(all);
  const columns = sampleColumns(runs, features);
  refuseOthers(model, runs, columns.features);
  const hash = hashOf(model);
  return { model, minProbability, version: Number.parseInt(hash.slice(0, 7), 16), hash, runs, columns };
}

/** Rules whose hits are features: those that decide. */
function scoringRuns(runs: readonly RuleRun[]): RuleRun[] {
  return runs.filter(({ rule }) => rule.header.status === 'active');
}

/** Alerts of the movements in temp.fraud_now, by temp.fraud_featured, into temp.fraud_found, where those of the rules are. @returns how many */
export async function findScored(connection: DuckDBConnection, score: LiveScore): Promise<number> {
  const { features, select } = score.columns;
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_samples AS
SELECT t.transaction_id, t.event_ts, t.account_id AS holder, false AS is_fraud, 0 AS rule_score, ${select}
FROM temp.fraud_featured f JOIN temp.fraud_now t USING (transaction_id) LEFT JOIN (${hitsSql(score.runs)}) r USING (transaction_id)`);
  const found: string[] = [];
  await eachBatch(connection, { features, where: 'true' }, (batch) => {
    for (const [at, id] of batch.ids.entries()) {
      const scored = scoreRow(score.model, rowOf(batch, at));
      if (scored.probability >= score.minProbability) found.push(foundRow(id, scored, score));
    }
  });
  for (let from = 0; from < found.length; from += ROWS_PER_INSERT)
    await connection.run(insertSql(found.slice(from, from + ROWS_PER_INSERT), score));
  return found.length;
}

/** (id, severity, decision, points, explanation, observed) */
function foundRow(id: string, { probability, reasons }: Scored, { minProbability, hash }: LiveScore): string {
  const severity: FraudSeverity = probability >= DECLINE_FROM ? 'high' : 'medium';
  const because = reasons.slice(0, REASONS_MAX).map(({ feature, adds }) => ({ feature, adds: Number(adds.toFixed(3)) }));
  const why = because.slice(0, 4).map(({ feature, adds }) => `${feature} +${adds.toFixed(1)}`).join(', '); // prettier-ignore
  const explanation = `fraud with probability ${probability.toFixed(3)} (limit ${minProbability}), because of ${why === '' ? 'how common fraud is' : why}`;
  const observed = JSON.stringify({ probability: Number(probability.toFixed(6)), model: hash.slice(0, 16), because });
  return `(${[id, severity, DECISION_OF[severity]].map(literal).join(', ')}, ${Math.max(1, Math.round(probability * 100))}, ${[explanation, observed].map(literal).join(', ')})`;
}

function insertSql(rows: readonly string[], { version }: LiveScore): string {
  const entity = 'coalesce(t.customer_id, t.account_id)';
  const id = alertIdSql({ rule: SCORE_RULE, version, entity: 'customer' }, entity, 't.transaction_id');
  return `INSERT INTO temp.fraud_found SELECT ${id}, '${SCORE_RULE}', ${version}, 'active', v.severity, v.points, v.decision, 'customer', ${entity}, t.customer_id, t.account_id, t.transaction_id,
  t.amount, t.currency, t.event_ts, v.explanation, v.observed
FROM (VALUES ${rows.join(', ')}) AS v(id, severity, decision, points, explanation, observed) JOIN temp.fraud_now t ON t.transaction_id = v.id`;
}
