// From Avro values to the JSON text that Kafka Connect's JsonConverter writes for the same record: fields in the schema's order, 64-bit
// integers digit for digit, bytes as base64. Compiled once per schema into one function per type.

import avro, { type Type } from 'avsc';
import { columnNames } from './column-names.ts';
import { doubleText, floatText, stringText } from './java-text.ts';

/** What a schema describes: in keys and row images field names are column names, elsewhere they are Debezium's own. */
export type Role = 'key' | 'value';

type Writer = (value: unknown) => string;

const { ArrayType, MapType, RecordType, UnwrappedUnionType } = avro.types;

/**
 * @throws Error naming what cannot be carried: a union of several types, or a nullable column with a default (the converters that write
 * Avro put the default in the place of NULL)
 */
export function jsonWriter(type: Type, role: Role): Writer {
  if (role === 'key' && type instanceof RecordType) return rowWriter(type);
  if (type instanceof RecordType && isEnvelope(type)) return envelopeWriter(type);
  return writerOf(type);
}

function isEnvelope(type: avro.types.RecordType): boolean {
  const names = new Set(type.fields.map(({ name }) => name));
  return ['before', 'after', 'op', 'source'].every((name) => names.has(name));
}

function envelopeWriter(type: avro.types.RecordType): Writer {
  return recordWriter(
    type.fields.map(({ name }) => name),
    type.fields.map(({ name, type: field }) => {
      const image = presentType(field);
      return (name === 'before' || name === 'after') && image instanceof RecordType ? nullable(rowWriter(image)) : writerOf(field);
    }),
    type,
  );
}

/** A row: its field names are column names, and no NULL may hide behind a default. */
function rowWriter(type: avro.types.RecordType): Writer {
  const names = columnNames(type.fields.map(({ name }) => name));
  const hidden = names.filter((_, index) => hidesNull(type.fields[index]));
  if (hidden.length > 0) {
    throw new Error(
      `column ${hidden.join(', ')} may be NULL and has a default: in Avro the default stands in the place of NULL, so the two cannot be told apart`,
    );
  }
  return recordWriter(
    names,
    type.fields.map((field) => writerOf(field.type)),
    type,
  );
}

function hidesNull(field: avro.types.Field | undefined): boolean {
  if (field === undefined || !(field.type instanceof UnwrappedUnionType)) return false;
  const value: unknown = field.defaultValue();
  return value !== undefined && value !== null;
}

function recordWriter(names: readonly string[], writers: readonly Writer[], type: avro.types.RecordType): Writer {
  const fields = type.fields.map(({ name }) => name);
  const heads = names.map((name, index) => `${index === 0 ? '{' : ','}${stringText(name)}:`);
  if (fields.length === 0) return () => '{}';
  return (value) => {
    const record = value as Readonly<Record<string, unknown>>;
    let text = '';
    for (let i = 0; i < fields.length; i += 1) text += `${heads[i]}${writers[i]?.(record[fields[i] ?? ''])}`;
    return `${text}}`;
  };
}

function writerOf(type: Type): Writer {
  if (type instanceof RecordType)
    return recordWriter(
      type.fields.map(({ name }) => name),
      type.fields.map((field) => writerOf(field.type)),
      type,
    );
  if (type instanceof UnwrappedUnionType) return nullable(writerOf(presentType(type)));
  if (type instanceof ArrayType) return listWriter(writerOf(type.itemsType));
  if (type instanceof MapType) return mapWriter(writerOf(type.valuesType as Type));
  const writer = SCALARS[type.typeName];
  if (writer === undefined) throw new Error(`Avro type ${type.typeName} is not carried`);
  return writer;
}

/** The type of a field that may be null, without the null. */
function presentType(type: Type): Type {
  if (!(type instanceof UnwrappedUnionType)) return type;
  const present = type.types.filter((branch) => branch.typeName !== 'null');
  const [only] = present;
  if (only === undefined || present.length > 1) throw new Error(`a union of ${type.types.map((branch) => branch.typeName).join(', ')}`);
  return only;
}

const nullable =
  (writer: Writer): Writer =>
  (value) =>
    value === null ? 'null' : writer(value);

const listWriter =
  (writer: Writer): Writer =>
  (value) =>
    `[${(value as unknown[]).map(writer).join(',')}]`;

const mapWriter =
  (writer: Writer): Writer =>
  (value) =>
    `{${Object.entries(value as object)
      .map(([key, entry]) => `${JSON.stringify(key)}:${writer(entry)}`)
      .join(',')}}`;

const text: Writer = (value) => stringText(value as string);
const base64: Writer = (value) => `"${(value as Buffer).toString('base64')}"`;

const SCALARS: Readonly<Record<string, Writer>> = {
  null: () => 'null',
  boolean: String,
  int: String,
  'abstract:long': String,
  float: (value) => floatText(value as number),
  double: (value) => doubleText(value as number),
  string: text,
  enum: text,
  bytes: base64,
  fixed: base64,
};
