// Tests only: the tables of one captured table in the layout of lake/store/layout.ts.

import { ident } from '../../infra/runtime/sql-text.ts';

export interface TestTable {
  readonly name: string;
  /** Column name to DuckDB type; the first `keys` columns are the key. */
  readonly columns: Readonly<Record<string, string>>;
  readonly keys: number;
}

/** One change: SQL literals by column, in the table's order; for a delete the row's last image. */
export interface TestChange {
  readonly table: string;
  readonly op: 'c' | 'u' | 'd';
  readonly values: readonly string[];
}

function keysOf(table: TestTable): string[] {
  return Object.keys(table.columns).slice(0, table.keys).map(ident);
}

export function tablesSql(table: TestTable): string {
  const name = ident(table.name);
  const columns = Object.entries(table.columns).map(([column, type]) => `${ident(column)} ${type}`);
  const versions = '_op VARCHAR, _pos BIGINT, _commit BIGINT, _ts TIMESTAMP';
  return `CREATE TABLE _rows.${name} (${columns.join(', ')}, ${versions});
    CREATE TABLE _gone.${name} (${columns.slice(0, table.keys).join(', ')}, _pos BIGINT, _commit BIGINT);
    CREATE TABLE IF NOT EXISTS _past.${name} (${columns.join(', ')}, ${versions}, _gone_commit BIGINT)`;
}

export function viewSql(table: TestTable): string {
  const name = ident(table.name);
  const keys = keysOf(table);
  const columns = Object.keys(table.columns).map((column) => `r.${ident(column)}`);
  return `CREATE OR REPLACE VIEW silver.${name} AS SELECT ${columns.join(', ')} FROM _rows.${name} r
    ANTI JOIN (SELECT ${keys.join(', ')}, max(_pos) AS _max FROM _gone.${name} GROUP BY ALL) g
    ON ${keys.map((key) => `g.${key} = r.${key}`).join(' AND ')} AND r._pos < g._max WHERE r._op <> 'd'`;
}

/** Moves superseded versions to history, like lake/store/tables.ts. */
export function foldSql(table: TestTable): string {
  const name = ident(table.name);
  const keys = keysOf(table);
  const dead = `(SELECT ${keys.join(', ')}, max(_pos) AS _max, max(_commit) AS _by FROM _gone.${name} GROUP BY ALL) g`;
  const on = `${keys.map((key) => `r.${key} = g.${key}`).join(' AND ')} AND (r._pos < g._max OR (r._pos = g._max AND r._op = 'd'))`;
  return `BEGIN; INSERT INTO _past.${name} SELECT r.*, g._by FROM _rows.${name} r JOIN ${dead} ON ${on};
    DELETE FROM _rows.${name} r USING ${dead} WHERE ${on}; DELETE FROM _gone.${name}; COMMIT`;
}
