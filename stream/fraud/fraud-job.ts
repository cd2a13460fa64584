// Fraud, live: after each commit every rule and every feature over exactly the movements of that commit, and over those before whose time a
// late one has come. Alerts, decisions, features and the position are one transaction of the job runner; ids do not depend on runs.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';
import { INCIDENTS_DDL } from '../../lake/quality/incidents.ts';
import type { Job, JobContext, Outcome } from '../jobs/job.ts';
import { bookAlerts } from './alert-book.ts';
import { tellAlerts } from './alert-incidents.ts';
import { evaluateScope } from './evaluate.ts';
import { dropScope, featuresDdl, featuresSql, loadFeatures, type FeatureSet } from './features.ts';
import { countRates, limitsOf, watchRates } from './guard.ts';
import { DENY_RULE, findDenied, findListed } from './lists.ts';
import { chunkRelation, findDue, readShape, type Chunk } from './live-scope.ts';
import { lookbackMinutes, type FraudRule } from './rule-file.ts';
import type { RuleRun } from './rule-sql.ts';
import { openScope } from './scope.ts';
import type { SilverShape } from './silver.ts';
import { FRAUD_DDL } from './tables.ts';

/** A run that finds a whole history, as the first one does, takes as long. */
const TIME_LIMIT_MS = 900_000;
const INTERVAL_MS = 300;
/** Rules and features take a quarter of the time at most: the rows themselves go first. */
const REST_FACTOR = 3;
/** Features look back 60 days for what is new. */
const FEATURES_LOOKBACK_MINUTES = 60 * 1_440;

export interface FraudParts {
  readonly rules: readonly FraudRule[];
  /** After a commit: what is to be produced has come. */
  readonly onAlerts?: (alerts: number) => void;
  readonly onEvaluated?: (movements: number) => void;
}

interface Work {
  readonly context: JobContext;
  readonly runs: readonly RuleRun[];
  readonly features: FeatureSet;
  readonly shape: SilverShape;
  readonly lookbackMinutes: number;
}

export function fraudJob(parts: FraudParts): Job {
  const runs = parts.rules.filter(({ header }) => header.status === 'active' || header.status === 'shadow').map((rule) => ({ rule }));
  const features = loadFeatures();
  return {
    name: 'fraud',
    description: `${runs.length} fraud rules and feature set ${features.name} over the movements of every commit`,
    version: '1',
    inputs: ['silver.transactions'],
    outputs: ['gold.fraud_alerts', 'gold.fraud_decisions', 'gold.fraud_features'],
    trigger: { afterCommit: true, minIntervalMs: INTERVAL_MS, restFactor: REST_FACTOR },
    timeLimitMs: TIME_LIMIT_MS,
    prepareSql: `${INCIDENTS_DDL}${FRAUD_DDL}${featuresDdl(features)}`,
    run: (context) => runFraud(context, parts, { runs, features }),
  };
}

async function runFraud(context: JobContext, parts: FraudParts, { runs, features }: Pick<Work, 'runs' | 'features'>): Promise<Outcome> {
  const { connection } = context;
  const shape = await readShape(connection);
  const chunks = await findDue(context, shape);
  const lookback = Math.max(FEATURES_LOOKBACK_MINUTES, ...runs.map(({ rule }) => lookbackMinutes(rule)));
  const work: Work = { context, runs, features, shape, lookbackMinutes: lookback };
  const total = { evaluated: 0, alerts: 0, withdrawn: 0 };
  const absent = new Set<string>();
  for (const chunk of chunks) {
    if (context.signal.aborted) break;
    const found = await evaluateChunk(work, chunk);
    total.evaluated += chunk.rows;
    total.alerts += found.alerts;
    total.withdrawn += found.withdrawn;
    for (const rule of found.notApplicable) absent.add(rule);
  }
  const throttled = chunks.length === 0 ? [] : await watchRates(connection, context.now);
  if (chunks.length > 0) await tellAlerts(connection, context.now);
  await dropScope(connection);
  return {
    summary: { ...total, throttled: throttled.join(', '), notApplicable: [...absent].sort().join(', ') },
    unchanged: total.evaluated === 0,
    committed: () => {
      parts.onEvaluated?.(total.evaluated);
      if (total.alerts > 0) parts.onAlerts?.(total.alerts);
    },
  };
}

async function evaluateChunk(work: Work, chunk: Chunk): Promise<{ alerts: number; withdrawn: number; notApplicable: string[] }> {
  const { context, runs, shape } = work;
  const { connection, position, now } = context;
  const transactions = await chunkRelation(context, shape, { chunk, lookbackMinutes: work.lookbackMinutes });
  const scope = await openScope(connection, { transactions, triggers: 'temp.fraud_chunk' });
  const reports = await evaluateScope(connection, runs, scope);
  await findListed(connection);
  await findDenied(connection);
  const since = await lastAlert(connection);
  const booked = await bookAlerts(connection, { runs, position, now, limits: limitsOf(now, chunk.rows) });
  await countRates(connection, { now, evaluated: chunk.rows, since, rules: [...runs.map(({ rule }) => rule.header.rule), DENY_RULE.rule] });
  await bookFeatures(work);
  return { ...booked, notApplicable: reports.filter(({ missing }) => missing.length > 0).map(({ rule }) => rule) };
}

/** Replaces the features of the chunk's movements; those that are gone in silver lose theirs. */
async function bookFeatures({ context, features }: Work): Promise<void> {
  const { connection, position } = context;
  await connection.run(
    `DELETE FROM gold.fraud_features WHERE feature_set = ${literal(features.name)} AND transaction_id IN (SELECT transaction_id FROM temp.fraud_chunk WHERE again)`,
  );
  const gtid = position.gtid === null ? 'NULL' : literal(position.gtid);
  const names = features.features.map(({ name }) => name).join(', ');
  await connection.run(`INSERT INTO gold.fraud_features (transaction_id, feature_set, event_ts, commit_id, gtid, ${names})
SELECT transaction_id, ${literal(features.name)}, event_ts, ${position.commitId}, ${gtid}, ${names} FROM (${featuresSql(features, 'ops.fraud_labels')}) ORDER BY event_ts`);
}

async function lastAlert(connection: DuckDBConnection): Promise<number> {
  const reader = await connection.runAndReadAll('SELECT coalesce(max(alert_seq), 0) FROM gold.fraud_alerts');
  return Number(reader.getRows()[0]?.[0]);
}
