// What a replay will do, read from the published lake: the publication it ends at, the range that is looked at, and its number, which
// follows from these, so that the same wish is the same replay.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseGtid } from '../../cdc/position.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { textRows } from '../../lake/verify/text-rows.ts';
import type { PublishedLake } from './published-lake.ts';

export const planSchema = z.object({
  id: z.string(),
  /** Commits up to this one are taken as they are: only what they did not touch last is compared. 0: everything. */
  fromCommit: z.number(),
  fromSeq: z.number(),
  toCommit: z.number(),
  gtid: z.string().nullable(),
  publicationId: z.number(),
  /** Gold's commit in that publication. */
  goldCommit: z.number(),
  /** Snapshot of the lake. */
  lakeSnapshot: z.number(),
  commits: z.number(),
  messages: z.number(),
  /** Null: all. */
  tables: z.array(z.string()).nullable(),
  models: z.array(z.string()).nullable(),
  versions: z.record(z.string(), z.string()),
});
export type ReplayPlan = z.infer<typeof planSchema>;

export interface ReplayWish {
  readonly from: string;
  readonly to: string;
  readonly tables: readonly string[] | null;
  readonly models: readonly string[] | null;
}

/** @throws LedgerflowError LF_USAGE for a place that the lake does not have */
export async function planReplay({ connection }: PublishedLake, wish: ReplayWish, version: string): Promise<ReplayPlan> {
  const query = (sql: string): ReturnType<typeof textRows> => textRows(connection, sql);
  const to = await commitAt(query, wish.to, 'end');
  const fromCommit = await commitAt(query, wish.from, 'beginning');
  const [publication] = await query(
    `SELECT publication_id, commit_id, gold_commit_id, gtid, chain FROM lake.ops.publications WHERE commit_id <= ${to} ORDER BY publication_id DESC LIMIT 1`,
  );
  if (publication === undefined) throw new LedgerflowError('LF_USAGE', `nothing was published up to ${wish.to}`);
  const [publicationId, toCommit, goldCommit] = publication.slice(0, 3).map(Number) as [number, number, number];
  const message = `publication ${publicationId} at commit ${toCommit}`;
  const [snapshot] = await query(`SELECT max(snapshot_id) FROM ducklake_snapshots('lake') WHERE commit_message = '${message}'`);
  if ((snapshot?.[0] ?? null) === null)
    throw new LedgerflowError('LF_USAGE', `${message} is not kept any more: choose a later end with --to`);
  const [counted] = await query(
    `SELECT count(*), coalesce(sum(bronze_rows), 0)::BIGINT FROM lake.ops.commits WHERE commit_id <= ${toCommit}`,
  );
  const [from] = await query(`SELECT coalesce(max(seq), -1) FROM lake.ops.commits WHERE commit_id <= ${fromCommit}`);
  const [duckdb] = await query('SELECT version()');
  const versions = { ledgerflow: version, duckdb: duckdb?.[0] ?? '' };
  const identity = { fromCommit, toCommit, chain: publication[4], tables: wish.tables, models: wish.models, versions };
  return {
    id: createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 12),
    ...{ fromCommit, fromSeq: Number(from?.[0]), toCommit, gtid: publication[3] ?? null, publicationId, goldCommit },
    ...{ lakeSnapshot: Number(snapshot?.[0]), commits: Number(counted?.[0]), messages: Number(counted?.[1]) },
    ...{ tables: wish.tables === null ? null : [...wish.tables], models: wish.models === null ? null : [...wish.models], versions },
  };
}

type Query = (sql: string) => ReturnType<typeof textRows>;

/** Commit of a place in words: beginning, end, a publication's number, a GTID, or a time. */
async function commitAt(query: Query, place: string, open: 'beginning' | 'end'): Promise<number> {
  if (place === open) return open === 'beginning' ? 0 : Number.MAX_SAFE_INTEGER;
  const [row] = await query(placeSql(place));
  if ((row?.[0] ?? null) === null) throw new LedgerflowError('LF_USAGE', `the lake has nothing at ${place}`);
  return Number(row?.[0]);
}

function placeSql(place: string): string {
  if (/^\d{1,15}$/.test(place)) return `SELECT commit_id FROM lake.ops.publications WHERE publication_id = ${place}`;
  const time = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(place) ? new Date(place) : null;
  if (time !== null && !Number.isNaN(time.getTime()))
    return `SELECT max(commit_id) FROM lake.ops.commits WHERE committed_at <= TIMESTAMPTZ '${time.toISOString()}'`;
  try {
    return `SELECT min(commit_id) FROM lake.ops.commits WHERE seq >= ${parseGtid(place).seq}`;
  } catch (error) {
    throw new LedgerflowError('LF_USAGE', `${place} is no time (2026-11-21T12:00:00Z), transaction (uuid:number) or publication (number)`, {
      cause: error,
    });
  }
}
