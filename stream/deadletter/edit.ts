// Corrects the value of a parked record, by hand and with a trace: ops.parked_edits keeps both values, who, when and why; bronze keeps
// what Kafka delivered. The place in the source stays: an edit cannot make another transaction of it.

import type { DuckDBConnection } from '@duckdb/node-api';
import { isDeepStrictEqual } from 'node:util';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';

export const EDITS_DDL = `CREATE TABLE IF NOT EXISTS ops.parked_edits (parked_id BIGINT NOT NULL, edited_at TIMESTAMPTZ NOT NULL, edited_by VARCHAR NOT NULL, reason VARCHAR NOT NULL,
  value_before BLOB, value_after BLOB NOT NULL)`;

export interface Edit {
  readonly id: number;
  /** The whole change event as JSON text. */
  readonly value: string;
  readonly by: string;
  readonly reason: string;
}

/** Columns of a table that have a policy: their values have been replaced, and nobody may write a clear one. */
export type PolicedColumns = (table: string) => ReadonlySet<string>;

/**
 * @param connection of the commits, at a quiet point
 * @throws LedgerflowError LF_PARKED_UNKNOWN; LF_PARKED_EDIT when the value is no event of the same place, operation and row, or has
 * another value where a column policy has replaced it
 */
export async function editParked(
  connection: DuckDBConnection,
  { id, value, by, reason }: Edit,
  policed: PolicedColumns = () => new Set(),
): Promise<void> {
  await connection.run(EDITS_DDL);
  const found = (
    await connection.runAndReadAll(`SELECT value, table_name FROM ops.parked WHERE parked_id = ${id} AND status IN ('parked', 'waiting')`)
  ).getRows()[0];
  if (found === undefined) throw new LedgerflowError('LF_PARKED_UNKNOWN', `not parked, or dealt with already: ${id}`);
  const before = found[0] === null ? null : Buffer.from((found[0] as { bytes: Uint8Array }).bytes).toString('utf8');
  samePlace(before, value, id);
  samePoliced({ before, after: value, id }, policed(String(found[1])));
  const after = `encode(${literal(value)})`;
  await connection.run('BEGIN');
  try {
    await connection.run(
      `INSERT INTO ops.parked_edits SELECT parked_id, now(), ${literal(by)}, ${literal(reason)}, value, ${after} FROM ops.parked WHERE parked_id = ${id}`,
    );
    await connection.run(`UPDATE ops.parked SET value = ${after} WHERE parked_id = ${id}`);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
    throw error;
  }
}

interface Event {
  readonly op?: unknown;
  readonly source?: unknown;
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
}

function samePlace(before: string | null, after: string, id: number): void {
  const [was, is] = [parsed(before), parsed(after)];
  if (was === null) throw refused(id, 'only a record that is a change event in JSON can be corrected; discard this one');
  if (is === null) throw refused(id, 'the new value is no JSON object');
  if (was.op !== is.op || !isDeepStrictEqual(was.source, is.source)) throw refused(id, 'op and source must stay what they are');
}

/** Each image on its own, so that none of a withheld record can be put in either. */
function samePoliced({ before, after, id }: { before: string | null; after: string; id: number }, columns: ReadonlySet<string>): void {
  const [was, is] = [parsed(before), parsed(after)];
  for (const image of ['before', 'after'] as const)
    for (const name of columns)
      if (!isDeepStrictEqual(was?.[image]?.[name] ?? null, is?.[image]?.[name] ?? null))
        throw refused(id, `the column ${name} has a policy: its value cannot be edited; \`ledgerflow repair\` reads the row again`);
}

function parsed(text: string | null): Event | null {
  try {
    const value: unknown = text === null ? null : JSON.parse(text);
    return typeof value === 'object' && value !== null && 'source' in value ? value : null;
  } catch {
    return null;
  }
}

function refused(id: number, why: string): LedgerflowError {
  return new LedgerflowError('LF_PARKED_EDIT', why, { where: `parked record ${id}` });
}
