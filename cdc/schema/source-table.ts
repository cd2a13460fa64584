// What the source's catalog (information_schema) says of a table, judged before a single event has come: can it be captured, can its
// rows be carried, has it an identity? Pure; cdc/connector/source-tables.ts reads the catalog.

import { snapshotSelect } from '../connector/snapshot-select.ts';
import { collidingTables } from '../connector/topic-names.ts';
import { unsupportedColumns, unsupportedTable } from './column-type.ts';
import type { ColumnSchema, TableSchema } from './table-schema.ts';
import { mysqlIdent } from '../../infra/runtime/sql-text.ts';

export interface SourceTable {
  readonly schema: TableSchema;
  /** COLUMN_TYPE of each column, in their order: `int(10) unsigned zerofill`. */
  readonly columnTypes: readonly string[];
}

/** What silver does with a table that has no primary key. */
export const APPEND_ONLY = 'append-only, silver keeps every row image that was inserted or updated and takes none away';

export interface NamedReason {
  readonly table: string;
  readonly reason: string;
}

export interface TableFindings {
  /** The connector would fail or mix up rows: it must not be started with them. */
  readonly refused: readonly NamedReason[];
  /** Captured, but their rows are parked: silver does not have them. */
  readonly held: readonly NamedReason[];
  /** Tables without an identity: every row image is kept, none is replaced. */
  readonly appendOnly: readonly string[];
}

export function judgeTables(tables: readonly SourceTable[]): TableFindings {
  const names = tables.map(({ schema }) => schema.table);
  const colliding = collidingTables(names);
  const refused = [
    ...colliding.map((group) => ({
      table: group.join(', '),
      reason:
        'Kafka cannot have a topic for each of them: their names are equal but for characters that topics replace by _ or take for it',
    })),
    ...tables.flatMap((table) => refusedFor(table).map((reason) => ({ table: table.schema.table, reason }))),
  ];
  const held = tables.flatMap(({ schema }, index) => {
    const reason =
      unsupportedTable(schema, { carried: names.slice(0, index), topicOwner: null }) ?? unsupportedColumns(schema)[0]?.message ?? null;
    return reason === null || refused.some((entry) => entry.table.split(', ').includes(schema.table))
      ? []
      : [{ table: schema.table, reason }];
  });
  return { refused, held, appendOnly: tables.filter(({ schema }) => schema.keyColumns.length === 0).map(({ schema }) => schema.table) };
}

function refusedFor({ schema, columnTypes }: SourceTable): string[] {
  const reasons: string[] = [];
  if (schema.table.includes('"')) reasons.push('its name contains a double quote: Debezium cannot read its own schema history again');
  const columns = schema.columns.map(({ name }, index) => ({ name, columnType: columnTypes[index] ?? '' }));
  if (schema.table.includes(',') && snapshotSelect(schema.database, schema.table, columns) !== null)
    reasons.push('its name contains a comma, and it has columns (FLOAT, YEAR, ZEROFILL) that the snapshot reads in a form of their own');
  return reasons;
}

const COLUMN_TYPE = /^(?<name>[a-z]+(?: [a-z]+)*?)(?:\((?<arguments>.*)\))?(?<sign> unsigned)?(?<fill> zerofill)?$/is;

/** A column as Debezium will describe it, from information_schema's COLUMN_TYPE (`decimal(10,2) unsigned`). */
export function catalogColumn(
  columnType: string,
  column: Omit<ColumnSchema, 'typeName' | 'length' | 'scale' | 'enumValues' | 'defaultValue'>,
): ColumnSchema {
  const groups = COLUMN_TYPE.exec(columnType)?.groups ?? {};
  const typeName = `${groups['name'] ?? columnType}${groups['sign'] ?? ''}${groups['fill'] ?? ''}`.toUpperCase();
  const list = groups['arguments'] ?? '';
  const [length, scale] = /^\d+(?:,\d+)?$/.test(list) ? list.split(',').map(Number) : [];
  return { ...column, typeName, length: length ?? null, scale: scale ?? null, enumValues: null, defaultValue: null };
}

/**
 * Condition that finds a row whose dates Debezium does not carry: zero dates and dates of the year 0 become null, and the snapshot's
 * calendar moves a DATETIME of the ten days that the Gregorian reform left out. Null for a table without such columns.
 */
export function lostDates({ schema, columnTypes }: SourceTable): string | null {
  const conditions = schema.columns.flatMap(({ name }, index) => {
    const column = mysqlIdent(name);
    const type = columnTypes[index] ?? '';
    if (!/^(date|datetime|timestamp)\b/.test(type)) return [];
    const zero = `YEAR(${column}) = 0 OR MONTH(${column}) = 0 OR DAYOFMONTH(${column}) = 0`;
    return [type.startsWith('datetime') ? `${zero} OR ${column} >= '1582-10-05' AND ${column} < '1582-10-15'` : zero];
  });
  return conditions.length === 0 ? null : conditions.join(' OR ');
}
