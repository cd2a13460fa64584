// For tests only: a registry in memory that can be down, empty or forgetful, and Avro messages made with it.

import type { Schema, Type } from 'avsc';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { avroType } from './avro-types.ts';
import type { SchemaSource } from './schema-source.ts';
import { withHeader } from './wire-format.ts';

export class FakeRegistry implements SchemaSource {
  readonly schemas = new Map<number, Schema>();
  down = false;
  asked = 0;

  add(id: number, schema: Schema): Type {
    this.schemas.set(id, schema);
    return avroType(schema);
  }

  schema(id: number): Promise<Type> {
    this.asked += 1;
    if (this.down) return Promise.reject(new LedgerflowError('LF_REGISTRY_UNREACHABLE', 'down'));
    const schema = this.schemas.get(id);
    if (schema === undefined) return Promise.reject(new LedgerflowError('LF_SCHEMA_UNKNOWN', `the registry has no schema ${id}`));
    try {
      return Promise.resolve(avroType(schema));
    } catch (error) {
      return Promise.reject(new LedgerflowError('LF_SCHEMA_UNUSABLE', `schema ${id} cannot be used`, { cause: error }));
    }
  }

  isEmpty(): Promise<boolean> {
    return this.down ? Promise.reject(new LedgerflowError('LF_REGISTRY_UNREACHABLE', 'down')) : Promise.resolve(this.schemas.size === 0);
  }
}

export function record(name: string, fields: readonly object[]): Schema {
  return { type: 'record', name, namespace: 'test', fields } as unknown as Schema;
}

/** The registry's wire format. */
export function coded(id: number, type: Type, value: unknown): Buffer {
  return withHeader(id, type.toBuffer(value));
}
