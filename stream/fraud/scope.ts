// The rows that one evaluation reads, once for all rules and features: temp.fraud_scope. Beside the canonical columns:
//   kind, value      what the movement is and how large, in dollars (canonical.ts)
//   tick, tie        its place in time: business time in microseconds, and its rank among those of the same instant
//   is_trigger       it is to be evaluated now
// Order is business time, then the transaction's number: never when the row came (a late movement takes its place among the others).

import type { DuckDBConnection } from '@duckdb/node-api';
import { CANONICAL_NAMES, kindSql, valueSql, type CanonicalColumn } from './canonical.ts';

/** Room for movements of the same microsecond; more of them take that of the next ones. */
export const TICKS_PER_US = 4_096n;
/** tick 0; ticks then reach from 1970 to 2109 within 64 bits. Times outside are taken for the first and the last. */
const EPOCH_US = 2_200_000_000_000_000n;

/** An instant in microseconds, from the epoch of ticks. */
function instantSql(instant: string): string {
  return `(greatest(0, least(epoch_us(${instant}), 2 * ${EPOCH_US})) - ${EPOCH_US})`;
}

/** The first tick of an instant. */
export function tickSql(instant: string): string {
  return `${instantSql(instant)} * ${TICKS_PER_US}`;
}

export interface EvaluationInput {
  /** Relation of canonical rows: the triggers and the history before them. */
  readonly transactions: string;
  /** Relation with the column transaction_id: movements to evaluate. */
  readonly triggers: string;
}

export interface Scope {
  readonly triggers: number;
  /** First and last instant of the triggers, as SQL; null without triggers. */
  readonly first: string | null;
  /** Columns that no row has. */
  readonly missing: ReadonlySet<CanonicalColumn>;
}

export async function openScope(connection: DuckDBConnection, { transactions, triggers }: EvaluationInput): Promise<Scope> {
  const columns = CANONICAL_NAMES.filter((name) => name !== 'customer_id').map((name) => `t.${name}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_scope AS
SELECT * REPLACE ((tick * ${TICKS_PER_US} + tie) AS tick) FROM (
  SELECT ${columns.join(', ')}, coalesce(t.customer_id, t.account_id) AS customer_id, ${kindSql('t')} AS kind, ${valueSql('t')} AS value,
    ${instantSql('t.event_ts')} AS tick,
    row_number() OVER (PARTITION BY t.event_ts ORDER BY length(t.transaction_id), t.transaction_id) - 1 AS tie,
    t.transaction_id IN (SELECT transaction_id FROM ${triggers}) AS is_trigger
  FROM ${transactions} t)`);
  const counts = CANONICAL_NAMES.map((name) => `count(${name})`).join(', ');
  const reader = await connection.runAndReadAll(
    `SELECT count(*) FILTER (is_trigger), CAST(min(event_ts) FILTER (is_trigger) AS VARCHAR), ${counts} FROM temp.fraud_scope`,
  );
  const [count, first, ...filled] = reader.getRows()[0] ?? [];
  const missing = CANONICAL_NAMES.filter((_, index) => Number(filled[index] ?? 0) === 0);
  return {
    triggers: Number(count ?? 0),
    first: first === null || first === undefined ? null : `TIMESTAMP '${first as string}'`,
    missing: new Set(missing),
  };
}
