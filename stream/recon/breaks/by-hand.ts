// Matches that a person makes or takes back. A match that was taken back leaves a break with the reason `undone`, which keeps its rows
// from being matched again until somebody has decided.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { rowsOf } from '../run/stage.ts';
import { addEvents } from './events.ts';
import { moveBreak, readBreak, type Act } from './transitions.ts';

const instant = (now: Date): string => `TIMESTAMPTZ ${literal(now.toISOString())}`;

/** Confirms a break's rows as a match, as when a suggestion is accepted. @returns the match's number */
export async function acceptBreak(connection: DuckDBConnection, breakId: string, act: Act): Promise<number> {
  const { source, external, internal } = await readBreak(connection, breakId);
  if (external.length === 0 || internal.length === 0)
    throw new LedgerflowError('LF_RECON_NOT_ALLOWED', `break ${breakId} has rows of one side only: there is nothing to accept`);
  await moveBreak(connection, breakId, 'resolved', { ...act, note: `accepted as a match. ${act.note}`.trim() });
  return await addMatch(connection, { source, external, internal }, act);
}

export interface RowNames {
  readonly source: string;
  readonly external: readonly string[];
  readonly internal: readonly string[];
}

/** Matches open rows by their numbers; breaks all of whose rows are matched then are resolved. @returns the match's number */
export async function matchByHand(connection: DuckDBConnection, { source, external, internal }: RowNames, act: Act): Promise<number> {
  const rows = {
    external: await openRows(connection, source, 'external', external),
    internal: await openRows(connection, source, 'internal', internal),
  };
  const matchId = await addMatch(connection, { source, ...rows }, act);
  const settled = await rowsOf(
    connection,
    `SELECT s.break_id FROM ops.recon_break_states s JOIN ops.recon_break_rows r ON r.break_id = s.break_id LEFT JOIN ops.recon_active_rows a ON a.row_no = r.row_no
      WHERE s.state <> 'resolved' GROUP BY s.break_id HAVING bool_and(a.row_no IS NOT NULL) AND bool_or(a.match_id = ${matchId}) ORDER BY 1`,
  );
  for (const [breakId] of settled)
    await moveBreak(connection, breakId as string, 'resolved', { ...act, note: `match ${matchId}. ${act.note}`.trim() });
  return matchId;
}

/** Takes a match back. @returns the break that its rows are in now */
export async function undoMatch(connection: DuckDBConnection, matchId: number, { by, note, now }: Act): Promise<string> {
  const rows = (await rowsOf(connection, `SELECT side, row_no FROM ops.recon_active_rows WHERE match_id = ${matchId} ORDER BY row_no`)) as [
    string,
    bigint,
  ][];
  if (rows.length === 0) throw new LedgerflowError('LF_RECON_UNKNOWN', `there is no active match ${matchId}`);
  const breakId = `u${matchId}`;
  const sum = (side: string): string =>
    `(SELECT sum(r.amount) FROM ops.recon_match_rows x JOIN ops.recon_rows r ON r.row_no = x.row_no WHERE x.match_id = ${matchId} AND x.side = '${side}')`;
  await connection.run(`INSERT INTO ops.recon_undone VALUES (${matchId}, ${literal(by)}, ${literal(note)}, ${instant(now)});
    INSERT INTO ops.recon_breaks SELECT ${literal(breakId)}, m.source, coalesce(m.run_id, 0), CAST(max(r.booked_at) AS DATE), 'undone', m.score, m.components, ${literal(`match ${matchId} was taken back: ${note}`)},
      min(r.currency), ${sum('external')}, ${sum('internal')}, CAST(min(r.booked_at) AS DATE), ${instant(now)}, ${instant(now)} + to_days(1)
      FROM ops.recon_matches m JOIN ops.recon_match_rows x ON x.match_id = m.match_id JOIN ops.recon_rows r ON r.row_no = x.row_no WHERE m.match_id = ${matchId} GROUP BY ALL;
    INSERT INTO ops.recon_break_rows SELECT ${literal(breakId)}, side, row_no FROM ops.recon_match_rows WHERE match_id = ${matchId}`);
  await addEvents(connection, [{ breakId, actor: by, kind: 'state', from: null, to: 'open', note, data: null }], now);
  return breakId;
}

interface RowNumbers {
  readonly source: string;
  readonly external: readonly bigint[];
  readonly internal: readonly bigint[];
}

async function addMatch(connection: DuckDBConnection, { source, external, internal }: RowNumbers, { by, note, now }: Act): Promise<number> {
  const all = [...external, ...internal];
  const [taken] = await rowsOf(connection, `SELECT row_no FROM ops.recon_active_rows WHERE row_no IN (${all.join(', ')}) LIMIT 1`);
  if (taken !== undefined) throw new LedgerflowError('LF_RECON_NOT_ALLOWED', 'one of the rows is in a match already');
  const [[id]] = (await rowsOf(connection, `SELECT nextval('ops.recon_match_ids')`)) as [[bigint]];
  const rows = [...external.map((no) => `(${id}, 'external', ${no})`), ...internal.map((no) => `(${id}, 'internal', ${no})`)];
  await connection.run(`INSERT INTO ops.recon_matches VALUES (${id}, NULL, ${literal(source)}, 'manual', 1, NULL, NULL, ${literal(note)}, ${literal(by)}, ${instant(now)});
    INSERT INTO ops.recon_match_rows VALUES ${rows.join(', ')}`);
  return Number(id);
}

/** @throws LedgerflowError LF_RECON_UNKNOWN for a number that no open row has */
async function openRows(connection: DuckDBConnection, source: string, side: string, ids: readonly string[]): Promise<bigint[]> {
  const numbers: bigint[] = [];
  for (const id of ids) {
    const [row] = await rowsOf(
      connection,
      `SELECT r.row_no FROM ops.recon_rows r ANTI JOIN ops.recon_active_rows a ON a.row_no = r.row_no WHERE r.source = ${literal(source)} AND r.side = '${side}' AND r.row_id = ${literal(id)} ORDER BY r.row_no LIMIT 1`,
    );
    if (row === undefined) throw new LedgerflowError('LF_RECON_UNKNOWN', `${source} has no open ${side} row ${id}`);
    numbers.push(row[0] as bigint);
  }
  return numbers;
}
