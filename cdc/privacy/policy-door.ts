// The door that every fetched message of a table with a policy passes before it is anything to the processor: pages, spill files, bronze,
// silver, parked records, the dead-letter topic and the logs know its other side only. What cannot be judged is withheld, not passed.

import { createHash, createHmac } from 'node:crypto';
import { isLosslessNumber, parse, stringify } from 'lossless-json';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { TopicScheme } from '../connector/topic-names.ts';
import { schemaTopic } from '../connector/topic-names.ts';
import { parseSchemaChange, tableOfId, type TableChange } from '../schema/schema-change.ts';
import { MASK } from './connector-part.ts';
import { connectorSalt, derivedKey, masterKey, sharedKey, SubjectKeys, type TokenKey } from './key-files.ts';
import { policyOfTable, policyOfTopic, type ColumnPolicy, type Policies, type TablePolicy } from './policy.ts';
import { tokenOf } from './token.ts';

/** A message as it was fetched and decoded. */
export interface PolicedMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: string | null;
  readonly fault?: string;
}

type Json = Record<string, unknown>;

/** What the connector's hash looks like: SHA-256 in hexadecimal. */
const CONNECTOR_HASH = /^[0-9a-f]{64}$/;

export class PolicyDoor {
  readonly keys: SubjectKeys;
  private readonly policies: Policies;
  private readonly scheme: TopicScheme;
  private readonly hashKey: Buffer;
  private readonly salt: string;
  private readonly shared: TokenKey;
  private readonly byTopic = new Map<string, TablePolicy | null>();

  /** @throws LedgerflowError LF_POLICY_KEYS */
  constructor(policies: Policies, scheme: TopicScheme, home: string) {
    const master = masterKey(home);
    [this.policies, this.scheme] = [policies, scheme];
    this.keys = new SubjectKeys(home);
    this.hashKey = derivedKey(master, 'hashes');
    this.salt = connectorSalt(master);
    this.shared = sharedKey(master);
  }

  /** Whether messages of the topic must pass here. */
  watches(topic: string): boolean {
    return topic === schemaTopic(this.scheme.prefix) || this.policyOf(topic) !== null;
  }

  /**
   * The messages as they may be kept; new keys are durable when they are returned.
   * @throws LedgerflowError LF_POLICY_COLUMN when a table is changed in a way that a policy does not speak of; LF_POLICY_KEYS
   */
  pass<M extends PolicedMessage>(topic: string, messages: readonly M[]): M[] {
    if (topic === schemaTopic(this.scheme.prefix)) return messages.map((message) => this.schemaChange(message));
    const policy = this.policyOf(topic);
    if (policy === null) return [...messages];
    const passed = messages.map((message) => this.change(policy, message));
    this.keys.flush();
    return passed;
  }

  private policyOf(topic: string): TablePolicy | null {
    let known = this.byTopic.get(topic);
    if (known === undefined) this.byTopic.set(topic, (known = policyOfTopic(this.policies, this.scheme, topic) ?? null));
    return known;
  }

  private change<M extends PolicedMessage>(policy: TablePolicy, message: M): M {
    let key = stub(message.key);
    try {
      if (message.fault !== undefined) throw new Error('it could not be decoded');
      if (message.key !== null) key = this.key(policy, message.key);
      const value = message.value === null ? null : this.value(policy, message.value);
      return { ...message, key, value };
    } catch (error) {
      if (error instanceof LedgerflowError) throw error;
      return withheld({ ...message, key }, messageOf(error));
    }
  }

  private key(policy: TablePolicy, bytes: Buffer): Buffer {
    const key = parsed(bytes);
    const { columns } = policy;
    if (!Object.keys(key).some((name) => columns.has(name))) return bytes;
    return Buffer.from(stringify(this.row(policy, key, true)) ?? '');
  }

  private value(policy: TablePolicy, bytes: Buffer): Buffer {
    const event = parsed(bytes);
    for (const image of ['before', 'after']) {
      const row = event[image];
      if (row === null || row === undefined) continue;
      try {
        event[image] = this.row(policy, asObject(row), false);
      } catch (error) {
        if (error instanceof LedgerflowError) throw error;
        // Without its row the event cannot be applied and is parked by name, at its place among the changes of its key.
        return Buffer.from(stringify({ ...event, before: null, after: null, withheld: messageOf(error) }) ?? '');
      }
    }
    return Buffer.from(stringify(event) ?? '');
  }

  /** @param part only some columns are there, as in a key */
  private row({ subject, columns, table }: TablePolicy, row: Json, part: boolean): Json {
    const passed = { ...row };
    const whose = subject === null ? null : subjectOf(row[subject]);
    for (const [name, policy] of columns) {
      const value = row[name];
      if (value === undefined && (part || policy.gone)) continue;
      if (policy.action === 'drop') passed[name] = null;
      else if (value === undefined) throw new Error(`the column ${table}.${name} of a policy is missing`);
      else if (value !== null && typeof value !== 'string') throw new Error(`the column ${table}.${name} of a policy holds no text`);
      else passed[name] = value === null ? null : this.applied(policy, value, whose);
    }
    return passed;
  }

  private applied(policy: ColumnPolicy, text: string, subject: string | null): string {
    switch (policy.action) {
      case 'hash': {
        // The connector has hashed it already, unless the message is older than the policy: both end the same.
        const salted = CONNECTOR_HASH.test(text) ? text : createHash('sha256').update(this.salt).update(text).digest('hex');
        return createHmac('sha256', this.hashKey).update(salted).digest('hex');
      }
      case 'mask':
        return policy.show === 0 || text.length <= policy.show * 2 ? MASK : MASK + Array.from(text).slice(-policy.show).join('');
      case 'tokenise':
        return tokenOf(text, policy.shared || subject === null ? this.shared : this.keys.of(subject));
      case 'drop':
        throw new Error('a dropped value is never looked at');
    }
  }

  /** A dropped column may be NULL; a policy's table or column must not get another name unnoticed. */
  private schemaChange<M extends PolicedMessage>(message: M): M {
    const { value } = message;
    if (value === null || message.fault !== undefined) return message;
    const { changes, database, ddl } = parseSchemaChange(value);
    if (database !== this.scheme.database || changes.length === 0) return message;
    for (const change of changes) this.admit(change, ddl);
    const event = parsed(value);
    const drops = (table: string): ReadonlyMap<string, ColumnPolicy> | undefined => policyOfTable(this.policies, table)?.columns;
    let changed = false;
    for (const each of event['tableChanges'] as { id: string; table: { columns: Json[] } | null }[]) {
      const columns = drops(tableOfId(each.id, database));
      for (const column of each.table?.columns ?? []) {
        if (columns?.get(String(column['name']))?.action !== 'drop') continue;
        column['optional'] = true;
        changed = true;
      }
    }
    return changed ? { ...message, value: Buffer.from(stringify(event) ?? '') } : message;
  }

  private admit({ table, previousTable, schema }: TableChange, ddl: string): void {
    const before = previousTable === undefined ? undefined : policyOfTable(this.policies, previousTable);
    const policy = policyOfTable(this.policies, table);
    const where = `${this.policies.file}:${(policy ?? before)?.line ?? 1}`;
    if (before !== undefined && policy === undefined)
      throw new LedgerflowError('LF_POLICY_COLUMN', `${before.table} is called ${table} from now on, which has no policy: ${ddl}`, {
        where,
      });
    if (policy === undefined || schema === null || table !== policy.table) return;
    const names = new Set(schema.columns.map(({ name }) => name));
    for (const [name, column] of policy.columns) {
      if (column.gone || names.has(name)) continue;
      throw new LedgerflowError('LF_POLICY_COLUMN', `${table}.${name} has another name from now on, or is gone: ${ddl}`, { where });
    }
  }
}

/** Nothing of it is kept but that it was there. */
function withheld<M extends PolicedMessage>(message: M, reason: string): M {
  return { ...message, value: stub(message.value), fault: `withheld, because a column policy cannot be applied to it: ${reason}` };
}

function stub(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(JSON.stringify({ withheld: bytes.length }));
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Numbers keep their digits. The error says nothing of the text. */
function parsed(bytes: Buffer): Json {
  let found: unknown;
  try {
    found = parse(UTF8.decode(bytes));
  } catch {
    throw new Error('it is no JSON');
  }
  return asObject(found);
}

function asObject(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isLosslessNumber(value)) throw new Error('it is no object');
  return value as Json;
}

function subjectOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (isLosslessNumber(value)) return value.value;
  throw new Error('the column that names the customer holds neither a number nor text');
}
