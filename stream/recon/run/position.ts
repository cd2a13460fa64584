// How far a source that is read continuously has been read: kept in the transaction that keeps its entries, so that nothing is read past.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { closeIncidentSql } from '../../../lake/quality/incidents.ts';
import { rowsOf, type Run } from './stage.ts';
import type { Source } from './source.ts';

type Position = NonNullable<Extract<Source['adapter'], { kind: 'http' }>['position']>;

function positionOf({ adapter }: Source): Position | null {
  return adapter.kind === 'http' ? (adapter.position ?? null) : null;
}

/** What `{position}` in the address stands for; null when the source has none. A run that somebody asks for begins at the beginning. */
export async function readFrom(connection: DuckDBConnection, { source, trigger }: Run): Promise<string | null> {
  const position = positionOf(source);
  if (position === null) return null;
  if (trigger !== 'every') return position.initial;
  const [row] = await rowsOf(connection, `SELECT position FROM ops.recon_positions WHERE source = ${literal(source.name)}`);
  const reached = row?.[0] as string | undefined;
  if (reached === undefined) return position.initial;
  const ms = Date.parse(reached);
  if (position.overlapSeconds === 0 || position.from !== 'bookedAt' || Number.isNaN(ms)) return reached;
  return new Date(ms - position.overlapSeconds * 1_000).toISOString();
}

/** @param entries table with the entries just read: line, row_id, booked_at */
export async function moveOn(connection: DuckDBConnection, { source, trigger, runId }: Run, entries: string): Promise<void> {
  const position = positionOf(source);
  if (position === null || trigger !== 'every') return;
  const [row] = await rowsOf(
    connection,
    `SELECT ${position.from === 'bookedAt' ? 'max(booked_at)' : 'arg_max(row_id, line)'} FROM ${entries}`,
  );
  const reached = row?.[0] as string | null | undefined;
  if (reached === null || reached === undefined) return;
  const name = literal(source.name);
  const [known] = await rowsOf(connection, `SELECT position FROM ops.recon_positions WHERE source = ${name}`);
  if (position.from === 'bookedAt' && known !== undefined && String(known[0]) >= reached) return;
  await connection.run(
    known === undefined
      ? `INSERT INTO ops.recon_positions VALUES (${name}, ${literal(reached)}, ${runId})`
      : `UPDATE ops.recon_positions SET position = ${literal(reached)}, run_id = ${runId} WHERE source = ${name}`,
  );
}

/**
 * Takes a window back that brought nothing new on either side, unless it is the first of its day: that one says which of our movements of
 * the days before are late. @returns whether it was taken back
 */
export async function dropIfEmpty(connection: DuckDBConnection, { runId, source, date, trigger, stage }: Run): Promise<boolean> {
  if (trigger !== 'every' || stage !== 'load') return false;
  const name = literal(source.name);
  const [[isNews, isFirst]] = (await rowsOf(
    connection,
    `SELECT EXISTS (FROM ops.recon_rows WHERE run_id = ${runId}) OR EXISTS (FROM ops.recon_parked WHERE run_id = ${runId}),
     NOT EXISTS (FROM ops.recon_runs WHERE source = ${name} AND business_date = DATE ${literal(date)} AND state = 'succeeded')`,
  )) as [[boolean, boolean]];
  if (isNews || isFirst) return false;
  await connection.run(`DELETE FROM ops.recon_files WHERE run_id = ${runId}; DELETE FROM ops.recon_runs WHERE run_id = ${runId};
    ${closeIncidentSql('LF_RECON_REFUSED', source.name)}`);
  return true;
}
