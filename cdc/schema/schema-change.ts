// Debezium's schema-change events (topic <prefix>): which tables changed to what, and at which transaction.
// During a snapshot Debezium says DROP TABLE and then CREATE TABLE for every table: `snapshot` is true and the DROP means nothing.

import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { parseDdl, type DdlStatement, type TableName } from './ddl-statement.ts';
import type { ColumnSchema, TableSchema } from './table-schema.ts';

export interface TableChange {
  readonly type: 'CREATE' | 'ALTER' | 'DROP';
  readonly table: string;
  /** Name before a RENAME. */
  readonly previousTable?: string;
  /** The table came from a database that is not captured, with rows nobody has seen. */
  readonly movedIn?: true;
  /** Shape after the change; null for DROP, and for the first steps of a swap, of which Debezium tells no shape. */
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
  readonly statement: DdlStatement;
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
    const statement = parseDdl(raw.ddl ?? '');
    return {
      gtid: raw.source.gtid,
      snapshot: (raw.source.snapshot ?? 'false') !== 'false',
      file: raw.source.file,
      pos: raw.source.pos,
      tsUs: raw.source.ts_us,
      database,
      ddl: raw.ddl ?? '',
      statement,
      changes: withRenames(
        (raw.tableChanges ?? []).map((change) => tableChange(change, database)),
        statement,
        database,
      ),
    };
  } catch (error) {
    throw new LedgerflowError('LF_ENVELOPE_UNREADABLE', `a schema-change event cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function tableChange(raw: RawTableChange, database: string): TableChange {
  if (raw.type !== 'CREATE' && raw.type !== 'ALTER' && raw.type !== 'DROP') throw new Error(`unknown kind of table change: ${raw.type}`);
  const table = tableOfId(raw.id, database);
  const schema = raw.table === null ? null : tableSchema(raw.table, database, table);
  return { type: raw.type, table, schema };
}

/**
 * Adds what only the text says of a RENAME: the old name, and the steps of a swap, of which the event has no table change because the
 * name is taken again by the end of the statement. (Debezium writes one event per table, each with its own part of the text.)
 */
function withRenames(changes: TableChange[], statement: DdlStatement, database: string): TableChange[] {
  const own = (name: TableName): boolean => name.database === null || name.database === database;
  const pairs =
    statement.kind === 'rename'
      ? statement.pairs
      : statement.kind === 'alter' && statement.renamedTo !== null
        ? [[statement.table, statement.renamedTo] as const]
        : [];
  if (pairs.length === 0) return changes;
  return pairs.flatMap(([from, to]): TableChange[] => {
    if (!own(to)) return own(from) ? [{ type: 'DROP', table: from.table, schema: null }] : [];
    const schema = changes.find(({ table }) => table === to.table)?.schema ?? null;
    if (own(from)) return from.table === to.table ? changes : [{ type: 'ALTER', table: to.table, previousTable: from.table, schema }];
    return [{ type: 'CREATE', table: to.table, schema, movedIn: true }];
  });
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
