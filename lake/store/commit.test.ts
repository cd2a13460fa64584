import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNTS, CREATE_ACCOUNTS, openTestStore, type TestStore } from './testkit.ts';
import { positionOf } from './batch.ts';
import { readSchemas, readHolds } from './state.ts';

let kit: TestStore;
const row = (id: number, owner: string, balance = '1.0000'): object => ({ account_id: id, owner, balance });
const create = (id: number, seq: number, ord = 1, owner = `o${id}`) => ({
  table: 'accounts',
  op: 'c' as const,
  key: { account_id: id },
  after: row(id, owner),
  seq,
  ord,
});
const update = (id: number, seq: number, owner: string) => ({
  table: 'accounts',
  op: 'u' as const,
  key: { account_id: id },
  before: row(id, 'x'),
  after: row(id, owner),
  seq,
});
const remove = (id: number, seq: number, owner: string) => ({
  table: 'accounts',
  op: 'd' as const,
  key: { account_id: id },
  before: row(id, owner),
  seq,
});
const live = (): Promise<unknown[][]> => kit.rows('SELECT account_id, owner FROM silver.accounts ORDER BY account_id');

beforeEach(async () => {
  kit = await openTestStore();
  await kit.commit([], [CREATE_ACCOUNTS]);
});
afterEach(async () => {
  await kit[Symbol.asyncDispose]();
});

describe('a commit', () => {
  it('applies creates, updates and deletes, over several commits and inside one', async () => {
    await kit.commit([create(1, 10), create(2, 11), create(3, 12)]);
    await kit.commit([update(1, 13, 'a'), update(1, 14, 'b'), remove(2, 15, 'o2'), create(4, 16), update(4, 17, 'four')]);
    expect(await live()).toEqual([
      ['1', 'b'],
      ['3', 'o3'],
      ['4', 'four'],
    ]);
  });

  it('gives the same rows after a fold, and history keeps every version with its interval', async () => {
    await kit.commit([create(1, 10), create(2, 11)]);
    await kit.commit([update(1, 13, 'a'), remove(2, 15, 'o2')]);
    const before = await live();
    const history = await kit.rows(
      'SELECT account_id, owner, _op, _valid_to IS NULL FROM silver.accounts_history ORDER BY account_id, _pos',
    );
    await kit.housekeeping.fold(kit.committer.commitId, kit.committer.schemas);
    expect(await live()).toEqual(before);
    expect(await kit.rows('SELECT count(*) FROM _gone.accounts')).toEqual([['0']]);
    expect(
      await kit.rows('SELECT account_id, owner, _op, _valid_to IS NULL FROM silver.accounts_history ORDER BY account_id, _pos'),
    ).toEqual(history);
    expect(history).toEqual([
      ['1', 'o1', 'c', false],
      ['1', 'a', 'u', true],
      ['2', 'o2', 'c', false],
      ['2', 'o2', 'd', true],
    ]);
  });

  it('lets a deleted key be created again', async () => {
    await kit.commit([create(1, 10), remove(1, 11, 'o1'), create(1, 12, 1, 'again')]);
    expect(await live()).toEqual([['1', 'again']]);
    await kit.housekeeping.fold(kit.committer.commitId, kit.committer.schemas);
    expect(await live()).toEqual([['1', 'again']]);
  });

  it('clears a table at a TRUNCATE and keeps what came after', async () => {
    await kit.commit([create(1, 10), create(2, 11)]);
    await kit.commit([create(3, 21)], [{ kind: 'clear', table: 'accounts', beforePos: positionOf(20, 0, 0n) }]);
    expect(await live()).toEqual([['3', 'o3']]);
  });

  it('adds a column with the value MySQL gave to the rows that are there', async () => {
    await kit.commit([create(1, 10)]);
    const level = { ...ACCOUNTS.columns[0]!, name: 'kyc_level', typeName: 'TINYINT', position: 4, nullable: false, defaultValue: '7' };
    await kit.commit(
      [],
      [
        {
          ...{ kind: 'schema', table: 'accounts', seq: 12, ddl: 'ALTER', schema: { ...ACCOUNTS, columns: [...ACCOUNTS.columns, level] } },
          reshape: { renamed: new Map(), values: new Map([['kyc_level', '7']]), rekey: false },
        },
      ],
    );
    expect(await kit.rows('SELECT account_id, kyc_level FROM silver.accounts')).toEqual([['1', 7]]);
  });

  it('drops a table and takes one of the same name again; a renamed table keeps rows and history', async () => {
    await kit.commit([create(1, 10)]);
    await kit.commit([], [{ kind: 'drop', table: 'accounts', seq: 11, ddl: 'DROP' }]);
    await expect(live()).rejects.toThrow(/accounts/);
    await kit.commit([create(2, 13)], [{ ...CREATE_ACCOUNTS, seq: 12 }]);
    expect(await live()).toEqual([['2', 'o2']]);
    await kit.commit(
      [],
      [{ ...CREATE_ACCOUNTS, seq: 14, table: 'renamed', previousTable: 'accounts', schema: { ...ACCOUNTS, table: 'renamed' } }],
    );
    expect(await kit.rows('SELECT account_id FROM silver.renamed')).toEqual([['2']]);
    expect(await kit.rows('SELECT account_id, _op FROM silver.renamed_history')).toEqual([['2', 'c']]);
  });

  it('parks a record that does not convert, by name, and applies the others', async () => {
    const bad = { ...create(2, 11), after: row(2, 'o2', 'not money') };
    const report = await kit.commit([create(1, 10), bad, create(3, 12)]);
    expect(report).toMatchObject({ applied: 2, parked: 1 });
    expect(await live()).toEqual([
      ['1', 'o1'],
      ['3', 'o3'],
    ]);
    expect(await kit.rows('SELECT reason, detail, kafka_offset, status FROM ops.parked')).toEqual([
      ['LF_RECORD_UNCONVERTIBLE', expect.stringContaining('balance'), '1', 'parked'],
    ]);
    expect(await kit.rows(`SELECT disposition, count(*) FROM _bronze.tail GROUP BY ALL ORDER BY ALL`)).toEqual([
      ['applied', '2'],
      ['parked', '1'],
    ]);
  });

  it('remembers a table that is held, and why', async () => {
    const facts = { table: 'odd', seq: 11, code: 'LF_COLUMN_UNSUPPORTED', reason: 'column x cannot be carried', schema: null } as const;
    await kit.commit([], [{ kind: 'hold', ddl: 'CREATE TABLE odd', ...facts }]);
    expect(await readHolds(kit.store.folder)).toMatchObject([{ ...facts, records: 0 }]);
    expect([...(await readSchemas(kit.store.folder)).keys()]).toEqual(['accounts']);
  });

  it('moves position, offsets and chain with the rows, and finds them again at the next open', async () => {
    await kit.commit([create(1, 10)]);
    const chain = await kit.rows('SELECT chain FROM ops.state');
    await kit.store[Symbol.asyncDispose]();
    const again = await openTestStore(kit.folder);
    expect(again.store.state).toMatchObject({ epoch: 2, commitId: 2, seq: 10, phase: 'streaming' });
    expect(await again.rows('SELECT chain FROM ops.state')).toEqual(chain);
    expect(await again.rows('SELECT next_offset FROM ops.offsets')).toEqual([['1']]);
    await again.store[Symbol.asyncDispose]();
    kit = await openTestStore();
  });

  it('is refused when a newer process has taken the fence', async () => {
    await kit.store.folder.run('UPDATE ops.state SET epoch = epoch + 1');
    await expect(kit.commit([create(1, 10)])).rejects.toMatchObject({ code: 'LF_STORE_FENCED' });
  });

  it('rolls the tail into a segment', async () => {
    await kit.commit([create(1, 10), create(2, 11)]);
    await kit.housekeeping.roll(kit.committer.commitId);
    expect(await kit.rows('SELECT count(*) FROM _bronze.tail')).toEqual([['0']]);
    expect(await kit.rows('SELECT rows, first_commit <= last_commit FROM ops.segments')).toEqual([['2', true]]);
  });
});
