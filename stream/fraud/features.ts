// Feature sets: one .sql file per version in features/. What a feature knows of the past is declared in lines (past.ts), the rest is a SELECT
// over them. A feature of a movement knows only what came before it, and labels that were known before it; so a replay gives the values
// that were live.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { fillIn } from './fill-in.ts';
import { logsSql } from './live/history.ts';
import { parseParameter, type Parameter, type ParameterValue } from './parameter.ts';
import { PAST_KEYS, pairsSql, parsePast, windowsSql, type Past, type PastKey } from './past.ts';
import { tickSql } from './scope.ts';

export const FEATURE_SET = 'v1';

export interface Feature {
  readonly name: string;
  readonly type: string;
  readonly about: string;
}

export interface FeatureSet {
  readonly name: string;
  readonly features: readonly Feature[];
  readonly pasts: readonly Past[];
  readonly values: ReadonlyMap<string, ParameterValue>;
  /** SELECT transaction_id and the features over fraud_pasts and fraud_legs. */
  readonly sql: string;
}

/** @throws LedgerflowError LF_FRAUD_RULE */
export function loadFeatures(name: string = FEATURE_SET): FeatureSet {
  const text = readFileSync(path.join(import.meta.dirname, 'features', `${name}.sql`), 'utf8');
  const lines = text.split('\n');
  const parameters = lines.map(parseParameter).filter((found): found is Parameter => found !== null);
  const features = lines.flatMap((line): Feature[] => {
    const [, feature, type, about] = /^-- column ([a-z0-9_]+) ([A-Z0-9(),]+): (.+)$/.exec(line) ?? [];
    return feature === undefined || type === undefined || about === undefined ? [] : [{ name: feature, type, about }];
  });
  const pasts = lines.map(parsePast).filter((found): found is Past => found !== null);
  const windows = new Set(parameters.map((parameter) => parameter.name));
  const declared = lines.filter((line) => line.startsWith('-- past ')).length;
  if (
    features.length === 0 ||
    !lines.includes(`-- features: ${name}`) ||
    pasts.length !== declared ||
    pasts.some(({ window }) => !windows.has(window))
  )
    // prettier-ignore
    throw new LedgerflowError('LF_FRAUD_RULE', 'the file of a feature set names itself, its columns and its pasts', {
      where: `stream/fraud/features/${name}.sql`,
    });
  const values = new Map(parameters.map((parameter) => [parameter.name, parameter.value]));
  const body = lines.filter((line) => !line.startsWith('--')).join('\n');
  return { name, features, pasts, values, sql: fillIn(body, values) };
}

/** gold.fraud_features: one row per movement and feature set, as of the commit that evaluated it last. */
export function featuresDdl({ features }: FeatureSet): string {
  const columns = features.map(({ name, type }) => `${name} ${type}`).join(', ');
  return `CREATE TABLE IF NOT EXISTS gold.fraud_features (transaction_id VARCHAR NOT NULL, feature_set VARCHAR NOT NULL, event_ts TIMESTAMP NOT NULL, commit_id BIGINT NOT NULL, gtid VARCHAR, ${columns});
`;
}

/** How the features of some movements are made. */
export interface FeaturePlan {
  /** Movements whose features are wanted, as momentSql makes them. */
  readonly triggers: string;
  /** Relation (transaction_id, tick, tie, is_trigger, is_own, account, other, is_in, between_accounts) of what goes between accounts, for circles. */
  readonly legs: string;
  /** By key: SELECT row and its pasts. A key that is not there has no past. */
  readonly pasts: ReadonlyMap<PastKey, string>;
}

/** SELECT transaction_id, event_ts and the features, typed. */
export function plannedFeaturesSql(set: FeatureSet, { triggers, legs, pasts }: FeaturePlan): string {
  const columns = set.pasts.map((past) => pastColumnSql(past, pasts.has(past.key)));
  const joins = [...pasts].map(([key, sql]) => `LEFT JOIN (${sql}) p_${key} ON p_${key}.ord = g.ord`);
  const typed = set.features.map(({ name, type }) => `CAST(x.${name} AS ${type}) AS ${name}`).join(', ');
  return `WITH fraud_legs AS NOT MATERIALIZED (SELECT * FROM ${legs}),
fraud_pasts AS NOT MATERIALIZED (SELECT g.*, ${columns.join(', ')} FROM ${triggers} g ${joins.join(' ')})
SELECT x.transaction_id, x.event_ts, ${typed} FROM (${set.sql}) x`;
}

/** Counts and sums of nothing are 0; a last time of nothing is NULL. */
function pastColumnSql({ name, aggregate, key }: Past, joined: boolean): string {
  const isTime = aggregate.startsWith('max(');
  if (!joined) return `${isTime ? 'NULL::BIGINT' : '0::BIGINT'} AS ${name}`;
  return isTime ? `p_${key}.${name}` : `coalesce(p_${key}.${name}, 0) AS ${name}`;
}

/** It goes between accounts, or is cash. */
export const MOVES_MONEY = `status <> 'failed' AND kind IN ('transfer', 'cash_in', 'cash_out')`;

/** What a movement is by itself, for features: over a row with the canonical columns, kind, value and moment. */
export const MOMENT_SQL = `value, kind, status, category, country, customer_id, merchant_id, merchant_id AS label_merchant, device_id, moment,
  ${logsSql('value')} AS logs, CASE WHEN ${MOVES_MONEY} THEN account_id END AS account,
  counter_account_id AS other, direction = 'credit' AS is_in, kind = 'transfer' AND counter_account_id IS NOT NULL AS between_accounts`;

/** Both sides of what goes between accounts, and cash: over a relation with the canonical columns and kind. @param columns more of its columns */
export function legsSql(movements: string, columns: string): string {
  return `(SELECT ${columns}, true AS is_own, account_id AS account, counter_account_id AS other, direction = 'credit' AS is_in, value, kind = 'transfer' AND counter_account_id IS NOT NULL AS between_accounts
    FROM ${movements} WHERE ${MOVES_MONEY}
  UNION ALL SELECT ${columns}, false, counter_account_id, account_id, direction <> 'credit', value, true FROM ${movements} WHERE status <> 'failed' AND kind = 'transfer' AND counter_account_id IS NOT NULL)`;
}

/** Confirmed frauds as a past: (label_merchant, moment, nr). @param labels relation (merchant_id, known_at TIMESTAMP) */
export function labelsSql(labels: string): string {
  return `(SELECT merchant_id AS label_merchant, ${tickSql('known_at')} AS moment, 0::BIGINT AS nr FROM ${labels} WHERE merchant_id IS NOT NULL)`;
}

/**
 * SELECT transaction_id, event_ts and the features, typed, of the triggers in temp.fraud_scope: by windows, for whole histories.
 * @param labels relation (merchant_id, known_at TIMESTAMP) of movements that proved to be fraud, and since when that is known; null: none are known
 */
export function featuresSql(set: FeatureSet, labels: string | null): string {
  const scope = '(SELECT *, tick - tie AS moment FROM temp.fraud_scope)';
  const row = 'CASE WHEN is_trigger THEN transaction_id END AS ord';
  const triggers = `(SELECT transaction_id AS ord, transaction_id, event_ts, -1::BIGINT AS nr, ${MOMENT_SQL} FROM ${scope} WHERE is_trigger)`;
  const moves = `(SELECT ${row}, tick, tie, ${MOMENT_SQL} FROM ${scope})`;
  const legs = legsSql(scope, 'transaction_id, tick, tie, moment, is_trigger');
  const ownRow = `(SELECT *, CASE WHEN is_trigger AND is_own THEN transaction_id END AS ord FROM ${legs})`;
  const pasts = PAST_KEYS.flatMap((key): [PastKey, string][] => {
    const plan = { pasts: set.pasts.filter((past) => past.key === key), values: set.values, triggers };
    if (plan.pasts.length === 0 || (key === 'label_merchant' && labels === null)) return [];
    if (key === 'label_merchant') return [[key, pairsSql({ ...plan, history: labelsSql(labels ?? '') })]];
    return [[key, windowsSql({ ...plan, history: key === 'account' ? ownRow : moves })]];
  });
  return plannedFeaturesSql(set, { triggers, legs, pasts: new Map(pasts) });
}
