// The doctor's look at Avro: does the registry answer, and are there columns whose NULL would not survive the Avro converter?

import type { RowDataPacket } from 'mysql2/promise';
import { escapedColumnName, columnNames } from '../../cdc/codec/column-names.ts';
import { RegistrySchemas } from '../../cdc/codec/schema-source.ts';
import { EXCLUDED_TABLES } from '../../cdc/connector/config.ts';
import { connectMysql, type MysqlAdmin } from '../../infra/native/mysql-admin.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { fine, guarded, wrong, type Check } from './doctor-check.ts';

/** Nothing when no registry is set. @param admin a login that sees the captured database; absent when no MySQL is known */
export async function registryChecks(config: Config, admin?: MysqlAdmin): Promise<Check[]> {
  const { registryUrl, format } = config;
  if (registryUrl === undefined) return [];
  const registry = await guarded('schema registry', async () => {
    const empty = await new RegistrySchemas(registryUrl).isEmpty();
    return [fine('schema registry', empty ? 'answers, holds no schema yet' : 'answers')];
  });
  if (format !== 'avro' || admin === undefined) return registry;
  return [...registry, ...(await guarded('avro columns', () => columnChecks(config, admin)))];
}

async function columnChecks(config: Config, admin: MysqlAdmin): Promise<Check[]> {
  const connection = await connectMysql(admin);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT c.TABLE_NAME AS t, c.COLUMN_NAME AS c, c.IS_NULLABLE = 'YES' AND c.COLUMN_DEFAULT IS NOT NULL AS hidden
       FROM information_schema.COLUMNS c JOIN information_schema.TABLES USING (TABLE_SCHEMA, TABLE_NAME)
       WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1, c.ORDINAL_POSITION`,
      [config.mysqlDatabase],
    );
    const columns = rows
      .map((row) => ({ table: String(row['t']), column: String(row['c']), hidden: Number(row['hidden']) === 1 }))
      .filter(({ table }) => !EXCLUDED_TABLES.includes(table));
    return avroColumnFindings(columns);
  } finally {
    await connection.end();
  }
}

/** Pure: which columns Avro cannot carry. `hidden`: nullable with a default. */
export function avroColumnFindings(
  columns: readonly { readonly table: string; readonly column: string; readonly hidden: boolean }[],
): Check[] {
  const bad = columns.flatMap(({ table, column, hidden }) => {
    const name = `${table}.${column}`;
    if (hidden) {
      const change = 'ALTER TABLE … ALTER COLUMN … SET DEFAULT NULL, make it NOT NULL, or use LEDGERFLOW_FORMAT=json.';
      return [wrong('avro column', `${name} may be NULL and has a default: Avro would carry the default in place of NULL`, change)];
    }
    return restorable(column)
      ? []
      : [wrong('avro column', `the name of ${name} cannot be restored from Avro`, 'Rename it, or use LEDGERFLOW_FORMAT=json.')];
  });
  return bad.length > 0 ? bad : [fine('avro columns', `${columns.length} columns can be carried`)];
}

function restorable(column: string): boolean {
  try {
    return columnNames([escapedColumnName(column)])[0] === column;
  } catch {
    return false;
  }
}
