// Avro schemas as Debezium and the Avro converter of Kafka Connect make them for this product's connector settings: one Envelope a table
// with its before and after rows, Debezium's logical types by name, keys, transaction markers, schema changes.

import type { Schema } from 'avsc';
import { escapedColumnName } from '../../cdc/codec/column-names.ts';
import type { ColumnSchema, TableSchema } from '../../cdc/schema/table-schema.ts';

type Field = { readonly name: string; readonly type: unknown; readonly default?: unknown };

const record = (fullName: string, fields: readonly Field[]): object => {
  const at = fullName.lastIndexOf('.');
  return { type: 'record', name: fullName.slice(at + 1), namespace: fullName.slice(0, at), fields, 'connect.name': fullName };
};
const optional = (name: string, type: unknown): Field => ({ name, type: ['null', type], default: null });
const named = (type: string, name: string, version = 1): object => ({ type, 'connect.version': version, 'connect.name': name });

const shape: readonly Field[] = [optional('wkb', 'bytes'), optional('srid', 'int')];

/** MySQL's type as the connector sends it (cdc/connector/config.ts: decimals as text, unsigned as long, microsecond times, hex). */
function columnAvro({ typeName, length }: ColumnSchema): unknown {
  const base = typeName.replace(/ (UNSIGNED|ZEROFILL)/g, '');
  const unsigned = typeName.includes('UNSIGNED');
  if (base === 'TINYINT' || (base === 'SMALLINT' && !unsigned)) return { type: 'int', 'connect.type': 'int16' };
  if (base === 'SMALLINT' || base === 'MEDIUMINT' || (base === 'INT' && !unsigned)) return 'int';
  if (base === 'INT' || base === 'BIGINT') return 'long';
  if (base === 'BIT') return (length ?? 1) === 1 ? 'boolean' : named('bytes', 'io.debezium.data.Bits');
  if (base === 'DATETIME')
    return (length ?? 0) <= 3 ? named('long', 'io.debezium.time.Timestamp') : named('long', 'io.debezium.time.MicroTimestamp');
  if (base === 'POINT')
    return record('io.debezium.data.geometry.Point', [{ name: 'x', type: 'double' }, { name: 'y', type: 'double' }, ...shape]);
  return OTHERS[base] ?? 'string';
}

const OTHERS: Readonly<Record<string, unknown>> = {
  BOOLEAN: { type: 'int', 'connect.type': 'int16' },
  FLOAT: 'float',
  DOUBLE: 'double',
  DATE: named('int', 'io.debezium.time.Date'),
  TIME: named('long', 'io.debezium.time.MicroTime'),
  TIMESTAMP: named('string', 'io.debezium.time.ZonedTimestamp'),
  YEAR: named('int', 'io.debezium.time.Year'),
  ENUM: named('string', 'io.debezium.data.Enum'),
  SET: named('string', 'io.debezium.data.EnumSet'),
  JSON: named('string', 'io.debezium.data.Json'),
};

function columnField(column: ColumnSchema): Field {
  const name = escapedColumnName(column.name);
  return column.nullable ? optional(name, columnAvro(column)) : { name, type: columnAvro(column) };
}

const times: readonly Field[] = ['ts_ms', 'ts_us', 'ts_ns'].map((name) => optional(name, 'long'));

function source(): object {
  const snapshot = { type: 'string', 'connect.version': 1, 'connect.default': 'false', 'connect.name': 'io.debezium.data.Enum' };
  return record('io.debezium.connector.mysql.Source', [
    ...['version', 'connector', 'name'].map((name) => ({ name, type: 'string' })),
    { name: 'ts_ms', type: 'long' },
    { name: 'snapshot', type: [snapshot, 'null'], default: 'false' },
    { name: 'db', type: 'string' },
    optional('sequence', 'string'),
    optional('ts_us', 'long'),
    optional('ts_ns', 'long'),
    optional('table', 'string'),
    { name: 'server_id', type: 'long' },
    optional('gtid', 'string'),
    { name: 'file', type: 'string' },
    { name: 'pos', type: 'long' },
    { name: 'row', type: 'int' },
    optional('thread', 'long'),
    optional('query', 'string'),
  ]);
}

export function envelopeSchema(topic: string, table: TableSchema): Schema {
  const value = record(`${topic}.Value`, table.columns.map(columnField));
  const block = record('event.block', [
    { name: 'id', type: 'string' },
    { name: 'total_order', type: 'long' },
    { name: 'data_collection_order', type: 'long' },
  ]);
  return record(`${topic}.Envelope`, [
    optional('before', value),
    optional('after', `${topic}.Value`),
    { name: 'source', type: source() },
    optional('transaction', block),
    { name: 'op', type: 'string' },
    ...times,
  ]) as Schema;
}

export function keySchema(topic: string, table: TableSchema): Schema {
  const keys = table.keyColumns.map((name) => table.columns.find((column) => column.name === name));
  return record(
    `${topic}.Key`,
    keys.flatMap((column) => (column === undefined ? [] : [columnField(column)])),
  ) as Schema;
}

export const TRANSACTION_KEY = record('io.debezium.connector.common.TransactionMetadataKey', [{ name: 'id', type: 'string' }]) as Schema;

export const TRANSACTION_VALUE = record('io.debezium.connector.common.TransactionMetadataValue', [
  { name: 'status', type: 'string' },
  { name: 'id', type: 'string' },
  optional('event_count', 'long'),
  optional('data_collections', {
    type: 'array',
    items: record('event.collection', [
      { name: 'data_collection', type: 'string' },
      { name: 'event_count', type: 'long' },
    ]),
  }),
  { name: 'ts_ms', type: 'long' },
]) as Schema;

export const NOTIFICATION_KEY = record('io.debezium.connector.common.NotificationKey', [{ name: 'id', type: 'string' }]) as Schema;

export const NOTIFICATION_VALUE = record('io.debezium.connector.common.Notification', [
  ...['id', 'type', 'aggregate_type'].map((name) => ({ name, type: 'string' })),
  optional('additional_data', { type: 'map', values: 'string' }),
  { name: 'timestamp', type: 'long' },
]) as Schema;

export const CHANGE_KEY = record('io.debezium.connector.mysql.SchemaChangeKey', [{ name: 'databaseName', type: 'string' }]) as Schema;

const column = record('io.debezium.connector.schema.Column', [
  { name: 'name', type: 'string' },
  { name: 'jdbcType', type: 'int' },
  optional('nativeType', 'int'),
  { name: 'typeName', type: 'string' },
  optional('typeExpression', 'string'),
  optional('charsetName', 'string'),
  optional('length', 'int'),
  optional('scale', 'int'),
  { name: 'position', type: 'int' },
  optional('optional', 'boolean'),
  optional('autoIncremented', 'boolean'),
  optional('generated', 'boolean'),
  optional('comment', 'string'),
  optional('defaultValueExpression', 'string'),
  optional('enumValues', { type: 'array', items: 'string' }),
]);

const table = record('io.debezium.connector.schema.Table', [
  optional('defaultCharsetName', 'string'),
  optional('primaryKeyColumnNames', { type: 'array', items: 'string' }),
  { name: 'columns', type: { type: 'array', items: column } },
  optional('comment', 'string'),
]);

export const CHANGE_VALUE = record('io.debezium.connector.mysql.SchemaChangeValue', [
  { name: 'source', type: source() },
  { name: 'ts_ms', type: 'long' },
  optional('databaseName', 'string'),
  optional('schemaName', 'string'),
  optional('ddl', 'string'),
  {
    name: 'tableChanges',
    type: {
      type: 'array',
      items: record('io.debezium.connector.schema.Change', [
        { name: 'type', type: 'string' },
        { name: 'id', type: 'string' },
        optional('table', table),
      ]),
    },
  },
]) as Schema;
