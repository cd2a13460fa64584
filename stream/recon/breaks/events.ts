// Events of breaks: every transition, comment, owner and piece of evidence is a row that stays, chained by hashes in one order.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, nullable } from '../../../infra/runtime/sql-text.ts';
import { chained, EVENT_CONTENT_HASH } from '../run/chain.ts';
import { rowsOf } from '../run/stage.ts';

export interface BreakEvent {
  readonly breakId: string;
  readonly actor: string;
  readonly kind: 'state' | 'comment' | 'owner' | 'evidence' | 'journal';
  readonly from: string | null;
  readonly to: string | null;
  readonly note: string;
  /** What the kind is about: the owner's name, a link, a journal as JSON. */
  readonly data: string | null;
}

const BATCH = 500;

/** Adds events in order, in the caller's transaction. @throws Error of DuckDB when another transaction adds some at the same time */
export async function addEvents(connection: DuckDBConnection, events: readonly BreakEvent[], now: Date): Promise<void> {
  if (events.length === 0) return;
  const [[last, head]] = (await rowsOf(connection, 'SELECT seq, hash FROM ops.recon_event_head')) as [[bigint, string]];
  let [seq, hash] = [Number(last), head];
  for (let from = 0; from < events.length; from += BATCH) {
    const values = events.slice(from, from + BATCH).map(({ breakId, actor, kind, from: before, to, note, data }, at) => {
      const texts = [literal(actor), literal(kind), nullable(before), nullable(to), literal(note), nullable(data)];
      return `(${seq + at + 1}, ${literal(breakId)}, TIMESTAMPTZ ${literal(now.toISOString())}, ${texts.join(', ')})`;
    });
    await connection.run(`CREATE OR REPLACE TEMP TABLE recon_events AS SELECT *, ${EVENT_CONTENT_HASH} AS content_hash
      FROM (VALUES ${values.join(', ')}) v(seq, break_id, happened_at, actor, kind, from_state, to_state, note, data)`);
    const hashes: string[] = [];
    for (const [content] of await rowsOf(connection, 'SELECT content_hash FROM temp.recon_events ORDER BY seq')) {
      hash = chained(hash, content as string);
      hashes.push(`(${(seq += 1)}, '${hash}')`);
    }
    await connection.run(`INSERT INTO ops.recon_break_events SELECT e.* EXCLUDE (content_hash), h.hash FROM temp.recon_events e JOIN (VALUES ${hashes.join(', ')}) h(seq, hash) ON h.seq = e.seq;
      DROP TABLE temp.recon_events`);
  }
  // One row that every writer changes: of two at the same time DuckDB refuses one, so the chain has no fork.
  await connection.run(`UPDATE ops.recon_event_head SET seq = ${seq}, hash = '${hash}'`);
}
