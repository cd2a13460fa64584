// ops.replays: one row per replay that has been compared, by whom and why, and what became of it.

import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { literal, nullable } from '../../infra/runtime/sql-text.ts';
import { textRows } from '../verify/text-rows.ts';

// state: compared, promoted (its rows took the place of the live ones, by the commit promoted_commit), rolled_back.
export const REPLAYS_DDL = `
CREATE TABLE IF NOT EXISTS ops.replays (replay_id VARCHAR NOT NULL, state VARCHAR NOT NULL, requested_by VARCHAR NOT NULL, requested_at TIMESTAMPTZ NOT NULL, reason VARCHAR NOT NULL,
  from_commit BIGINT NOT NULL, to_commit BIGINT NOT NULL, gtid VARCHAR, messages BIGINT NOT NULL, versions VARCHAR NOT NULL, differences BIGINT NOT NULL, deltas VARCHAR NOT NULL,
  promoted_commit BIGINT, promoted_by VARCHAR, promoted_at TIMESTAMPTZ, promoted VARCHAR, rolled_back_commit BIGINT, rolled_back_by VARCHAR, rolled_back_at TIMESTAMPTZ);
`;

export const replayId = z.string().regex(/^[0-9a-f]{12}$/);

export const replaySchema = z.strictObject({
  id: replayId,
  requestedBy: z.string().min(1).max(200),
  reason: z.string().max(1_000),
  fromCommit: z.int().min(0),
  toCommit: z.int().min(0),
  gtid: z.string().nullable(),
  messages: z.int().min(0),
  /** Of the code: product, DuckDB. */
  versions: z.record(z.string(), z.string()),
  /** Per table what differs. */
  deltas: z.array(
    z.strictObject({
      layer: z.enum(['silver', 'gold']),
      table: z.string(),
      rows: z.int(),
      added: z.int(),
      gone: z.int(),
      changed: z.int(),
      remark: z.string().nullable(),
    }),
  ),
});
export type Replay = z.infer<typeof replaySchema>;

export function differencesOf({ deltas }: Pick<Replay, 'deltas'>): number {
  return deltas.reduce((sum, { added, gone, changed }) => sum + added + gone + changed, 0);
}

/** Records a replay; one that is known stays as it is. */
export async function recordReplay(connection: DuckDBConnection, replay: Replay): Promise<void> {
  const { id, requestedBy, reason, fromCommit, toCommit, gtid, messages, versions, deltas } = replay;
  await connection.run(`INSERT INTO ops.replays BY NAME SELECT ${literal(id)} AS replay_id, 'compared' AS state, ${literal(requestedBy)} AS requested_by, now() AS requested_at,
    ${literal(reason)} AS reason, ${fromCommit} AS from_commit, ${toCommit} AS to_commit, ${nullable(gtid)} AS gtid, ${messages} AS messages,
    ${literal(JSON.stringify(versions))} AS versions, ${differencesOf(replay)} AS differences, ${literal(JSON.stringify(deltas))} AS deltas
    WHERE NOT EXISTS (SELECT 1 FROM ops.replays WHERE replay_id = ${literal(id)})`);
}

export interface ReplayStanding {
  readonly state: 'compared' | 'promoted' | 'rolled_back';
  readonly toCommit: number;
  readonly promotedCommit: number | null;
  readonly deltas: Replay['deltas'];
  /** Tables whose rows were taken over. */
  readonly promoted: readonly string[];
}

export async function readReplay(connection: DuckDBConnection, id: string): Promise<ReplayStanding | null> {
  const [row] = await textRows(
    connection,
    `SELECT state, to_commit, promoted_commit, deltas, coalesce(promoted, '[]') FROM ops.replays WHERE replay_id = ${literal(id)}`,
  );
  if (row === undefined) return null;
  const [state, toCommit, promotedCommit, deltas, promoted] = row;
  return {
    state: state as ReplayStanding['state'],
    toCommit: Number(toCommit),
    promotedCommit: promotedCommit === null ? null : Number(promotedCommit),
    deltas: JSON.parse(deltas ?? '[]') as Replay['deltas'],
    promoted: JSON.parse(promoted ?? '[]') as string[],
  };
}

export function promotedSql(id: string, by: string, { commitId, tables }: { commitId: number; tables: readonly string[] }): string {
  return `UPDATE ops.replays SET state = 'promoted', promoted_commit = ${commitId}, promoted_by = ${literal(by)}, promoted_at = now(), promoted = ${literal(JSON.stringify(tables))} WHERE replay_id = ${literal(id)}`;
}

export function rolledBackSql(id: string, by: string, commitId: number): string {
  return `UPDATE ops.replays SET state = 'rolled_back', rolled_back_commit = ${commitId}, rolled_back_by = ${literal(by)}, rolled_back_at = now() WHERE replay_id = ${literal(id)}`;
}
