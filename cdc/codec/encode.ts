// What LedgerFlow writes to topics of its own: Avro with a registered schema when a registry is set, else JSON. Both come from one Avro
// schema, so a reader finds the same fields either way. Numbers of 64 bits are bigint, bytes are Buffer.

import { SchemaType } from '@kafkajs/confluent-schema-registry';
import type { Schema, Type } from 'avsc';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { avroType } from './avro-types.ts';
import { jsonWriter } from './json-writer.ts';
import { registryClient, unreachable, within } from './schema-source.ts';
import { withHeader } from './wire-format.ts';

export interface OwnTopic {
  readonly topic: string;
  /** An Avro record. Change it only in ways that old readers bear: new fields need a default. */
  readonly schema: Schema;
}

const CONFLICT = 409;
const INVALID = 422;

/** Encodes the values of one topic. The schema is registered under `<topic>-value` when it is first needed. */
export class TopicEncoder {
  private readonly own: OwnTopic;
  private readonly registryUrl: string | undefined;
  private readonly type: Type;
  private readonly toJson: (value: unknown) => string;
  private schemaId: Promise<number> | null = null;

  constructor(own: OwnTopic, registryUrl: string | undefined) {
    this.own = own;
    this.registryUrl = registryUrl;
    this.type = avroType(own.schema);
    this.toJson = jsonWriter(this.type, 'value');
  }

  /** @throws LedgerflowError LF_REGISTRY_UNREACHABLE, LF_SCHEMA_INCOMPATIBLE: keep the value and try again */
  async encode(value: object): Promise<Buffer> {
    if (this.registryUrl === undefined) return Buffer.from(this.toJson(value));
    this.schemaId ??= this.register(this.registryUrl);
    try {
      return withHeader(await this.schemaId, this.type.toBuffer(value));
    } catch (error) {
      if (error instanceof LedgerflowError) this.schemaId = null; // asked again with the next value
      throw error;
    }
  }

  private async register(url: string): Promise<number> {
    const subject = `${this.own.topic}-value`;
    try {
      const schema = { type: SchemaType.AVRO as const, schema: JSON.stringify(this.own.schema) };
      return (await within(url, registryClient(url).register(schema, { subject }))).id;
    } catch (error) {
      if (error instanceof LedgerflowError) throw error;
      const { status, name } = error as { status?: number; name?: string };
      if (status !== CONFLICT && status !== INVALID && name !== 'ConfluentSchemaRegistryCompatibilityError') throw unreachable(url, error);
      throw new LedgerflowError('LF_SCHEMA_INCOMPATIBLE', `the registry refuses the schema of ${this.own.topic}: ${messageOf(error)}`, {
        where: subject,
        cause: error,
      });
    }
  }
}
