// The connector's part of the policies: what Debezium can do to values before they are written to Kafka at all.

import { inKafka, type Policies } from './policy.ts';

/** Asterisks of a masked value, whatever its length. */
export const MASK = '********';

/**
 * Settings of Debezium's MySQL connector.
 * @param salt of the hashes; readable by whoever may read the connector's configuration
 */
export function policySettings(policies: Policies, database: string, salt: string): Record<string, string> {
  const lists = { nothing: [] as string[], asterisks: [] as string[], 'salted hash': [] as string[], 'clear value': [] as string[] };
  for (const { table, columns } of policies.tables.values())
    for (const [name, column] of columns) lists[inKafka(column)].push([database, table, name].map(quoted).join('\\.'));
  const settings: readonly (readonly [name: string, columns: readonly string[]])[] = [
    ['column.exclude.list', lists.nothing],
    [`column.mask.with.${MASK.length}.chars`, lists.asterisks],
    [`column.mask.hash.v2.SHA-256.with.salt.${salt}`, lists['salted hash']],
  ];
  return Object.fromEntries(settings.filter(([, columns]) => columns.length > 0).map(([name, columns]) => [name, columns.join(',')]));
}

/** Debezium's lists are anchored regular expressions with commas between. */
function quoted(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll(',', '\\x2C');
}
