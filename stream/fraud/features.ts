// Feature sets: one .sql file per version in features/, over the same scope as the rules. A feature of a movement knows only what came before
// it, and labels that were known before it; so a replay gives the values that were live.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { fillIn } from './fill-in.ts';
import { parseParameter, type Parameter } from './parameter.ts';
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
  /** SELECT transaction_id and the features of the scope's triggers. */
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
  if (features.length === 0 || !lines.includes(`-- features: ${name}`))
    throw new LedgerflowError('LF_FRAUD_RULE', 'the file of a feature set names itself and its columns', {
      where: `stream/fraud/features/${name}.sql`,
    });
  const body = lines.filter((line) => !line.startsWith('--')).join('\n');
  return { name, features, sql: fillIn(body, new Map(parameters.map((parameter) => [parameter.name, parameter.value]))) };
}

/** gold.fraud_features: one row per movement and feature set, as of the commit that evaluated it last. */
export function featuresDdl({ features }: FeatureSet): string {
  const columns = features.map(({ name, type }) => `${name} ${type}`).join(', ');
  return `CREATE TABLE IF NOT EXISTS gold.fraud_features (transaction_id VARCHAR NOT NULL, feature_set VARCHAR NOT NULL, event_ts TIMESTAMP NOT NULL, commit_id BIGINT NOT NULL, gtid VARCHAR, ${columns});
`;
}

/**
 * SELECT transaction_id, event_ts and the features, typed, of the triggers in temp.fraud_scope.
 * @param labels relation (merchant_id, known_at TIMESTAMP) of movements that proved to be fraud, and since when that is known; null: none are known
 */
export function featuresSql({ features, sql }: FeatureSet, labels: string | null): string {
  const known = labels ?? `(SELECT NULL::VARCHAR AS merchant_id, NULL::TIMESTAMP AS known_at WHERE false)`;
  const columns = features.map(({ name, type }) => `CAST(x.${name} AS ${type}) AS ${name}`).join(', ');
  return `WITH fraud_transactions AS NOT MATERIALIZED (SELECT * FROM temp.fraud_scope),
fraud_labels AS (SELECT l.merchant_id, ${tickSql('l.known_at')} AS tick, 0::BIGINT AS tie FROM ${known} l WHERE l.merchant_id IS NOT NULL)
SELECT x.transaction_id, t.event_ts, ${columns} FROM (${sql}) x JOIN temp.fraud_scope t ON t.transaction_id = x.transaction_id AND t.is_trigger`;
}

export async function dropScope(connection: DuckDBConnection): Promise<void> {
  for (const table of ['fraud_scope', 'fraud_found', 'fraud_chunk', 'fraud_due', 'fraud_changed', 'fraud_movers', 'fraud_listed'])
    await connection.run(`DROP TABLE IF EXISTS temp.${table}`);
}
