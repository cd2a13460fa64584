// Avro to JSON, message by message: a pure, synchronous step over schemas that were resolved before. Every message is judged by its own
// first byte, so JSON and Avro may follow each other in one topic.

import type { Type } from 'avsc';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { jsonWriter, type Role } from './json-writer.ts';
import type { SchemaSource } from './schema-source.ts';
import { HEADER_BYTES, schemaIdOf } from './wire-format.ts';

/** What is known of a schema id: its type with a writer per role made when first used, or why it cannot be used. */
interface KnownSchema {
  readonly type: Type | null;
  readonly fault: LedgerflowError | null;
  /** An id that was given up is asked for again after this time (performance.now). */
  readonly untilMs: number;
  readonly writers: Map<Role, ((value: unknown) => string) | LedgerflowError>;
}

/** Schemas kept; when there are more, all are forgotten and asked for again. */
const SCHEMAS_MAX = 1_000;
const GIVEN_UP_FOR_MS = 60_000;
/** What invalid UTF-8 is read as. */
const REPLACEMENT = '\ufffd';

export class AvroCodec {
  private readonly source: SchemaSource;
  private readonly schemasMax: number;
  private readonly known = new Map<number, KnownSchema>();

  constructor(source: SchemaSource, schemasMax = SCHEMAS_MAX) {
    this.source = source;
    this.schemasMax = schemasMax;
  }

  isKnown(id: number): boolean {
    return (this.known.get(id)?.untilMs ?? -1) > performance.now();
  }

  /**
   * Asks for a schema and keeps it; one that is no usable Avro schema is kept as such.
   * @throws LedgerflowError LF_REGISTRY_UNREACHABLE, LF_SCHEMA_UNKNOWN: nothing is kept, ask again
   */
  async resolve(id: number): Promise<void> {
    if (this.isKnown(id)) return;
    try {
      this.keep(id, { type: await this.source.schema(id), fault: null, untilMs: Infinity, writers: new Map() });
    } catch (error) {
      if (!(error instanceof LedgerflowError) || error.code !== 'LF_SCHEMA_UNUSABLE') throw error;
      this.keep(id, { type: null, fault: error, untilMs: Infinity, writers: new Map() });
    }
  }

  /** Gives an id up for a minute: its messages are faulty. */
  giveUp(id: number, fault: LedgerflowError): void {
    this.keep(id, { type: null, fault, untilMs: performance.now() + GIVEN_UP_FOR_MS, writers: new Map() });
  }

  /** See SchemaSource. */
  registryIsEmpty(): Promise<boolean> {
    return this.source.isEmpty();
  }

  /**
   * The JSON of a key or value in the registry's wire format; other bytes are returned as they are.
   * @throws LedgerflowError of kind poison: LF_AVRO_UNREADABLE, LF_SCHEMA_UNUSABLE, LF_SCHEMA_UNKNOWN
   */
  decode(bytes: Buffer, role: Role): Buffer {
    const id = schemaIdOf(bytes);
    if (id === null) return bytes;
    const schema = this.known.get(id);
    if (schema === undefined) throw new LedgerflowError('LF_SCHEMA_UNKNOWN', `schema ${id} was not resolved`);
    if (schema.type === null) throw schema.fault ?? new LedgerflowError('LF_SCHEMA_UNUSABLE', `schema ${id} cannot be used`);
    const writer = this.writer(id, schema, role);
    const avro = bytes.subarray(HEADER_BYTES);
    try {
      const value: unknown = schema.type.fromBuffer(avro);
      const text = writer(value);
      if (text.includes(REPLACEMENT) && !schema.type.toBuffer(value).equals(avro)) throw new Error('its text is not UTF-8');
      return Buffer.from(text);
    } catch (error) {
      throw new LedgerflowError('LF_AVRO_UNREADABLE', `the bytes do not fit schema ${id}: ${messageOf(error)}`, { cause: error });
    }
  }

  private writer(id: number, schema: KnownSchema, role: Role): (value: unknown) => string {
    let writer = schema.writers.get(role);
    if (writer === undefined) {
      writer = makeWriter(id, schema.type as Type, role);
      schema.writers.set(role, writer);
    }
    if (writer instanceof LedgerflowError) throw writer;
    return writer;
  }

  private keep(id: number, schema: KnownSchema): void {
    if (this.known.size >= this.schemasMax) this.known.clear();
    this.known.set(id, schema);
  }
}

function makeWriter(id: number, type: Type, role: Role): ((value: unknown) => string) | LedgerflowError {
  try {
    return jsonWriter(type, role);
  } catch (error) {
    return new LedgerflowError('LF_SCHEMA_UNUSABLE', `schema ${id} cannot be used: ${messageOf(error)}`, { cause: error });
  }
}
