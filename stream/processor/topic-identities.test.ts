import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, describe, expect, it } from 'vitest';
import type { TopicIdentity } from '../../cdc/kafka/topic-identity.ts';
import { STORE_DDL } from '../../lake/store/layout.ts';
import { TopicIdentities } from './topic-identities.ts';

const TOPICS = [
  { topicId: 0, topic: 'p.bank.a', role: 'table' as const, table: 'a' },
  { topicId: 1, topic: 'p.bank.gone', role: 'table' as const, table: 'gone' },
];
const catalog = { all: () => TOPICS, get: (topic: string) => TOPICS.find((each) => each.topic === topic) };
const instances: DuckDBInstance[] = [];
afterEach(() => instances.splice(0).forEach((instance) => instance.closeSync()));

async function connection(): ReturnType<DuckDBInstance['connect']> {
  const instance = await DuckDBInstance.create(':memory:');
  instances.push(instance);
  const made = await instance.connect();
  await made.run(STORE_DDL);
  return made;
}

function brokerWith(...topics: TopicIdentity[]): () => Promise<Map<string, TopicIdentity>> {
  return () => Promise.resolve(new Map(topics.map((each) => [each.topic, each])));
}

const A = { topic: 'p.bank.a', id: 'aa', partitions: 2 };
const GONE = { topic: 'p.bank.gone', id: 'bb', partitions: 1 };

describe('the identity of topics', () => {
  it('is kept, and a topic made anew is refused by name, also by a later process', async () => {
    const store = await connection();
    const parts = { connection: store, catalog, mayBeGone: (table: string) => table === 'gone' };
    await (await TopicIdentities.open({ ...parts, ask: brokerWith(A, GONE) })).check();
    const later = await TopicIdentities.open({ ...parts, ask: brokerWith({ ...A, partitions: 3 }) });
    await later.check();
    expect([0, 1, 2].map((partition) => later.isLate('p.bank.a', partition))).toEqual([false, false, true]);
    const anew = await TopicIdentities.open({ ...parts, ask: brokerWith({ ...A, id: 'cc' }) });
    await expect(anew.check()).rejects.toMatchObject({ code: 'LF_TOPIC_RECREATED', where: 'p.bank.a' });
  });

  it('misses a topic only after several looks, and never that of a dropped table', async () => {
    const store = await connection();
    const parts = { connection: store, catalog, mayBeGone: (table: string) => table === 'gone' };
    await (await TopicIdentities.open({ ...parts, ask: brokerWith(A, GONE) })).check();
    const without = await TopicIdentities.open({ ...parts, ask: brokerWith() });
    await without.check();
    await without.check();
    await expect(without.check()).rejects.toMatchObject({ code: 'LF_TOPIC_MISSING', where: 'p.bank.a' });
  });
});
