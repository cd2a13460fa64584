// SQL of a re-drive: parked records go through the conversion of every other record, straight out of ops.parked, and keep their
// source position. Pure.

import { diagnoseKey, diagnoseSelect, rowSelect, type RowImage } from '../../cdc/schema/row-sql.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { POSITION_SQL } from './batch.ts';
import { ident, literal, nullable } from '../../infra/runtime/sql-text.ts';
import { goneTable, pastTable, rowsTable } from './tables.ts';

/** Temporary table of the records in hand: number, and which shape of its table the record has. */
const PICKS = 'temp.main.redrive_picks';

export interface Pick {
  readonly id: number;
  /** Number of the shape, by which the statements for one shape find their records. */
  readonly shape: number;
}

export function picksSql(picks: readonly Pick[]): string {
  const empty = `CREATE OR REPLACE TEMP TABLE redrive_picks (parked_id BIGINT, shape INTEGER);`;
  if (picks.length === 0) return empty;
  const ids = picks.map(({ id }) => id).join(', ');
  return `${empty} INSERT INTO ${PICKS} SELECT unnest([${ids}]), unnest([${picks.map(({ shape }) => shape).join(', ')}])`;
}

const inShape = (shape: number): string => `FROM ops.parked WHERE parked_id IN (SELECT parked_id FROM ${PICKS} WHERE shape = ${shape})`;

/** Queries that give (parked_id, reason) for the picked records of one shape that do not convert. */
export function misfitsSql(schema: TableSchema, shape: number): string[] {
  const image = (of: RowImage, which: string): string => {
    const { parse, reason } = diagnoseSelect(schema, 'value', of);
    return `SELECT parked_id, reason FROM (SELECT parked_id, ${reason} AS reason FROM (SELECT parked_id, ${parse} ${inShape(shape)} AND ${which})) WHERE reason IS NOT NULL`;
  };
  const queries = [image('after', `op <> 'd'`), image('before', `op = 'd'`)];
  if (schema.keyColumns.length === 0) return queries;
  const key = diagnoseKey(schema, 'key');
  return [
    ...queries,
    `SELECT parked_id, reason FROM (SELECT parked_id, ${key.reason} AS reason FROM (SELECT parked_id, ${key.parse} ${inShape(shape)} AND key IS NOT NULL)) WHERE reason IS NOT NULL`,
    `SELECT parked_id, 'the message has no key, but the table has one' ${inShape(shape)} AND key IS NULL`,
  ];
}

/**
 * Versions of the picked records of one shape.
 * @param current the table as it is now; columns that it no longer has are left out, those it has gained take their default
 */
export function redriveRowsSql(current: TableSchema, picked: { schema: TableSchema; shape: number }, commitId: number): string[] {
  const { schema, shape } = picked;
  const present = new Set(current.columns.map(({ name }) => name));
  const places = schema.columns.flatMap(({ name }, place) => (present.has(name) ? [place] : []));
  const names = places.map((place) => ident(schema.columns[place]?.name ?? ''));
  return (['after', 'before'] as const).map((image) => {
    const row = rowSelect(schema, 'value', image);
    const values = places.map((place) => row.columns[place]);
    const which = `${inShape(shape)} AND op ${image === 'before' ? '=' : '<>'} 'd'`;
    return `INSERT INTO ${rowsTable(current.table)} (${names.join(', ')}, _op, _pos, _commit, _ts)
SELECT ${values.join(', ')}, op, ${POSITION_SQL}, ${commitId}, ${row.timestamp} FROM (SELECT op, seq, ord, kafka_offset, ${row.parse} ${which})`;
  });
}

/** Marks at the newest version of every key that the commit has touched, wherever that version came from: the newest wins. */
export function redriveMarksSql(schema: TableSchema, commitId: number): string {
  if (schema.keyColumns.length === 0) return '';
  const keys = schema.keyColumns.map(ident).join(', ');
  const versions = `SELECT ${keys}, _pos FROM ${rowsTable(schema.table)} UNION ALL SELECT ${keys}, _pos FROM ${pastTable(schema.table)}`;
  return `INSERT INTO ${goneTable(schema.table)} (${keys}, _pos, _commit) SELECT ${keys}, max(_pos), ${commitId}
FROM (${versions}) SEMI JOIN (SELECT DISTINCT ${keys} FROM ${rowsTable(schema.table)} WHERE _commit = ${commitId}) USING (${keys}) GROUP BY ${keys}`;
}

export interface Resolution {
  readonly status: 'redriven' | 'discarded';
  readonly ids: readonly number[];
  readonly by: string;
  readonly reason: string | null;
  readonly commitId: number | null;
}

export function resolutionSql({ status, ids, by, reason, commitId }: Resolution): string {
  if (ids.length === 0) return '';
  return `UPDATE ops.parked SET status = '${status}', resolved_at = now(), resolved_by = ${literal(by)}, resolution = ${nullable(reason)},
  resolved_commit = ${commitId ?? 'NULL'} WHERE parked_id IN (${ids.join(', ')})`;
}

/** A record that still cannot be applied is parked for what it lacks now, also if it only waited so far. */
export function stillParkedSql(id: number, reason: string, detail: string): string {
  return `UPDATE ops.parked SET status = 'parked', reason = ${literal(reason)}, detail = ${literal(detail)} WHERE parked_id = ${id}`;
}

/** A record that could not be read when it was parked, and can be now. */
export function placeSql(id: number, place: { seq: number; ord: number; op: string }): string {
  return `UPDATE ops.parked SET seq = ${place.seq}, ord = ${place.ord}, op = ${literal(place.op)} WHERE parked_id = ${id}`;
}

export function redriveRecordSql(record: {
  commitId: number | null;
  redriven: number;
  discarded: number;
  by: string;
  reason: string | null;
}): string {
  const reason = nullable(record.reason);
  return `INSERT INTO ops.redrives VALUES (${record.commitId ?? 'NULL'}, ${record.redriven}, ${record.discarded}, ${literal(record.by)}, ${reason}, now())`;
}
