// The chain of a log: hash = SHA-256(hash of the entry before, hash of the entry's content). Whoever changes, removes or moves an entry
// changes every hash after it, and the head that the run's own row and the next run's beginning hold.

import { BIGINT, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import { hash } from 'node:crypto';
import { RowsOut } from './rows-out.ts';
import { rowsOf } from './stage.ts';

export const GENESIS = '0'.repeat(64);

export function chained(before: string, contentHash: string): string {
  return hash('sha256', before + contentHash, 'hex');
}

/** The content of an entry of ops.recon_log, as text that says each field once. */
export const LOG_CONTENT_HASH = `sha256(to_json([CAST(run_id AS VARCHAR), CAST(seq AS VARCHAR), CAST(epoch_ms(logged_at) AS VARCHAR), kind, CAST(matched AS VARCHAR), CAST(to_json(external_ids) AS VARCHAR),
  CAST(to_json(internal_ids) AS VARCHAR), tier, CAST(score AS VARCHAR), components, reason, message])::VARCHAR)`;

/** The content of an entry of ops.recon_break_events. */
export const EVENT_CONTENT_HASH = `sha256(to_json([CAST(seq AS VARCHAR), break_id, CAST(epoch_ms(happened_at) AS VARCHAR), actor, kind, from_state, to_state, note, data])::VARCHAR)`;

/** Entries read at a time. */
const CHUNK = 50_000;

/** Chains the rows of temp.recon_entries (seq, content_hash) into temp.recon_hashes (seq, hash). @returns the head */
export async function chainEntries(connection: DuckDBConnection, before: string): Promise<string> {
  await connection.run('CREATE OR REPLACE TEMP TABLE recon_hashes (seq BIGINT, hash VARCHAR)');
  const out = await RowsOut.into(connection, 'recon_hashes', [BIGINT, VARCHAR]);
  let head = before;
  for (let from = 0; ; from += CHUNK) {
    const rows = await rowsOf(
      connection,
      `SELECT seq, content_hash FROM temp.recon_entries WHERE seq > ${from} AND seq <= ${from + CHUNK} ORDER BY seq`,
    );
    for (const [seq, content] of rows as [bigint, string][]) {
      head = chained(head, content);
      out.add(seq, head);
    }
    if (rows.length < CHUNK) break;
  }
  out.close();
  return head;
}
