// How avsc reads a schema here: 64-bit integers as bigint (its own long type refuses numbers above 2^53), optional fields as plain
// values or null.

import avro, { type ForSchemaOptions, type Schema, type Type } from 'avsc';

const LONG_BYTES = 8;

const exactLong = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(LONG_BYTES);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
});

/** A new object for every use: avsc keeps the names of a schema's types in it. */
export function avroOptions(): ForSchemaOptions {
  return {
    wrapUnions: 'never',
    typeHook: (schema: Schema) => (isLong(schema) ? exactLong : undefined),
  } as unknown as ForSchemaOptions; // avsc's types know neither 'never' nor a hook that says nothing
}

/** @throws Error when the schema is not one */
export function avroType(schema: Schema): Type {
  return avro.Type.forSchema(schema, avroOptions());
}

function isLong(schema: Schema): boolean {
  return schema === 'long' || (typeof schema === 'object' && 'type' in schema && schema.type === 'long');
}
