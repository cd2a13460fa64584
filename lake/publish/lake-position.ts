// Where the lake stands, who may write it, and how both sides find together after a crash between the lake's commit and
// the store's note of it. The lake's own last publication is the truth (G9: it never goes back).

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { literal, nullable } from '../../infra/runtime/sql-text.ts';
import { LAKE } from './lake-catalog.ts';
import { reconcileRound, type Publication, type PublicationNote } from './round.ts';
import { firstRow, inTransaction } from './sql.ts';

export async function lastInLake(connection: DuckDBConnection): Promise<Publication | null> {
  const row = await firstRow(
    connection,
    `SELECT publication_id, commit_id, gold_commit_id, gtid, chain, published_at::VARCHAR FROM ${LAKE}.ops.publications ORDER BY publication_id DESC LIMIT 1`,
  );
  if (row === undefined) return null;
  const [publicationId, commitId, goldCommitId, gtid, chain, publishedAt] = row;
  return {
    publicationId: Number(publicationId),
    commitId: Number(commitId),
    goldCommitId: Number(goldCommitId),
    gtid: gtid as string | null,
    chain: chain as string,
    publishedAt: publishedAt as string,
  };
}

/** Commit of the last publication the store has noted; 0 before the first. */
export async function publishedCommitInStore(connection: DuckDBConnection): Promise<number> {
  return Number((await firstRow(connection, 'SELECT coalesce(max(commit_id), 0) FROM ops.publications'))?.[0] ?? 0);
}

/**
 * Takes the lake for this process: writers of an older epoch are refused from now on.
 * @throws LedgerflowError LF_LAKE_FENCED when a newer epoch has it
 */
export async function takeLakeFence(connection: DuckDBConnection, epoch: number, codeVersion: string): Promise<void> {
  await assertNotFenced(connection, epoch);
  await connection.run(`INSERT INTO ${LAKE}.ops.writers VALUES (${epoch}, now(), ${literal(codeVersion)})`);
  faultPoint('lake.fenced');
}

/** Called inside every publication's transaction. @throws LedgerflowError LF_LAKE_FENCED */
export async function assertNotFenced(connection: DuckDBConnection, epoch: number): Promise<void> {
  const newest = Number((await firstRow(connection, `SELECT coalesce(max(epoch), 0) FROM ${LAKE}.ops.writers`))?.[0] ?? 0);
  if (newest > epoch) throw new LedgerflowError('LF_LAKE_FENCED', `epoch ${newest} has taken the lake, this publisher has epoch ${epoch}`);
}

/**
 * Compares both sides and completes what a crash left open.
 * @returns the lake's last publication
 * @throws LedgerflowError LF_LAKE_BEHIND, LF_LAKE_AHEAD, LF_LAKE_FOREIGN
 */
export function reconcile(connection: DuckDBConnection): Promise<Publication | null> {
  return reconcileRound({
    lakeLast: () => lastInLake(connection),
    notedCommit: () => publishedCommitInStore(connection),
    storeCommit: async () => Number((await firstRow(connection, 'SELECT commit_id FROM ops.state'))?.[0] ?? 0),
    storeChain: async (commitId) =>
      (await firstRow(connection, `SELECT chain FROM ops.commits WHERE commit_id = ${commitId}`))?.[0] as string | undefined,
    noteAgain: async (lake) => {
      await noteInStore(connection, {
        ...lake,
        ...{ snapshot: await lastSnapshot(connection), bronzeRows: 0, silverRows: 0, goldRows: 0, durationMs: 0 },
      });
      faultPoint('lake.reconciled');
    },
  });
}

/** One store transaction: the publication is noted and its segments leave the manifest. Idempotent. */
export async function noteInStore(connection: DuckDBConnection, note: PublicationNote): Promise<void> {
  const gtid = nullable(note.gtid);
  const values = [note.publicationId, note.commitId, note.goldCommitId, gtid, note.snapshot, `${literal(note.publishedAt)}::TIMESTAMPTZ`];
  const counts = [note.bronzeRows, note.silverRows, note.goldRows, Math.round(note.durationMs)];
  await inTransaction(connection, async () => {
    await connection.run(`INSERT INTO ops.publications SELECT ${[...values, ...counts].join(', ')}
      WHERE NOT EXISTS (FROM ops.publications WHERE publication_id = ${note.publicationId})`);
    await connection.run(`DELETE FROM ops.segments WHERE last_commit <= ${note.commitId}`);
    // A store put back from a backup may hold in its tail what the lake has had since.
    await connection.run(`DELETE FROM _bronze.tail WHERE commit_id <= ${note.commitId}`);
  });
}

export async function lastSnapshot(connection: DuckDBConnection): Promise<number> {
  return Number((await firstRow(connection, `FROM ducklake_current_snapshot('${LAKE}')`))?.[0] ?? 0);
}
