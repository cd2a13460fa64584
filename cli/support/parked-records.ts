// The parked records of a running LedgerFlow, read through the PostgreSQL endpoint.

import type { Login } from '../../infra/native/run-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { queryAll, type Result } from './wire-client.ts';

export const STATUS_FILTERS = ['open', 'parked', 'waiting', 'redriven', 'discarded', 'superseded', 'all'] as const;
export type StatusFilter = (typeof STATUS_FILTERS)[number];

export interface ParkedFilter {
  readonly status: StatusFilter;
  readonly table?: string;
  readonly reason?: string;
  readonly limit: number;
}

/** Bytes as text where they are UTF-8, else as \x and hexadecimal digits. */
const shown = (bytes: string): string => `coalesce(TRY(decode(${bytes})), '\\x' || lower(hex(${bytes})))`;

/** Columns that the list and a single record share; times in UTC. */
const COLUMNS = `parked_id AS id, table_name AS "table", ${shown('key')} AS "key", status, reason, topic, partition, kafka_offset AS "offset", op, seq,
  strftime(parked_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS parked_at, octet_length(value) AS bytes, detail`;
const ENDS = `strftime(resolved_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS resolved_at, resolved_by, resolution, resolved_commit, commit_id, headers`;

export function listParked(wire: Login, filter: ParkedFilter): Promise<Result> {
  const conditions = [
    filter.status === 'all' ? 'true' : filter.status === 'open' ? `status IN ('parked', 'waiting')` : `status = ${literal(filter.status)}`,
    ...(filter.table === undefined ? [] : [`table_name = ${literal(filter.table)}`]),
    ...(filter.reason === undefined ? [] : [`reason = ${literal(filter.reason)}`]),
  ];
  return queryAll(wire, `SELECT ${COLUMNS} FROM ops.parked WHERE ${conditions.join(' AND ')} ORDER BY parked_id LIMIT ${filter.limit}`);
}

/** One record with how it ended. @throws LedgerflowError LF_PARKED_UNKNOWN */
export async function readParked(wire: Login, id: number): Promise<Result> {
  const found = await queryAll(wire, `SELECT ${COLUMNS}, ${ENDS} FROM ops.parked WHERE parked_id = ${id}`);
  if (found.rows.length === 0) throw new LedgerflowError('LF_PARKED_UNKNOWN', `there is no parked record ${id}`);
  return found;
}

/** The value's bytes, exactly; null for a record without one. @throws LedgerflowError LF_PARKED_UNKNOWN */
export async function readValue(wire: Login, id: number): Promise<Buffer | null> {
  const { rows } = await queryAll(wire, `SELECT lower(hex(value)) FROM ops.parked WHERE parked_id = ${id}`);
  const [row] = rows;
  if (row === undefined) throw new LedgerflowError('LF_PARKED_UNKNOWN', `there is no parked record ${id}`);
  const [hex] = row;
  return hex === null || hex === undefined ? null : Buffer.from(hex, 'hex');
}
