// Gold's own records in the store: one position for all of gold, and the condition of each model.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, nullable } from '../../infra/runtime/sql-text.ts';

export type ModelStatus = 'ready' | 'waiting' | 'held';

/** Condition of one model. A model that is not ready keeps the table it had. */
export interface ModelState {
  readonly model: string;
  readonly status: ModelStatus;
  /** Types of the input columns its SELECT names, as they were when the table was last built. */
  readonly inputTypes: string;
  /** SHA-256 of the model's files: other code means another table. */
  readonly fingerprint: string;
  readonly reason: string | null;
  readonly remedy: string | null;
}

export interface GoldPosition {
  /** Last commit of the store that gold contains; -1 before the first fill. */
  readonly commitId: number;
  readonly gtid: string | null;
  readonly heldSince: number | null;
  readonly heldReason: string | null;
}

export interface OpenedState {
  readonly position: GoldPosition;
  readonly models: Map<string, ModelState>;
}

const MODELS_DDL = `CREATE TABLE IF NOT EXISTS ops.gold_models (model VARCHAR NOT NULL, status VARCHAR NOT NULL, input_types VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL,
  reason VARCHAR, remedy VARCHAR, commit_id BIGINT NOT NULL, changed_at TIMESTAMPTZ NOT NULL)`;

/** Makes gold's records where they are missing and reads them. */
export async function openState(connection: DuckDBConnection): Promise<OpenedState> {
  await connection.run(MODELS_DDL);
  const rows = (
    await connection.runAndReadAll('SELECT commit_id, gtid, epoch_ms(held_since)::BIGINT, held_reason FROM ops.gold_state')
  ).getRows();
  const row = rows[0];
  if (row === undefined) await connection.run('INSERT INTO ops.gold_state VALUES (-1, NULL, NULL, NULL, NULL)');
  const position: GoldPosition = {
    commitId: Number(row?.[0] ?? -1),
    gtid: (row?.[1] ?? null) as string | null,
    heldSince: row?.[2] === undefined || row[2] === null ? null : Number(row[2]),
    heldReason: (row?.[3] ?? null) as string | null,
  };
  const models = new Map<string, ModelState>();
  const found = await connection.runAndReadAll('SELECT model, status, input_types, fingerprint, reason, remedy FROM ops.gold_models');
  for (const [model, status, inputTypes, fingerprint, reason, remedy] of found.getRows()) {
    models.set(model as string, {
      model: model as string,
      status: status as ModelStatus,
      inputTypes: inputTypes as string,
      fingerprint: fingerprint as string,
      reason: reason as string | null,
      remedy: remedy as string | null,
    });
  }
  return { position, models };
}

/** Part of the refresh's own transaction: gold now contains everything its snapshot of the store shows. The clock is the store's. */
export const ADVANCE_SQL =
  'UPDATE ops.gold_state SET commit_id = s.commit_id, gtid = s.gtid, refreshed_at = now(), held_since = NULL, held_reason = NULL FROM ops.state AS s';

/** The same as part of a commit's transaction: its time is the commit's (a statement with now() is planned anew at every run). */
export const ADVANCE_WITH_COMMIT_SQL = ADVANCE_SQL.replace('now()', 's.committed_at');

export function holdSql(reason: string): string {
  return `UPDATE ops.gold_state SET held_since = coalesce(held_since, now()), held_reason = ${literal(reason)}`;
}

export function modelStateSql(state: ModelState, commitId: number): string {
  return `DELETE FROM ops.gold_models WHERE model = ${literal(state.model)};
INSERT INTO ops.gold_models VALUES (${literal(state.model)}, ${literal(state.status)}, ${literal(state.inputTypes)}, ${literal(state.fingerprint)}, ${nullable(state.reason)}, ${nullable(state.remedy)}, ${commitId}, now())`;
}
