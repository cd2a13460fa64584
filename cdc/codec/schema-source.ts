// Schemas from a registry with Confluent's API, through @kafkajs/confluent-schema-registry. What the registry answers becomes a code that
// says what to do: wait (not reachable), or judge the record (no such schema, no usable one).

import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import type { Type } from 'avsc';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { avroOptions } from './avro-types.ts';

/** Where the codec gets schemas from; a registry, or a fake in tests. */
export interface SchemaSource {
  /** @throws LedgerflowError LF_REGISTRY_UNREACHABLE, LF_SCHEMA_UNKNOWN, LF_SCHEMA_UNUSABLE */
  schema(id: number): Promise<Type>;
  /** The registry holds no schema at all: it has lost its data, or is another one. @throws LedgerflowError LF_REGISTRY_UNREACHABLE */
  isEmpty(): Promise<boolean>;
}

const REQUEST_DEADLINE_MS = 5_000;
const NOT_FOUND = 404;

/** A client of the registry; user and password may stand in the address. Nothing is retried here. */
export function registryClient(address: string): SchemaRegistry {
  const url = new URL(address);
  const auth =
    url.username === '' ? {} : { auth: { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } };
  return new SchemaRegistry(
    { host: plainAddress(address), clientId: 'ledgerflow', retry: { retries: 0 }, ...auth },
    { [SchemaType.AVRO]: avroOptions() },
  );
}

/** The address without user and password. */
function plainAddress(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href.replace(/\/$/, '');
}

export class RegistrySchemas implements SchemaSource {
  private readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  async schema(id: number): Promise<Type> {
    // A new client for every schema: it would keep all it ever saw, and the codec has the cache with the limit.
    const found = await within(this.address, registryClient(this.address).getSchema(id)).catch((error: unknown) => {
      throw this.explain(error, id);
    });
    if (typeof (found as Partial<Type>).fromBuffer === 'function') return found as Type;
    throw new LedgerflowError('LF_SCHEMA_UNUSABLE', `schema ${id} is no Avro schema`, { where: plainAddress(this.address) });
  }

  async isEmpty(): Promise<boolean> {
    try {
      const response = await fetch(`${plainAddress(this.address)}/subjects`, {
        headers: authorization(this.address),
        signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
      });
      if (!response.ok) throw new Error(`it answers ${response.status}`);
      return ((await response.json()) as unknown[]).length === 0;
    } catch (error) {
      throw unreachable(this.address, error);
    }
  }

  private explain(error: unknown, id: number): LedgerflowError {
    if (error instanceof LedgerflowError) return error;
    const { status } = error as { status?: number };
    const where = plainAddress(this.address);
    if (status === NOT_FOUND) return new LedgerflowError('LF_SCHEMA_UNKNOWN', `the registry has no schema ${id}`, { where, cause: error });
    if (status !== undefined) return unreachable(this.address, error);
    return new LedgerflowError('LF_SCHEMA_UNUSABLE', `schema ${id} cannot be used: ${messageOf(error)}`, { where, cause: error });
  }
}

function authorization(address: string): Record<string, string> {
  const { username, password } = new URL(address);
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** The client has no time-out of its own. @throws LedgerflowError LF_REGISTRY_UNREACHABLE when the answer is late */
export async function within<T>(address: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unreachable(address, new Error(`no answer in ${REQUEST_DEADLINE_MS} ms`))), REQUEST_DEADLINE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The client reports a refused connection as status 400, so everything but "not found" counts as not reachable. */
export function unreachable(address: string, error: unknown): LedgerflowError {
  return new LedgerflowError('LF_REGISTRY_UNREACHABLE', `the schema registry does not answer: ${messageOf(error)}`, {
    where: plainAddress(address),
    cause: error,
  });
}
