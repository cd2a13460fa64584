// Fraud, live: after each commit every rule and every feature over exactly the movements of that commit, and over those before whose time a
// late one has come. Alerts, decisions, features and the position are one transaction of the job runner; ids do not depend on runs.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, nullable } from '../../../infra/runtime/sql-text.ts';
import { INCIDENTS_DDL } from '../../../lake/quality/incidents.ts';
import type { Job, JobContext, Outcome } from '../../jobs/job.ts';
import { bookAlerts, type Booked } from '../alerts/alert-book.ts';
import { tellAlerts } from '../alerts/alert-incidents.ts';
import { evaluateScreened, missingNeeds, screenRules, screenedHistorySql } from '../evaluate.ts';
import { featuresDdl, loadFeatures, type FeatureSet } from '../features.ts';
import { PAST_KEYS, type PastKey } from '../past.ts';
import type { FraudRule } from '../rule-file.ts';
import type { RuleRun } from '../rule-sql.ts';
import { findScored, liveScore, SCORE_RULE, type LiveScore, type ScoreParts } from '../score/live-score.ts';
import { FRAUD_DDL } from '../tables.ts';
import { countRates, limitsOf, watchRates } from './guard.ts';
import { DENY_RULE, findDenied, findListed } from './lists.ts';
import { makeFeatures } from './live-features.ts';
import { findDue, openChunk, openLiveScope, type Chunk } from './live-scope.ts';
import { liveFacts, type LiveFacts } from './live-state.ts';
import { absentColumns } from './silver.ts';

/** A run that finds a whole history, as the first one does, takes as long. */
const TIME_LIMIT_MS = 900_000;
const INTERVAL_MS = 300;
/** Rules and features take a quarter of the time: the rows themselves go first … */
const REST_FACTOR = 3;
/** … until an alert would come too late for somebody to act on it. */
const REST_MAX_MS = 3_000;
/** Runs without alerts look at incidents this often. */
const WATCH_EVERY_MS = 60_000;
/** Temporary tables of a run with more movements are dropped at its end. */
const ROWS_LEFT_MAX = 20_000;

export interface FraudParts {
  readonly rules: readonly FraudRule[];
  /** A trained score that raises alerts too; none when not given. */
  readonly score?: ScoreParts | undefined;
  /** After a commit: what is to be produced has come. */
  readonly onAlerts?: (alerts: number) => void;
  readonly onEvaluated?: (movements: number) => void;
}

/** When rates and alerts were last looked at, and what throttled then. */
interface Watch {
  readonly atMs: number;
  readonly throttled: string;
}

/** What the last committed run knew. */
interface Known {
  readonly facts: LiveFacts;
  readonly watch: Watch;
}

interface Work {
  readonly context: JobContext;
  readonly runs: readonly RuleRun[];
  readonly features: FeatureSet;
  readonly score: LiveScore | null;
  readonly facts: LiveFacts;
  /** Of the run before; null: not known. */
  readonly watch: Watch | null;
}

export function fraudJob(parts: FraudParts): Job & Required<Pick<Job, 'prepareSql'>> {
  const runs = parts.rules.filter(({ header }) => header.status === 'active' || header.status === 'shadow').map((rule) => ({ rule }));
  const features = loadFeatures();
  const score = parts.score === undefined ? null : liveScore(parts.score, runs, features);
  let known: Known | null = null;
  return {
    name: 'fraud',
    description: `${runs.length} fraud rules and feature set ${features.name} over the movements of every commit`,
    version: '1',
    inputs: ['silver.transactions'],
    outputs: ['gold.fraud_alerts', 'gold.fraud_decisions', 'gold.fraud_features'],
    trigger: { afterCommit: true, minIntervalMs: INTERVAL_MS, restFactor: REST_FACTOR, restMaxMs: REST_MAX_MS },
    timeLimitMs: TIME_LIMIT_MS,
    prepareSql: `${INCIDENTS_DDL}${FRAUD_DDL}${featuresDdl(features)}`,
    run: async (context) => {
      const [facts, watch] = [await liveFacts(context, known?.facts ?? null), known?.watch ?? null];
      known = null; // until this run is committed: its temporary tables go when it is not
      return runFraud({ context, runs, features, score, facts, watch }, parts, (seen) => (known = { facts, watch: seen }));
    },
  };
}

async function runFraud(work: Work, parts: FraudParts, keep: (watch: Watch) => void): Promise<Outcome> {
  const { context, runs, facts } = work;
  const { connection } = context;
  const chunks = await findDue(context, facts);
  const total = { evaluated: 0, alerts: 0, withdrawn: 0 };
  for (const chunk of chunks) {
    if (context.signal.aborted) break;
    const found = await evaluateChunk(work, chunk);
    total.evaluated += chunk.rows;
    total.alerts += found.alerts;
    total.withdrawn += found.withdrawn;
  }
  const watch = await watchAlerts(work, total.alerts + total.withdrawn > 0);
  if (total.evaluated > ROWS_LEFT_MAX) await dropWork(connection);
  const absent = absentColumns(facts.shape);
  const notApplicable = runs.filter(({ rule }) => missingNeeds(rule, absent).length > 0).map(({ rule }) => rule.header);
  return {
    summary: {
      ...total,
      throttled: watch.throttled,
      notApplicable: [...new Set(notApplicable.map(({ rule }) => rule))].sort().join(', '),
    },
    unchanged: total.evaluated === 0,
    committed: () => {
      keep(watch);
      parts.onEvaluated?.(total.evaluated);
      if (total.alerts > 0) parts.onAlerts?.(total.alerts);
    },
  };
}

/** Incidents of the guard and of alerts: when something was found, and now and then, because they end by time. */
async function watchAlerts({ context: { connection, now }, watch }: Work, found: boolean): Promise<Watch> {
  if (watch !== null && !found && now.getTime() - watch.atMs < WATCH_EVERY_MS) return watch;
  const throttled = await watchRates(connection, now);
  await tellAlerts(connection, now);
  return { atMs: now.getTime(), throttled: throttled.join(', ') };
}

async function evaluateChunk(work: Work, chunk: Chunk): Promise<Booked> {
  const { context, runs, facts, features, score } = work;
  const { connection, position, now } = context;
  await openChunk(context, facts, chunk);
  const pasts = await makeFeatures({ context, facts, chunk, set: features }, 'ops.fraud_labels');
  let found = await findAlerts(work, chunk, pasts);
  if (score !== null) found += await findScored(connection, score);
  if (found > 0 || facts.isListed) await findListed(connection);
  if (facts.isListed) found += await findDenied(connection);
  const [again, since] = [chunk.again > 0, found > 0 ? await lastAlert(connection) : 0];
  const request = { runs, scoreVersion: score?.version ?? null, position, now, limits: limitsOf(now, chunk.rows), again };
  const booked = found > 0 || again ? await bookAlerts(connection, request) : { alerts: 0, withdrawn: 0 };
  await countRates(connection, { now, evaluated: chunk.rows, alerts: booked.alerts, since, rules: ruleNames(work) });
  await bookFeatures(work, again);
  return booked;
}

/** What may alert, each with its limit in the guard. */
function ruleNames({ runs, score }: Work): string[] {
  return [...runs.map(({ rule }) => rule.header.rule), DENY_RULE.rule, ...(score === null ? [] : [SCORE_RULE])];
}

/** Alerts of the chunk into temp.fraud_found: only rules that may find something are run, over what concerns the movements they may find. @returns alerts */
async function findAlerts({ context, runs, facts, features }: Work, chunk: Chunk, pasts: ReadonlyMap<PastKey, number>): Promise<number> {
  const { connection } = context;
  const names = features.features.map(({ name }) => name);
  const missing = absentColumns(facts.shape);
  const screened = await screenRules(connection, runs, { features: names, missing, pasts });
  if (screened.candidates.every((count) => count === 0)) return 0;
  await openLiveScope(context, facts, { chunk, minutes: screened.lookbackMinutes, picked: screenedHistorySql(runs, screened) });
  const scope = { triggers: chunk.rows, first: chunk.first, missing };
  return evaluateScreened(connection, runs, { scope, screened });
}

/** Replaces the features of the chunk's movements; those that are gone in silver lose theirs. */
async function bookFeatures({ context, features }: Work, again: boolean): Promise<void> {
  const { connection, position } = context;
  if (again)
    await connection.run(
      `DELETE FROM gold.fraud_features WHERE feature_set = ${literal(features.name)} AND transaction_id IN (SELECT transaction_id FROM temp.fraud_chunk WHERE again)`,
    );
  const gtid = nullable(position.gtid);
  const names = features.features.map(({ name }) => name).join(', ');
  await connection.run(`INSERT INTO gold.fraud_features (transaction_id, feature_set, event_ts, commit_id, gtid, ${names})
SELECT transaction_id, ${literal(features.name)}, event_ts, ${position.commitId}, ${gtid}, ${names} FROM temp.fraud_featured ORDER BY event_ts`);
}

async function lastAlert(connection: DuckDBConnection): Promise<number> {
  const reader = await connection.runAndReadAll('SELECT coalesce(max(alert_seq), 0) FROM gold.fraud_alerts');
  return Number(reader.getRows()[0]?.[0]);
}

/** Tables of a large run; those of a small one are replaced by the next. */
async function dropWork(connection: DuckDBConnection): Promise<void> {
  const keys = PAST_KEYS.map((key) => `fraud_past_${key}`);
  const tables = [
    'fraud_scope',
    'fraud_found',
    'fraud_chunk',
    'fraud_due',
    'fraud_changed',
    'fraud_now',
    'fraud_samples',
    'fraud_featured',
    'fraud_screened',
    'fraud_listed',
    'fraud_accounts',
    ...keys,
  ];
  await connection.run(tables.map((table) => `DROP TABLE IF EXISTS temp.${table}`).join('; '));
}
