// What is done to a column's values before anything of them is written: the shape of a policy. The file is read by policy-file.ts.

import type { TableSchema } from '../schema/table-schema.ts';
import { topicPart, type TopicScheme } from '../connector/topic-names.ts';

/**
 * drop: always NULL. hash: keyed HMAC-SHA-256, 64 hexadecimal digits. mask: asterisks, and the last `show` characters.
 * tokenise: a token that only the key can turn back; `shared` ones have one key for all customers and cannot be erased for one.
 */
export type ColumnAction =
  | { readonly action: 'drop' }
  | { readonly action: 'hash' }
  | { readonly action: 'mask'; readonly show: number }
  | { readonly action: 'tokenise'; readonly shared: boolean };

export type ColumnPolicy = ColumnAction & {
  /** MySQL has no such column any more; older messages in Kafka may. */
  readonly gone: boolean;
  /** Where the file says so. */
  readonly line: number;
};

export interface TablePolicy {
  readonly table: string;
  /** Column that tells whose row it is: its tokens have that customer's key. */
  readonly subject: string | null;
  readonly columns: ReadonlyMap<string, ColumnPolicy>;
  /** MySQL has no such table any more; older messages in Kafka may. */
  readonly gone: boolean;
  readonly line: number;
}

export interface Policies {
  readonly file: string;
  readonly reviewed: { readonly by: string; readonly on: string };
  readonly tables: ReadonlyMap<string, TablePolicy>;
}

/** Copies that gh-ost and pt-online-schema-change make of a table; gh-ost's log (_ghc) has no rows of it. */
const GHOST = /^_+(.+)_(?:gho|del|new|old)$/;

/** The policy of a table, or of the table it is a copy of. */
export function policyOfTable({ tables }: Policies, table: string): TablePolicy | undefined {
  return tables.get(table) ?? tables.get(GHOST.exec(table)?.[1] ?? '');
}

/** The policy of a table's topic. */
export function policyOfTopic(policies: Policies, scheme: TopicScheme, topic: string): TablePolicy | undefined {
  const prefix = `${scheme.prefix}.${topicPart(scheme.database)}.`;
  if (!topic.startsWith(prefix)) return undefined;
  const part = topic.slice(prefix.length);
  for (const [table, policy] of policies.tables) if (topicPart(table) === part) return policy;
  const copied = GHOST.exec(part)?.[1];
  for (const [table, policy] of policies.tables) if (topicPart(table) === copied) return policy;
  return undefined;
}

/** A table's shape as the lake has it: a dropped column may be NULL whatever MySQL says. */
export function shapeUnder(policies: Policies | null, schema: TableSchema): TableSchema {
  const policy = policies === null ? undefined : policyOfTable(policies, schema.table);
  const dropped = (name: string): boolean => policy?.columns.get(name)?.action === 'drop';
  return { ...schema, columns: schema.columns.map((column) => (dropped(column.name) ? { ...column, nullable: true } : column)) };
}

/** What of a column's values Kafka holds: the connector does what it can express. */
export function inKafka(column: ColumnAction): 'nothing' | 'asterisks' | 'salted hash' | 'clear value' {
  if (column.action === 'drop') return 'nothing';
  if (column.action === 'hash') return 'salted hash';
  return column.action === 'mask' && column.show === 0 ? 'asterisks' : 'clear value';
}

/** In words, for lists and the record. */
export function actionText(column: ColumnAction): string {
  if (column.action === 'mask' && column.show > 0) return `mask, last ${column.show} shown`;
  return column.action === 'tokenise' && column.shared ? 'tokenise, shared key' : column.action;
}
