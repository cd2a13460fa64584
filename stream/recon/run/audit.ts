// Proves the logs: every entry's content again, every chain from its beginning to its head, and that runs, matches and findings are what
// their logs say.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { chained, EVENT_CONTENT_HASH, GENESIS, LOG_CONTENT_HASH } from './chain.ts';
import { rowsOf } from './stage.ts';

export interface AuditReport {
  readonly runs: number;
  readonly entries: number;
  readonly events: number;
  /** Of the last run, and of the events: to be kept elsewhere and compared. */
  readonly head: string;
  readonly eventsHead: string;
}

const CHUNK = 100_000;

/** @throws LedgerflowError LF_RECON_CHAIN naming the first place that differs */
export async function audit(connection: DuckDBConnection): Promise<AuditReport> {
  const runs = (await rowsOf(
    connection,
    `SELECT run_id, chain_from, chain_head, log_entries, stage, state FROM ops.recon_runs WHERE chain_head IS NOT NULL ORDER BY run_id`,
  )) as [bigint, string, string, bigint, string, string][];
  let [hash, entries] = [GENESIS, 0];
  for (const [runId, from, head, count] of runs) {
    if (from !== hash) throw differs(`run ${runId} does not begin where the run before it ended`);
    const found = await walk(connection, {
      table: 'ops.recon_log',
      where: `run_id = ${runId}`,
      content: LOG_CONTENT_HASH,
      hash,
      name: `run ${runId}`,
    });
    if (found.count !== Number(count)) throw differs(`run ${runId} has ${found.count} entries, ${count} were written`);
    if (found.hash !== head) throw differs(`run ${runId} does not end with its head`);
    await requireCounts(connection, Number(runId));
    hash = head;
    entries += found.count;
  }
  const [[stray]] = (await rowsOf(
    connection,
    `SELECT count(*) FROM ops.recon_log WHERE run_id NOT IN (SELECT run_id FROM ops.recon_runs WHERE chain_head IS NOT NULL)`,
  )) as [[bigint]];
  if (stray !== 0n) throw differs(`${stray} entries belong to no run`);
  const events = await walk(connection, {
    table: 'ops.recon_break_events',
    where: 'true',
    content: EVENT_CONTENT_HASH,
    hash: GENESIS,
    name: 'the events of breaks',
  });
  const [[seq, eventsHead]] = (await rowsOf(connection, 'SELECT seq, hash FROM ops.recon_event_head')) as [[bigint, string]];
  if (events.count !== Number(seq) || events.hash !== eventsHead) throw differs('the events of breaks do not end with their head');
  return { runs: runs.length, entries, events: events.count, head: hash, eventsHead };
}

interface Walk {
  readonly table: string;
  readonly where: string;
  readonly content: string;
  readonly hash: string;
  readonly name: string;
}

async function walk(
  connection: DuckDBConnection,
  { table, where, content, hash: begin, name }: Walk,
): Promise<{ hash: string; count: number }> {
  let hash = begin;
  for (let count = 0; ;) {
    const sql = `SELECT seq, hash, ${content}, ${table === 'ops.recon_log' ? 'content_hash' : 'NULL'} FROM ${table} WHERE ${where} AND seq > ${count} AND seq <= ${count + CHUNK} ORDER BY seq`;
    const rows = (await rowsOf(connection, sql)) as [bigint, string, string, string | null][];
    for (const [seq, written, again, noted] of rows) {
      count += 1;
      hash = chained(hash, again);
      if (Number(seq) !== count) throw differs(`${name}: entry ${count} is missing`);
      if (written !== hash || (noted ?? again) !== again) throw differs(`${name}: entry ${seq} is not what was written`);
    }
    if (rows.length < CHUNK) return { hash, count };
  }
}

/** The log of a run speaks of every match and finding of it, and of no other. */
async function requireCounts(connection: DuckDBConnection, runId: number): Promise<void> {
  const [[matches, logged, findings, told]] = (await rowsOf(
    connection,
    `SELECT (SELECT count(*) FROM ops.recon_matches WHERE run_id = ${runId}), (SELECT count(*) FROM ops.recon_log WHERE run_id = ${runId} AND kind = 'match'),
      (SELECT count(*) FROM ops.recon_findings WHERE run_id = ${runId}), (SELECT count(*) FROM ops.recon_log WHERE run_id = ${runId} AND kind IN ('break', 'expected'))`,
  )) as [[bigint, bigint, bigint, bigint]];
  if (matches !== logged) throw differs(`run ${runId} has ${matches} matches and logged ${logged}`);
  if (findings !== told) throw differs(`run ${runId} has ${findings} findings and logged ${told}`);
}

function differs(message: string): LedgerflowError {
  return new LedgerflowError('LF_RECON_CHAIN', message);
}
