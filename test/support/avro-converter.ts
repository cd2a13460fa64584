// Stands in for the Avro converter of Kafka Connect, which cannot be obtained without containers: takes the JSON that a real Debezium
// wrote, and writes the same records in Avro with schemas registered in a real registry.

import { SchemaType, type SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import avro, { type Schema, type Type } from 'avsc';
import { avroType } from '../../cdc/codec/avro-types.ts';
import { escapedColumnName } from '../../cdc/codec/column-names.ts';
import { registryClient } from '../../cdc/codec/schema-source.ts';
import { withHeader } from '../../cdc/codec/wire-format.ts';
import { notificationTopic } from '../../cdc/connector/topic-names.ts';
import { parseSchemaChange } from '../../cdc/schema/schema-change.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { CHANGE_KEY, CHANGE_VALUE, envelopeSchema, keySchema } from './avro-schemas.ts';
import { NOTIFICATION_KEY, NOTIFICATION_VALUE, TRANSACTION_KEY, TRANSACTION_VALUE } from './avro-schemas.ts';

const NUMBERS_AND_TEXTS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_DIGITS = /^-?\d{16,}$/;

/** JSON with whole numbers of 16 digits and more as text, so that none is rounded. */
export function parseExact(text: string): unknown {
  return JSON.parse(text.replace(NUMBERS_AND_TEXTS, (token) => (LONG_DIGITS.test(token) ? `"${token}"` : token)));
}

const { ArrayType, MapType, RecordType, UnwrappedUnionType } = avro.types;

/** A JSON value as avsc wants it for `type`. @throws Error naming the field that the schema does not have or the value lacks */
export function avroValue(type: Type, json: unknown, names: (name: string) => string = (name) => name): unknown {
  if (type instanceof UnwrappedUnionType) {
    if (json === null || json === undefined) return null;
    const present = type.types.find((branch) => branch.typeName !== 'null');
    return avroValue(present as Type, json, names);
  }
  if (type instanceof RecordType) return recordValue(type, json as Readonly<Record<string, unknown>>, names);
  if (type instanceof MapType)
    return Object.fromEntries(
      Object.entries(json as object).map(([key, value]: [string, unknown]) => [key, avroValue(type.valuesType as Type, value)]),
    );
  if (type instanceof ArrayType) return (json as unknown[]).map((item) => avroValue(type.itemsType, item));
  if (type.typeName === 'abstract:long') return BigInt(json as string | number);
  if (type.typeName === 'bytes') return Buffer.from(json as string, 'base64');
  return type.typeName === 'float' || type.typeName === 'double' ? Number(json) : json;
}

function recordValue(type: avro.types.RecordType, json: Readonly<Record<string, unknown>>, names: (name: string) => string): object {
  const given = new Map(Object.entries(json).map(([name, value]) => [names(name), value]));
  const extra = [...given.keys()].filter((name) => !type.fields.some((field) => field.name === name));
  if (extra.length > 0) throw new Error(`${type.name ?? ''} has no field ${extra.join(', ')}`);
  return Object.fromEntries(
    type.fields.map((field) => {
      if (!given.has(field.name)) throw new Error(`${type.name ?? ''} lacks ${field.name}`);
      const isImage = field.name === 'before' || field.name === 'after';
      return [field.name, avroValue(field.type, given.get(field.name), isImage ? escapedColumnName : undefined)];
    }),
  );
}

export interface JsonRecord {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

interface Registered {
  readonly id: number;
  readonly type: Type;
}

export class AvroConverter {
  private readonly registry: SchemaRegistry;
  private readonly prefix: string;
  private readonly registered = new Map<string, Promise<Registered>>();
  /** Every shape a table had, newest first. */
  private readonly shapes = new Map<string, TableSchema[]>();

  constructor(registryUrl: string, prefix: string) {
    this.registry = registryClient(registryUrl);
    this.prefix = prefix;
  }

  /** Learns the tables' shapes from the schema topic's records; call with all of them before `convert`. */
  learn(value: Buffer): void {
    for (const { table, schema } of parseSchemaChange(value).changes) {
      if (schema !== null) this.shapes.set(table, [schema, ...(this.shapes.get(table) ?? [])]);
    }
  }

  async convert({ topic, key, value }: JsonRecord): Promise<{ key: Buffer | null; value: Buffer | null }> {
    const json = { key: key === null ? null : parseExact(key.toString()), value: value === null ? null : parseExact(value.toString()) };
    const schemas = this.schemasOf(topic, json);
    return {
      key: json.key === null ? null : await this.encode(`${topic}-key`, schemas.key, { json: json.key, names: escapedColumnName }),
      value: json.value === null ? null : await this.encode(`${topic}-value`, schemas.value, { json: withoutNullDefaults(json.value) }),
    };
  }

  private schemasOf(topic: string, json: { key: unknown; value: unknown }): { key: Schema; value: Schema } {
    if (topic === this.prefix) return { key: CHANGE_KEY, value: CHANGE_VALUE };
    if (topic === `${this.prefix}.transaction`) return { key: TRANSACTION_KEY, value: TRANSACTION_VALUE };
    if (topic === notificationTopic(this.prefix)) return { key: NOTIFICATION_KEY, value: NOTIFICATION_VALUE };
    const name = topic.split('.').slice(2).join('.');
    const { before, after } = (json.value ?? {}) as { before?: object | null; after?: object | null };
    const columns = Object.keys(after ?? before ?? {});
    const shapes = this.shapes.get(name) ?? [];
    const table =
      columns.length === 0 ? shapes[0] : shapes.find((shape) => shape.columns.map((column) => column.name).join() === columns.join());
    if (table === undefined) throw new Error(`no shape of ${name} has the columns ${columns.join(', ')}`);
    return { key: keySchema(topic, table), value: envelopeSchema(topic, table) };
  }

  private async encode(
    subject: string,
    schema: Schema,
    { json, names }: { json: unknown; names?: (name: string) => string },
  ): Promise<Buffer> {
    const text = JSON.stringify(schema);
    let registered = this.registered.get(subject + text);
    if (registered === undefined) this.registered.set(subject + text, (registered = this.register(subject, text)));
    const { id, type } = await registered;
    return withHeader(id, type.toBuffer(avroValue(type, json, names)));
  }

  private async register(subject: string, text: string): Promise<Registered> {
    const { id } = await this.registry.register({ type: SchemaType.AVRO as const, schema: text }, { subject });
    return { id, type: avroType(JSON.parse(text) as Schema) };
  }
}

/** Connect's structures answer a field's default for NULL: `source.snapshot` has one, so Avro says "false" where JSON says null. */
function withoutNullDefaults(json: unknown): unknown {
  const { source } = json as { source?: { snapshot?: unknown } };
  return source === undefined ? json : { ...(json as object), source: { ...source, snapshot: source.snapshot ?? 'false' } };
}
