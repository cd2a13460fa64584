// SQL that turns the JSON of change events into typed columns of one table: one json_transform_strict per event.
// Nothing becomes NULL by accident: a missing field, a value that does not fit, a missing row image and a NULL in a NOT NULL
// column all raise. docs/adr/0003 has the experiments and the figures.

import { raise, type ColumnType, type JsonType } from '../envelope/types/column-type.ts';
import { columnType, keyColumnType } from './column-type.ts';
import type { ColumnSchema, TableSchema } from './table-schema.ts';
import { ident, literal } from '../../infra/runtime/sql-text.ts';

/** Which row image of the envelope: `after` for c, u and r, `before` for d. Reading only one of them saves a quarter of the time. */
export type RowImage = 'before' | 'after';

export interface RowSelect {
  /** Structure of json_transform_strict, as JSON text. */
  readonly structJson: string;
  /** Item of an inner SELECT that parses the envelope once (column `j`). */
  readonly parse: string;
  /** One expression per column of the table, in column order, over the inner SELECT; without aliases. */
  readonly columns: readonly string[];
  /** Time of the change in MySQL, TIMESTAMP in UTC. */
  readonly timestamp: string;
}

export interface KeySelect {
  readonly structJson: string;
  /** Item of an inner SELECT that parses the message key once (column `k`). */
  readonly parse: string;
  /** One expression per key column, in key order. */
  readonly columns: readonly string[];
}

export interface Diagnosis {
  /** Items of an inner SELECT (columns `u`, `t` and `j0`, `j1` …). */
  readonly parse: string;
  /** Text that says why the row does not convert, NULL for a row that does. */
  readonly reason: string;
}

/**
 * Typed columns of one row image.
 * @param valueExpr SQL expression of the message value, a BLOB
 * @throws UnsupportedColumn
 */
export function rowSelect(schema: TableSchema, valueExpr: string, image: RowImage): RowSelect {
  const fields = schema.columns.map((column) => fieldOf(column, columnType(column), `j.${image}`));
  const structJson = JSON.stringify({ [image]: structOf(fields), source: { ts_us: 'BIGINT' } });
  return {
    structJson,
    parse: `json_transform_strict(decode(${valueExpr}), ${literal(structJson)}) AS j`,
    columns: guarded(fields, `j.${image}`, `no ${image} image or NULL in a NOT NULL column`),
    timestamp: 'make_timestamp(j.source.ts_us)',
  };
}

/**
 * Typed key columns from Debezium's key.
 * @param keyExpr SQL expression of the message key, a BLOB
 * @throws UnsupportedColumn
 */
export function keySelect(schema: TableSchema, keyExpr: string): KeySelect {
  const fields = keyFields(schema, () => 'k');
  const structJson = JSON.stringify(structOf(fields));
  return {
    structJson,
    parse: `json_transform_strict(decode(${keyExpr}), ${literal(structJson)}) AS k`,
    columns: guarded(fields, 'k', 'NULL in the key'),
  };
}

/** The slow form of rowSelect that never raises but says per row what is wrong; used to find the records to park. */
export function diagnoseSelect(schema: TableSchema, valueExpr: string, image: RowImage): Diagnosis {
  const fields = schema.columns.map((column, index) => fieldOf(column, columnType(column), `${parsed(index)}.${image}`));
  const structs = chunksOf(fields).map((chunk) => JSON.stringify({ [image]: structOf(chunk), source: { ts_us: 'BIGINT' } }));
  return diagnosis(valueExpr, structs, { name: image, pointer: `/${image}`, fields });
}

/** The same for keySelect. */
export function diagnoseKey(schema: TableSchema, keyExpr: string): Diagnosis {
  const fields = keyFields(schema, parsed);
  const structs = chunksOf(fields).map((chunk) => JSON.stringify(structOf(chunk)));
  return diagnosis(keyExpr, structs, { name: 'key', pointer: '', fields });
}

interface Field {
  readonly column: ColumnSchema;
  readonly type: ColumnType;
  /** SQL of the parsed field. */
  readonly sql: string;
}

function fieldOf(column: ColumnSchema, type: ColumnType, parent: string): Field {
  return { column, type, sql: `${parent}.${ident(column.name)}` };
}

function keyFields(schema: TableSchema, parent: (index: number) => string): Field[] {
  return schema.keyColumns.map((name, index) => {
    const column = schema.columns.find((candidate) => candidate.name === name);
    if (column === undefined) throw new Error(`key column ${name} is not a column of ${schema.table}`);
    return fieldOf({ ...column, nullable: false }, keyColumnType(column), parent(index));
  });
}

function structOf(fields: readonly Field[]): Record<string, JsonType> {
  return Object.fromEntries(fields.map(({ column, type }) => [column.name, type.jsonType]));
}

/** The silver expressions; the first one also checks that the image is there and that no NOT NULL column is NULL. */
function guarded(fields: readonly Field[], image: string, what: string): string[] {
  const notNull = fields.filter(({ column }) => !column.nullable).map(({ sql }) => `${sql} IS NULL`);
  const broken = [`${image} IS NULL`, ...notNull].join(' OR ');
  return fields.map(({ type, sql }, index) => {
    const silver = type.toSilver(sql);
    return index === 0
      ? `CASE WHEN ${broken} THEN ${raise(type.duckdbType, what, `coalesce(CAST(${image} AS VARCHAR), 'NULL')`)} ELSE ${silver} END`
      : silver;
  });
}

interface Document {
  readonly name: string;
  /** JSON pointer of the object that holds the fields. */
  readonly pointer: string;
  readonly fields: readonly Field[];
}

const SHOWN_CHARACTERS = 80;

/** Every mention of a field carries its whole structure through DuckDB's planner: one structure for 1,000 fields would take minutes. */
const FIELDS_PER_STRUCTURE = 20;

function chunksOf(fields: readonly Field[]): Field[][] {
  const count = Math.ceil(fields.length / FIELDS_PER_STRUCTURE);
  return Array.from({ length: count }, (_unused, chunk) => fields.slice(chunk * FIELDS_PER_STRUCTURE, (chunk + 1) * FIELDS_PER_STRUCTURE));
}

/** Column of the inner SELECT that holds the structure of the field at this place. */
function parsed(index: number): string {
  return `j${Math.floor(index / FIELDS_PER_STRUCTURE)}`;
}

function diagnosis(bytes: string, structs: readonly string[], { name, pointer, fields }: Document): Diagnosis {
  const document = [
    `WHEN t IS NULL THEN CASE WHEN u IS NULL THEN 'not valid UTF-8' ELSE 'not JSON' END`,
    `WHEN coalesce(json_type(t, ${literal(pointer)}), 'missing') <> 'OBJECT' THEN ${literal(`${name} is no object`)}`,
  ];
  const perChunk = chunksOf(fields).map((chunk) =>
    chunk.map((field) => fieldCases(field, `${pointer}/${pointerToken(field.column.name)}`)),
  );
  const strict = structs.map((struct) => `WHEN TRY(json_transform_strict(t, ${literal(struct)})) IS NULL THEN 'not the expected fields'`);
  const text = `TRY(decode(${bytes}))`;
  const valid = `CASE WHEN json_valid(${text}) THEN ${text} END`;
  const structures = structs.map((struct, chunk) => `TRY(json_transform(${valid}, ${literal(struct)})) AS j${chunk}`);
  const cases = [document, ...perChunk, strict].map((whens) => `CASE ${whens.join('\n  ')} END`);
  return { parse: [`${text} AS u`, `${valid} AS t`, ...structures].join(', '), reason: `coalesce(${cases.join(', ')})` };
}

function fieldCases({ column, type, sql }: Field, pointer: string): string {
  const found = `json_type(t, ${literal(pointer)})`;
  const shown = `left(CAST(${sql} AS VARCHAR), ${SHOWN_CHARACTERS})`;
  const absent = `WHEN ${found} IS NULL THEN ${literal(`field ${column.name} is missing`)}`;
  const isNull = column.nullable ? '' : ` WHEN ${found} = 'NULL' THEN ${literal(`field ${column.name} is NULL but NOT NULL in MySQL`)}`;
  const misfit = `WHEN ${found} <> 'NULL' AND TRY(${type.toSilver(sql)}) IS NULL`;
  return `${absent}${isNull} ${misfit} THEN ${literal(`field ${column.name} does not fit ${type.duckdbType}: `)} || coalesce(${shown}, ${found})`;
}

function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
