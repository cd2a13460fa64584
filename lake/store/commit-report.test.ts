import { describe, expect, test } from 'vitest';
import { CREATE_ACCOUNTS, openTestStore } from './testkit.ts';

const row = (id: number, balance: string): { account_id: number; owner: string; balance: string } => ({
  account_id: id,
  owner: 'x',
  balance,
});
const create = (id: number, seq: number, ord = 1) => ({
  table: 'accounts',
  op: 'c' as const,
  seq,
  ord,
  key: { account_id: id },
  after: row(id, '1.0000'),
});
const update = (id: number, seq: number, ord = 1) => ({
  ...{ table: 'accounts', op: 'u' as const, seq, ord, key: { account_id: id } },
  ...{ before: row(id, '1.0000'), after: row(id, '2.0000') },
});

describe('what a commit says of its tables', () => {
  test('plain creates and updates are told with their transactions; a key with two versions is noticed', async () => {
    await using kit = await openTestStore();
    expect((await kit.commit([create(1, 10)], [CREATE_ACCOUNTS])).told).toEqual(new Map([['accounts', null]]));
    const told = async (...changes: (ReturnType<typeof create> | ReturnType<typeof update>)[]) =>
      (await kit.commit(changes)).told.get('accounts');
    expect(await told(create(2, 11), create(3, 12))).toEqual({
      ...{ versions: 2, onlyCreates: true, distinctKeys: true, lowestSeq: 11, highestSeq: 12 },
    });
    expect(await told(update(2, 13), update(3, 14))).toMatchObject({ versions: 2, onlyCreates: false, distinctKeys: true });
    expect(await told(update(2, 15), update(2, 16))).toMatchObject({ distinctKeys: false });
    expect(await told(create(4, 17), update(4, 17, 2))).toMatchObject({ distinctKeys: false });
  });

  test('a delete and a snapshot row are only named', async () => {
    await using kit = await openTestStore();
    await kit.commit([create(1, 10)], [CREATE_ACCOUNTS]);
    const gone = { table: 'accounts', op: 'd' as const, seq: 11, ord: 1, key: { account_id: 1 }, before: row(1, '1.0000') };
    expect((await kit.commit([gone])).told).toEqual(new Map([['accounts', null]]));
    const read = { table: 'accounts', op: 'r' as const, key: { account_id: 2 }, after: row(2, '1.0000') };
    expect((await kit.commit([read])).told).toEqual(new Map([['accounts', null]]));
  });
});
