// Fetched messages before anything reads them: Avro becomes JSON, all else stays as it is. Waits while the registry does not answer, so
// that reading pauses and nothing is lost; a message that cannot be read keeps its bytes and carries its fault.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { backoffMs } from '../../infra/runtime/retry.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { AvroCodec } from './codec.ts';
import { faultText } from './fault.ts';
import type { Role } from './json-writer.ts';
import { RegistrySchemas, type SchemaSource } from './schema-source.ts';
import { schemaIdOf } from './wire-format.ts';

/** The part of a fetched message that is decoded. */
export interface CodedMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** JSON object of strings. */
  readonly headers: string | null;
}

/** A fault says why a record is to be parked (fault.ts); its value (or key) is then as it was fetched. */
export type Decoded<M extends CodedMessage> = M & { readonly fault?: string };

/** Bronze keeps the JSON and, in this header, the ids of the schemas: with them the original bytes can be made again. */
export const SCHEMA_HEADER = 'ledgerflow.schema';

export interface DecodeTurn {
  /** Called while waiting for the registry, so that the consumer's session lives. */
  readonly beat: () => Promise<void>;
  /** The messages are no longer wanted (the consumer was restarted or the process ends). */
  readonly stopped: () => boolean;
}

export interface DecoderOptions {
  /** Called once when waiting begins, and again when its cause changes. */
  readonly onWait?: (error: LedgerflowError) => void;
  /** Waits between two tries; tests pass one that does not. */
  readonly pause?: (ms: number) => Promise<void>;
}

const UNKNOWN_TRIES_MAX = 6;
const WAIT = { attemptsMax: Infinity, firstDelayMs: 250, delayMaxMs: 4_000 };
/** After one id was waited for in vain, others get one try only for this long: garbage must not hold everything up. */
const IMPATIENT_FOR_MS = 60_000;

export class MessageDecoder {
  /** Why decoding waits; null while it does not. */
  waiting: LedgerflowError | null = null;
  private readonly codec: AvroCodec | null;
  private readonly options: DecoderOptions;
  private impatientUntilMs = 0;

  /** @param source null when no registry is set: Avro is then a fault */
  constructor(source: SchemaSource | null, options: DecoderOptions = {}) {
    this.codec = source === null ? null : new AvroCodec(source);
    this.options = options;
  }

  static for(registryUrl: string | undefined, log: { warn(fields: object, message: string): void }): MessageDecoder {
    const onWait = ({ code, message, where }: LedgerflowError): void => log.warn({ code, where }, `reading pauses: ${message}`);
    return new MessageDecoder(registryUrl === undefined ? null : new RegistrySchemas(registryUrl), { onWait });
  }

  /** Why reading pauses, in words; null while it does not. */
  get pausedFor(): string | null {
    return this.waiting === null ? null : `${this.waiting.code}: ${this.waiting.message}`;
  }

  /** The same messages in the same order, or null when they are no longer wanted. JSON costs a look at two bytes a message. */
  async decode<M extends CodedMessage>(messages: readonly M[], turn: DecodeTurn): Promise<readonly Decoded<M>[] | null> {
    if (!messages.some(isCoded)) return messages;
    const decoded: Decoded<M>[] = [];
    for (const message of messages) {
      for (const id of [schemaIdOf(message.key), schemaIdOf(message.value)]) {
        if (id !== null && this.codec !== null && !this.codec.isKnown(id) && !(await this.learn(this.codec, id, turn))) return null;
      }
      decoded.push(this.decodeKnown(message));
    }
    return decoded;
  }

  /**
   * Asks once for the schemas of a message, without waiting.
   * @returns what stands in the way; null when they are known, and when no registry is set
   */
  async ask({ key, value }: CodedMessage): Promise<LedgerflowError | null> {
    for (const id of [schemaIdOf(key), schemaIdOf(value)]) {
      if (id === null || this.codec === null || this.codec.isKnown(id)) continue;
      try {
        await this.codec.resolve(id);
      } catch (error) {
        if (error instanceof LedgerflowError) return error;
        throw error;
      }
    }
    return null;
  }

  /** One message by schemas that are known already. */
  decodeKnown<M extends CodedMessage>(message: M): Decoded<M> {
    if (!isCoded(message)) return message;
    const key = this.part(message.key, 'key');
    const value = this.part(message.value, 'value');
    const headers = withSchemas(message);
    const fault = value.fault ?? key.fault;
    const decoded = { ...message, key: key.bytes, value: value.bytes, headers };
    return fault === undefined ? decoded : { ...decoded, fault: faultText(fault) };
  }

  private part(bytes: Buffer | null, role: Role): { bytes: Buffer | null; fault?: LedgerflowError } {
    if (bytes === null || schemaIdOf(bytes) === null) return { bytes };
    if (this.codec === null)
      return { bytes, fault: new LedgerflowError('LF_REGISTRY_UNSET', `the ${role} is Avro with schema ${schemaIdOf(bytes)}`) };
    try {
      return { bytes: this.codec.decode(bytes, role) };
    } catch (error) {
      if (error instanceof LedgerflowError && error.kind === 'poison') return { bytes, fault: error };
      throw error;
    }
  }

  /** Until the schema is known or given up; false when the messages are no longer wanted. */
  private async learn(codec: AvroCodec, id: number, turn: DecodeTurn): Promise<boolean> {
    for (let attempt = 1, unknown = 0; ; attempt += 1) {
      try {
        await codec.resolve(id);
        this.waiting = null;
        return true;
      } catch (error) {
        if (!(error instanceof LedgerflowError)) throw error;
        if (error.code === 'LF_SCHEMA_UNKNOWN') unknown += 1;
        const tries = performance.now() < this.impatientUntilMs ? 1 : UNKNOWN_TRIES_MAX;
        if (unknown >= tries && (await this.lastWord(codec, id, error))) return true;
        else if (error.code !== 'LF_SCHEMA_UNKNOWN') this.wait(error);
      }
      if (turn.stopped()) {
        this.waiting = null;
        return false;
      }
      await (this.options.pause ?? sleep)(backoffMs(WAIT, attempt, Math.random));
      await turn.beat();
    }
  }

  /** True when the id was given up; a registry that has lost everything, or is gone by now, is waited for instead. */
  private async lastWord(codec: AvroCodec, id: number, fault: LedgerflowError): Promise<boolean> {
    try {
      if (await codec.registryIsEmpty()) {
        this.wait(
          new LedgerflowError(
            'LF_REGISTRY_EMPTY',
            `the registry has no schema ${id} and no other`,
            fault.where === undefined ? {} : { where: fault.where },
          ),
        );
        return false;
      }
    } catch (error) {
      if (!(error instanceof LedgerflowError)) throw error;
      this.wait(error);
      return false;
    }
    this.waiting = null;
    this.impatientUntilMs = performance.now() + IMPATIENT_FOR_MS;
    codec.giveUp(id, fault);
    return true;
  }

  private wait(error: LedgerflowError): void {
    if (this.waiting?.code !== error.code) this.options.onWait?.(error);
    this.waiting = error;
  }
}

function isCoded(message: CodedMessage): boolean {
  return schemaIdOf(message.value) !== null || schemaIdOf(message.key) !== null;
}

function withSchemas({ key, value, headers }: CodedMessage): string {
  const given = headers === null ? {} : (JSON.parse(headers) as Readonly<Record<string, unknown>>);
  const keyId = schemaIdOf(key) ?? keyIdOf(given[SCHEMA_HEADER]);
  return JSON.stringify({ ...given, [SCHEMA_HEADER]: `key=${keyId},value=${schemaIdOf(value) ?? ''}` });
}

/** Of a record whose key was decoded before, when its value could not be. */
function keyIdOf(header: unknown): string {
  return /^key=(\d*),/.exec(String(header))?.[1] ?? '';
}
