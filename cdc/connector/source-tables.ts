// Reads the catalog of the captured database, and looks for values that cannot be carried. Used before the connector is registered and
// by the doctor.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { mysqlIdent } from '../../infra/runtime/sql-text.ts';
import { catalogColumn, lostDates, type NamedReason, type SourceTable } from '../schema/source-table.ts';
import type { ColumnSchema } from '../schema/table-schema.ts';
import { EXCLUDED_TABLES } from './config.ts';

/** All base tables of the database but those left out, by name; columns in their order. */
export async function readSourceTables(connection: Connection, database: string, excluded: readonly string[]): Promise<SourceTable[]> {
  const [columns] = await connection.query<RowDataPacket[]>(
    `SELECT c.TABLE_NAME AS t, c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type, c.IS_NULLABLE AS nullable, c.ORDINAL_POSITION AS position,
       c.CHARACTER_SET_NAME AS charset, c.GENERATION_EXPRESSION AS expression
     FROM information_schema.COLUMNS c JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
     WHERE TABLE_SCHEMA = ? AND t.TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME, c.ORDINAL_POSITION`,
    [database],
  );
  const [indexes] = await connection.query<RowDataPacket[]>(
    `SELECT TABLE_NAME AS t, INDEX_NAME AS name, COLUMN_NAME AS col, NON_UNIQUE AS repeats
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
    [database],
  );
  const left = new Set([...EXCLUDED_TABLES, ...excluded]);
  const names = [...new Set(columns.map((row) => String(row['t'])))].filter((name) => !left.has(name));
  return names.map((table) => {
    const own = columns.filter((row) => row['t'] === table);
    const ownIndexes = indexes.filter((row) => row['t'] === table);
    const columnsOf = own.map(columnOf);
    return {
      schema: { database, table, columns: columnsOf, keyColumns: keyColumns(columnsOf, ownIndexes) },
      columnTypes: own.map((row) => String(row['type'])),
    };
  });
}

/** The primary key, or the first unique index without NULLs, which Debezium takes for one. */
function keyColumns(columns: readonly ColumnSchema[], indexes: readonly RowDataPacket[]): string[] {
  const nullable = new Set(columns.filter((column) => column.nullable).map(({ name }) => name));
  const names = [...new Set(indexes.filter((row) => Number(row['repeats']) === 0).map((row) => String(row['name'])))];
  const ofIndex = (name: string): string[] => indexes.filter((row) => row['name'] === name).map((row) => String(row['col']));
  const candidates = ['PRIMARY', ...names].map(ofIndex);
  return candidates.find((all) => all.length > 0 && !all.some((name) => name === 'null' || nullable.has(name))) ?? [];
}

function columnOf(row: RowDataPacket): ColumnSchema {
  return catalogColumn(String(row['type']), {
    name: String(row['name']),
    nullable: row['nullable'] === 'YES',
    position: Number(row['position']),
    charset: (row['charset'] as string | null) ?? null,
    generated: String(row['expression'] ?? '') !== '',
  });
}

/**
 * Tables that hold dates that would be lost, found by reading them.
 * @param patienceMs time for each table, 0 for any; one that takes longer is named as not looked through
 */
export async function findLostDates(
  connection: Connection,
  tables: readonly SourceTable[],
  patienceMs = 0,
): Promise<{ readonly found: readonly NamedReason[]; readonly unread: readonly string[] }> {
  const found: NamedReason[] = [];
  const unread: string[] = [];
  for (const table of tables) {
    const condition = lostDates(table);
    if (condition === null) continue;
    const { database, table: name } = table.schema;
    const from = [database, name].map(mysqlIdent).join('.');
    try {
      const [rows] = await connection.query<RowDataPacket[]>(
        `SELECT /*+ MAX_EXECUTION_TIME(${patienceMs}) */ 1 FROM ${from} WHERE ${condition} LIMIT 1`,
      );
      if (rows.length > 0) found.push({ table: name, reason: `it holds dates that cannot be carried (WHERE ${condition})` });
    } catch (error) {
      if ((error as { code?: string }).code !== 'ER_QUERY_TIMEOUT') throw error;
      unread.push(name);
    }
  }
  return { found, unread };
}
