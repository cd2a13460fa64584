// The state of the store that a publication shows: read once, inside the publication's transaction, so that everything
// read after it in the same transaction belongs to the same commit.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { firstRow, rowsOf } from './sql.ts';
import type { Cut, PublicationSource } from './source.ts';

/** Rolls the tail, then opens the transaction at a quiet point: no commit waits longer than rolling what is left takes. */
export async function openCut(connection: DuckDBConnection, source: PublicationSource): Promise<Cut> {
  await source.rollTail();
  return source.withQuietPoint(async () => {
    await source.rollTail();
    await connection.run('BEGIN');
    return readCut(connection);
  });
}

async function readCut(connection: DuckDBConnection): Promise<Cut> {
  const state = await firstRow(
    connection,
    'SELECT commit_id, seq, gtid, committed_at::VARCHAR, chain, (SELECT count(*) FROM _bronze.tail), phase FROM ops.state',
  );
  if (state === undefined) throw new LedgerflowError('LF_PUBLICATION_FAILED', 'the store has no state row');
  const [commitId, seq, gtid, committedAt, chain, tailRows, phase] = state;
  if (Number(tailRows) > 0)
    throw new LedgerflowError('LF_PUBLICATION_FAILED', `${Number(tailRows)} bronze rows were not rolled into a segment`);
  const gold = await firstRow(connection, 'SELECT commit_id, gtid FROM ops.gold_state');
  return {
    commitId: Number(commitId),
    phase: phase as string,
    seq: Number(seq),
    gtid: gtid as string | null,
    committedAt: committedAt as string | null,
    chain: chain as string,
    goldCommitId: Number(gold?.[0] ?? 0),
    goldGtid: (gold?.[1] as string | null | undefined) ?? null,
    offsets: await readOffsets(connection),
  };
}

async function readOffsets(connection: DuckDBConnection): Promise<Cut['offsets']> {
  const sql = 'SELECT t.topic, o.partition, o.next_offset::VARCHAR FROM ops.offsets o JOIN ops.topics t USING (topic_id) ORDER BY 1, 2';
  const offsets: Record<string, Record<string, string>> = {};
  for (const [topic, partition, next] of await rowsOf(connection, sql)) {
    const ofTopic = (offsets[topic as string] ??= {});
    ofTopic[String(partition)] = next as string;
  }
  return offsets;
}
