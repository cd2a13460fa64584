// Debezium's schema-change events (topic <prefix>): which tables changed to what, and at which transaction.
// During a snapshot Debezium says DROP TABLE and then CREATE TABLE for every table: `snapshot` is true and the DROP means nothing.

import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { removesRowsSilently, renamedFrom } from './ddl-text.ts';
import type { ColumnSchema, TableSchema } from './table-schema.ts';

export interface TableChange {
  readonly type: 'CREATE' | 'ALTER' | 'DROP';
  readonly table: string;
  /** Name before a RENAME. */
  readonly previousTable?: string;
  /** Shape after the change, null for DROP. */
  readonly schema: TableSchema | null;
}

export interface SchemaChange {
  /** Null for the statements replayed at a snapshot. */
  readonly gtid: string | null;
  readonly snapshot: boolean;
  readonly file: string;
  readonly pos: number;
  /** Time of the change in MySQL, microseconds since 1970. */
  readonly tsUs: number;
  readonly database: string;
  readonly ddl: string;
  /** The statement removed or replaced rows of a partition without change events: the table must be read again. */
  readonly removesRows: boolean;
  /** Empty for statements that change no table (CREATE DATABASE, SET, CREATE VIEW …). */
  readonly changes: readonly TableChange[];
}

interface RawColumn {
  readonly name: string;
  readonly typeName: string;
  readonly length: number | null;
  readonly scale: number | null;
  readonly optional: boolean;
  readonly position: number;
  readonly charsetName: string | null;
  readonly enumValues: readonly string[] | null;
  readonly defaultValueExpression: string | null;
  readonly generated: boolean;
  readonly autoIncremented: boolean;
}

interface RawTableChange {
  readonly type: string;
  readonly id: string;
  readonly table: { readonly primaryKeyColumnNames: readonly string[]; readonly columns: readonly RawColumn[] } | null;
}

interface RawSchemaChange {
  readonly source: {
    readonly gtid: string | null;
    /** Null stands for 'false': with `replace.null.with.default=false` the field's default is not written. */
    readonly snapshot: string | null;
    readonly file: string;
    readonly pos: number;
    readonly ts_us: number;
  };
  readonly databaseName: string | null;
  readonly ddl: string | null;
  readonly tableChanges: readonly RawTableChange[] | null;
}

/** @throws LedgerflowError LF_ENVELOPE_UNREADABLE when the value is not a schema-change event */
export function parseSchemaChange(value: Buffer): SchemaChange {
  try {
    const raw = JSON.parse(value.toString('utf8')) as RawSchemaChange;
    if (typeof raw.source.file !== 'string') throw new Error('source is incomplete');
    const database = raw.databaseName ?? '';
    return {
      gtid: raw.source.gtid,
      snapshot: (raw.source.snapshot ?? 'false') !== 'false',
      file: raw.source.file,
      pos: raw.source.pos,
      tsUs: raw.source.ts_us,
      database,
      ddl: raw.ddl ?? '',
      removesRows: removesRowsSilently(raw.ddl ?? ''),
      changes: (raw.tableChanges ?? []).map((change) => tableChange(change, database, raw.ddl ?? '')),
    };
  } catch (error) {
    throw new LedgerflowError('LF_ENVELOPE_UNREADABLE', `a schema-change event cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function tableChange(raw: RawTableChange, database: string, ddl: string): TableChange {
  if (raw.type !== 'CREATE' && raw.type !== 'ALTER' && raw.type !== 'DROP') throw new Error(`unknown kind of table change: ${raw.type}`);
  const table = tableOfId(raw.id, database);
  const schema = raw.table === null ? null : tableSchema(raw.table, database, table);
  const previous = raw.type === 'ALTER' ? renamedFrom(ddl, database) : null; // the event itself names the new table only
  return previous === null || previous === table
    ? { type: raw.type, table, schema }
    : { type: raw.type, table, previousTable: previous, schema };
}

function tableSchema(raw: NonNullable<RawTableChange['table']>, database: string, table: string): TableSchema {
  const columns = raw.columns.map(columnSchema).sort((a, b) => a.position - b.position);
  return { database, table, columns, keyColumns: raw.primaryKeyColumnNames };
}

function columnSchema(raw: RawColumn): ColumnSchema {
  return {
    name: raw.name,
    typeName: raw.typeName.toUpperCase(),
    length: raw.length,
    scale: raw.scale,
    nullable: raw.optional,
    position: raw.position,
    charset: raw.charsetName,
    enumValues: raw.enumValues === null ? null : raw.enumValues.map(unquoteMember),
    defaultValue: raw.defaultValueExpression,
    generated: raw.generated && !raw.autoIncremented, // Debezium calls an auto-increment column generated
  };
}

/** `"bank"."customers"`, or `"bank".sel.ect "q"`: Debezium leaves a name that contains a double quote bare. */
export function tableOfId(id: string, database: string): string {
  const prefix = [`"${database}".`, `${database}.`].find((candidate) => id.startsWith(candidate));
  if (prefix === undefined) throw new Error(`table ${id} is not of database ${database}`);
  const rest = id.slice(prefix.length);
  const inner = rest.slice(1, -1);
  return rest.length > 2 && rest.startsWith('"') && rest.endsWith('"') && !inner.includes('"') ? inner : rest;
}

/** ENUM and SET members arrive as SQL literals: `'me''dium'`, `'back\\\\slash'`. */
function unquoteMember(member: string): string {
  if (!member.startsWith("'") || !member.endsWith("'") || member.length < 2) return member;
  return member
    .slice(1, -1)
    .replaceAll("''", "'")
    .replace(/\\(.)/gs, (_escape, character: string) => ESCAPES[character] ?? character);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', 0: '\0', Z: '\u001a' };

export interface SchemaDiff {
  readonly added: readonly ColumnSchema[];
  readonly dropped: readonly ColumnSchema[];
  /** Same name, other type or nullability; a mere move in position is no change. */
  readonly changed: readonly { readonly before: ColumnSchema; readonly after: ColumnSchema }[];
  readonly keyChanged: boolean;
}

/** What an ALTER did. A renamed column shows as one dropped and one added: the event does not say that it is the same. */
export function diffSchemas(before: TableSchema, after: TableSchema): SchemaDiff {
  const old = new Map(before.columns.map((column) => [column.name, column]));
  const now = new Map(after.columns.map((column) => [column.name, column]));
  const changed: { before: ColumnSchema; after: ColumnSchema }[] = [];
  for (const column of after.columns) {
    const previous = old.get(column.name);
    if (previous !== undefined && !sameShape(previous, column)) changed.push({ before: previous, after: column });
  }
  return {
    added: after.columns.filter(({ name }) => !old.has(name)),
    dropped: before.columns.filter(({ name }) => !now.has(name)),
    changed,
    keyChanged: before.keyColumns.join('\0') !== after.keyColumns.join('\0'),
  };
}

function sameShape(a: ColumnSchema, b: ColumnSchema): boolean {
  return (
    a.typeName === b.typeName &&
    a.length === b.length &&
    a.scale === b.scale &&
    a.nullable === b.nullable &&
    a.charset === b.charset &&
    a.generated === b.generated &&
    (a.enumValues ?? []).join('\0') === (b.enumValues ?? []).join('\0')
  );
}
