// Parked records and the changes that wait behind them, in a real store.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prunedParkedSql } from './parked-sql.ts';
import { positionOf } from './batch.ts';
import { ACCOUNTS, CREATE_ACCOUNTS, openTestStore, type TestStore } from './testkit.ts';

let kit: TestStore;
const row = (id: number, owner: string, balance = '1.0000'): object => ({ account_id: id, owner, balance });
const change = (op: 'c' | 'u' | 'd', id: number, seq: number, owner: string) => ({
  table: 'accounts',
  op,
  key: { account_id: id },
  ...(op === 'd' ? { before: row(id, owner) } : { after: row(id, owner) }),
  seq,
});
const bad = (id: number, seq: number) => ({ ...change('u', id, seq, 'bad'), after: row(id, 'bad', 'not money') });
const live = (): Promise<unknown[][]> => kit.rows('SELECT account_id, owner FROM silver.accounts ORDER BY account_id');
const parked = (): Promise<unknown[][]> => kit.rows('SELECT kafka_offset, reason, status FROM ops.parked ORDER BY parked_id');

beforeEach(async () => {
  kit = await openTestStore();
  await kit.commit([change('c', 1, 10, 'one'), change('c', 2, 11, 'two')], [CREATE_ACCOUNTS]);
});
afterEach(async () => {
  await kit[Symbol.asyncDispose]();
});

describe('a parked record', () => {
  it('holds back later changes of its key, in its commit and in later ones; other keys flow on', async () => {
    const report = await kit.commit([bad(1, 12), change('u', 1, 13, 'b'), change('u', 2, 14, 'b')]);
    expect(report).toMatchObject({ applied: 1, parked: 2 });
    await kit.commit([change('u', 1, 15, 'c'), change('u', 2, 16, 'c')]);
    expect(await live()).toEqual([
      ['1', 'one'],
      ['2', 'c'],
    ]);
    expect(await kit.rows(`SELECT kafka_offset, status, detail FROM ops.parked WHERE status = 'waiting' ORDER BY parked_id`)).toEqual([
      ['3', 'waiting', 'waits behind bank_server.bank.accounts/0@2'],
      ['5', 'waiting', 'waits behind bank_server.bank.accounts/0@2'],
    ]);
    expect(kit.parked.open).toBe(3);
  });

  it('holds back what was staged before it was found to be unfit', async () => {
    const first = await kit.stage([bad(1, 12)], 0);
    const second = await kit.stage([change('u', 1, 13, 'b'), change('u', 2, 14, 'b')], 1);
    await kit.committer.commit(first);
    expect(await kit.committer.commit(second)).toMatchObject({ applied: 1, parked: 1 });
    expect(await live()).toEqual([
      ['1', 'one'],
      ['2', 'b'],
    ]);
    expect(await kit.rows('SELECT disposition FROM _bronze.tail ORDER BY kafka_offset')).toEqual([
      ['applied'],
      ['applied'],
      ['parked'],
      ['parked'],
      ['applied'],
    ]);
  });

  it('is remembered by the next process', async () => {
    await kit.commit([bad(1, 12)]);
    await kit.store[Symbol.asyncDispose]();
    const again = await openTestStore(kit.folder);
    expect(again.parked.open).toBe(1);
    expect(await again.commit([change('u', 1, 13, 'b')])).toMatchObject({ parked: 1 });
    await again.store[Symbol.asyncDispose]();
    kit = await openTestStore();
  });

  it('is superseded by a delete of its row, after which the key flows again', async () => {
    await kit.commit([bad(1, 12), change('u', 1, 13, 'b')]);
    await kit.commit([change('d', 1, 14, 'b'), change('c', 1, 15, 'again')]);
    expect(await live()).toEqual([
      ['1', 'again'],
      ['2', 'two'],
    ]);
    expect((await parked()).map((one) => one[2])).toEqual(['superseded', 'superseded']);
    expect(kit.parked.open).toBe(0);
  });

  it('is superseded by TRUNCATE, and rows of the same commit flow', async () => {
    await kit.commit([bad(1, 12)]);
    await kit.commit([change('c', 1, 21, 'after')], [{ kind: 'clear', table: 'accounts', beforePos: positionOf(20, 0, 0n) }]);
    expect(await live()).toEqual([['1', 'after']]);
    expect(await parked()).toEqual([['2', 'LF_RECORD_UNCONVERTIBLE', 'superseded']]);
  });

  it('follows its table through RENAME', async () => {
    await kit.commit([bad(1, 12)]);
    const renamed = { ...CREATE_ACCOUNTS, seq: 13, table: 'renamed', previousTable: 'accounts', schema: { ...ACCOUNTS, table: 'renamed' } };
    kit.table = 'renamed';
    expect(await kit.commit([change('u', 1, 14, 'b')], [renamed])).toMatchObject({ parked: 1 });
    expect(await kit.rows('SELECT DISTINCT table_name FROM ops.parked')).toEqual([['renamed']]);
  });

  it('holds back both keys of a key change, also when the bad half comes second', async () => {
    const from = { ...change('d', 1, 12, 'one'), ord: 1, headers: { '__debezium.newkey': '{"account_id":9}' } };
    const to = { ...bad(9, 12), op: 'c' as const, ord: 2, headers: { '__debezium.oldkey': '{"account_id":1}' } };
    await kit.commit([from, to, change('c', 1, 13, 'new one')]);
    expect(await live()).toEqual([
      ['1', 'one'],
      ['2', 'two'],
    ]);
    expect((await parked()).map((one) => one[2])).toEqual(['waiting', 'parked', 'waiting']);
  });

  it('is a message without a key in a table that has one', async () => {
    expect(await kit.commit([{ ...change('u', 1, 12, 'b'), key: null }, change('u', 2, 13, 'b')])).toMatchObject({ applied: 1, parked: 1 });
    expect(await kit.rows('SELECT reason, detail FROM ops.parked')).toEqual([
      ['LF_RECORD_UNCONVERTIBLE', 'the message has no key, but the table has one'],
    ]);
    expect(await kit.commit([change('u', 1, 14, 'c')])).toMatchObject({ applied: 1, parked: 0 });
  });

  it('is removed by and by once it was dealt with and produced, the newest ones last', async () => {
    for (const seq of [12, 22, 32]) await kit.commit([bad(1, seq), change('d', 1, seq + 1, 'x'), change('c', 1, seq + 2, 'y')]);
    await kit.commit([bad(2, 42)]);
    const ids = async (): Promise<unknown> => (await kit.rows('SELECT parked_id FROM ops.parked ORDER BY 1')).map(([id]) => Number(id));
    await kit.store.writer.run(prunedParkedSql(1));
    expect(await ids()).toEqual([1, 2, 3, 4]); // none was produced
    await kit.store.writer.run('INSERT INTO ops.deadletters VALUES (4)');
    await kit.store.writer.run(prunedParkedSql(1));
    expect(await ids()).toEqual([3, 4]); // the newest that is dealt with, and the open one
  });
});
