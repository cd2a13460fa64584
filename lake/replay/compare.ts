// A replay compared with what is published: every row that differs, with both its contents, in tables of the shadow's store.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { positionOf } from '../store/batch.ts';
import { LAKE, lakeTable, storeColumns } from '../publish/lake-catalog.ts';
import { lakeColumn, type LakeColumn } from '../publish/lake-types.ts';
import { rowsOf } from '../publish/sql.ts';

export interface Compared {
  readonly layer: 'silver' | 'gold';
  readonly table: string;
  /** Rows of the replay. */
  readonly rows: number;
  /** In the replay and not in the lake, the other way round, and with other contents. */
  readonly added: number;
  readonly gone: number;
  readonly changed: number;
  /** Why rows could not be compared; null when they were. */
  readonly remark: string | null;
}

export interface ComparedTable {
  readonly layer: Compared['layer'];
  readonly table: string;
  /** Empty: rows have no identity and are compared as a heap. */
  readonly keys: readonly string[];
  readonly remark?: string;
}

/** Differences of one table, in the shadow's store; its key columns, kind, both rows as JSON. */
export function differencesTable({ layer, table }: Pick<ComparedTable, 'layer' | 'table'>): string {
  return `_replay.${ident(`${layer}:${table}`)}`;
}

/**
 * @param connection of the shadow's store, with the lake attached at the publication
 * @param fromSeq rows of silver that no later transaction touched are left out
 */
export async function compareWithLake(connection: DuckDBConnection, table: ComparedTable, fromSeq = -1): Promise<Compared> {
  const { layer, table: name } = table;
  await connection.run('CREATE SCHEMA IF NOT EXISTS _replay');
  const nothing = { layer, table: name, rows: 0, added: 0, gone: 0, changed: 0 };
  const shape = await shapes(connection, table);
  if (typeof shape === 'string') return { ...nothing, remark: shape };
  await connection.run(`CREATE OR REPLACE TABLE ${differencesTable(table)} AS ${differencesSql(table, shape)}`);
  if (layer === 'silver' && fromSeq >= 0 && table.keys.length > 0) await connection.run(onlyTouchedSql(table, fromSeq));
  const counts = await rowsOf(connection, `SELECT kind, count(*) FROM ${differencesTable(table)} GROUP BY kind`);
  const count = (kind: string): number => Number(counts.find(([found]) => found === kind)?.[1] ?? 0);
  const [total] = await rowsOf(connection, `SELECT count(*) FROM ${ident(layer)}.${ident(name)}`);
  return {
    ...nothing,
    rows: Number(total?.[0]),
    added: count('added'),
    gone: count('gone'),
    changed: count('changed'),
    remark: table.remark ?? null,
  };
}

/** Columns of both, as the lake has them; or why they have no common shape. */
async function shapes(connection: DuckDBConnection, { layer, table }: ComparedTable): Promise<readonly LakeColumn[] | string> {
  const there = async (database: string): Promise<boolean> =>
    (
      await rowsOf(
        connection,
        `SELECT 1 FROM duckdb_columns() WHERE database_name = ${literal(database)} AND schema_name = ${literal(layer)} AND table_name = ${literal(table)} LIMIT 1`,
      )
    ).length > 0;
  const [own] = await rowsOf(connection, 'SELECT current_database()');
  if (!(await there(String(own?.[0])))) return 'the replay does not have it';
  if (!(await there(LAKE))) return 'the lake does not have it';
  const columns = (await storeColumns(connection, `${ident(layer)}.${ident(table)}`)).map(([name, type]) => lakeColumn(name, type));
  const published = new Map(await storeColumns(connection, lakeTable(layer, table)));
  const other = columns.filter(({ name, type }) => published.get(name) !== type).map(({ name }) => name);
  const more = [...published.keys()].filter((name) => !columns.some((column) => column.name === name));
  return other.length + more.length === 0 ? columns : `the columns differ: ${[...other, ...more].join(', ')}`;
}

function onlyTouchedSql(table: ComparedTable, fromSeq: number): string {
  const [keys, name] = [table.keys.map(ident).join(', '), ident(table.table)];
  const touched = `SELECT ${keys} FROM _rows.${name} WHERE _pos >= ${positionOf(fromSeq + 1, 0, 0n)} UNION SELECT ${keys} FROM _past.${name} WHERE _pos >= ${positionOf(fromSeq + 1, 0, 0n)}`;
  return `DELETE FROM ${differencesTable(table)} WHERE kind <> 'gone' AND (${keys}) NOT IN (SELECT (${keys}) FROM (${touched}))`;
}

function differencesSql({ layer, table, keys }: ComparedTable, columns: readonly LakeColumn[]): string {
  const values = columns.map(({ name, type, cast }) => (cast ? `CAST(${ident(name)} AS ${type}) AS ${ident(name)}` : ident(name)));
  const mine = `(SELECT ${values.join(', ')} FROM ${ident(layer)}.${ident(table)})`;
  const names = columns.map(({ name }) => ident(name)).join(', ');
  const theirs = `(SELECT ${names} FROM ${lakeTable(layer, table)})`;
  if (keys.length === 0)
    return `SELECT 'added' AS kind, NULL::JSON AS live, to_json(t) AS replayed FROM (FROM ${mine} EXCEPT ALL FROM ${theirs}) t
      UNION ALL SELECT 'gone', to_json(t), NULL FROM (FROM ${theirs} EXCEPT ALL FROM ${mine}) t`;
  const side = (from: string): string =>
    `(SELECT ${keys.map(ident).join(', ')}, true AS _here, hash(${names}) AS _hash, to_json(t) AS _row FROM ${from} t)`;
  const key = keys.map((name) => `CASE WHEN m._here THEN m.${ident(name)} ELSE l.${ident(name)} END AS ${ident(name)}`);
  const on = keys.map((name) => `m.${ident(name)} IS NOT DISTINCT FROM l.${ident(name)}`).join(' AND ');
  return `SELECT ${key.join(', ')}, CASE WHEN l._here IS NULL THEN 'added' WHEN m._here IS NULL THEN 'gone' ELSE 'changed' END AS kind, l._row AS live, m._row AS replayed
    FROM ${side(mine)} m FULL JOIN ${side(theirs)} l ON ${on} WHERE m._hash IS DISTINCT FROM l._hash`;
}
