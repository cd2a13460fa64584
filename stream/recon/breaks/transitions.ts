// What may become of a break, and who says so. Each change is one event that stays; the state is that of the last one.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { rowsOf } from '../run/stage.ts';
import { addEvents, type BreakEvent } from './events.ts';

export const BREAK_STATES = ['open', 'acknowledged', 'investigating', 'resolved', 'reopened'] as const;
export type BreakState = (typeof BREAK_STATES)[number];

const NEXT: Readonly<Record<BreakState, readonly BreakState[]>> = {
  open: ['acknowledged', 'investigating', 'resolved'],
  acknowledged: ['investigating', 'resolved'],
  investigating: ['acknowledged', 'resolved'],
  resolved: ['reopened'],
  reopened: ['acknowledged', 'investigating', 'resolved'],
};

export interface Act {
  readonly by: string;
  readonly note: string;
  readonly now: Date;
}

export interface BreakRow {
  readonly breakId: string;
  readonly source: string;
  readonly reason: string;
  readonly state: BreakState;
  readonly external: readonly bigint[];
  readonly internal: readonly bigint[];
}

/** @throws LedgerflowError LF_RECON_UNKNOWN */
export async function readBreak(connection: DuckDBConnection, breakId: string): Promise<BreakRow> {
  const id = literal(breakId);
  const [row] = await rowsOf(connection, `SELECT source, reason, state FROM gold.recon_breaks WHERE break_id = ${id}`);
  if (row === undefined) throw new LedgerflowError('LF_RECON_UNKNOWN', `there is no break ${breakId}`);
  const rows = (await rowsOf(connection, `SELECT side, row_no FROM ops.recon_break_rows WHERE break_id = ${id} ORDER BY row_no`)) as [
    string,
    bigint,
  ][];
  const of = (side: string): bigint[] => rows.filter(([its]) => its === side).map(([, no]) => no);
  const [source, reason, state] = row as [string, string, BreakState];
  return { breakId, source, reason, state, external: of('external'), internal: of('internal') };
}

/** @throws LedgerflowError LF_RECON_UNKNOWN, LF_RECON_NOT_ALLOWED */
export async function moveBreak(connection: DuckDBConnection, breakId: string, to: BreakState, { by, note, now }: Act): Promise<BreakRow> {
  const found = await readBreak(connection, breakId);
  if (!NEXT[found.state].includes(to))
    throw new LedgerflowError(
      'LF_RECON_NOT_ALLOWED',
      `break ${breakId} is ${found.state}: it can become ${NEXT[found.state].join(' or ')}`,
    );
  await addEvents(connection, [{ breakId, actor: by, kind: 'state', from: found.state, to, note, data: null }], now);
  return found;
}

/** A comment, an owner, a piece of evidence or a journal. @throws LedgerflowError LF_RECON_UNKNOWN */
export async function noteOn(
  connection: DuckDBConnection,
  breakId: string,
  kind: Exclude<BreakEvent['kind'], 'state'>,
  { by, note, now, data }: Act & { readonly data: string | null },
): Promise<void> {
  await readBreak(connection, breakId);
  await addEvents(connection, [{ breakId, actor: by, kind, from: null, to: null, note, data }], now);
}
