import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reshape } from '../../cdc/schema/change-plan.ts';
import type { ColumnSchema, TableSchema } from '../../cdc/schema/table-schema.ts';
import type { ControlAction } from './batch.ts';
import { readHolds, readRereads, readSchemas, readTakenIn } from './state.ts';
import { ACCOUNTS, CREATE_ACCOUNTS, openTestStore, type TestStore } from './testkit.ts';

let kit: TestStore;
beforeEach(async () => {
  kit = await openTestStore();
  await kit.commit([], [CREATE_ACCOUNTS]);
});
afterEach(async () => {
  await kit[Symbol.asyncDispose]();
});

const row = (id: number, more: object = {}): object => ({ account_id: id, owner: `o${id}`, balance: '1.0000', ...more });
const create = (id: number, seq: number, after = row(id)): Parameters<TestStore['commit']>[0][number] => ({
  ...{ table: 'accounts', op: 'c', key: { account_id: id }, seq },
  after,
});
const update = (id: number, seq: number, after = row(id)): Parameters<TestStore['commit']>[0][number] => ({
  ...{ table: 'accounts', op: 'u', key: { account_id: id }, seq, before: row(id) },
  after,
});
const column = (name: string, more: Partial<ColumnSchema> = {}): ColumnSchema => ({ ...ACCOUNTS.columns[1]!, name, ...more });
const table = (columns: readonly ColumnSchema[], keyColumns = ['account_id']): TableSchema => ({ ...ACCOUNTS, columns, keyColumns });
const [ID, OWNER, BALANCE] = ACCOUNTS.columns as [ColumnSchema, ColumnSchema, ColumnSchema];

function reshape(schema: TableSchema, seq: number, found: Partial<Reshape> = {}, more: object = {}): ControlAction {
  const shape = { renamed: new Map<string, string>(), values: new Map<string, string>(), rekey: false, ...found };
  return { kind: 'schema', table: 'accounts', seq, ddl: 'ALTER', schema, reshape: shape, ...more };
}

describe('a table takes its new shape', () => {
  it('with several changes at once, in the commit that has rows of both shapes', async () => {
    await kit.commit([create(1, 10), create(2, 11)]);
    const after = table([ID, column('name', { length: 200 }), column('a'), column('b'), { ...BALANCE, length: 30 }]);
    await kit.commit(
      [update(1, 21, { account_id: 1, name: 'n1', a: 'x', b: null, balance: '2.0000' })],
      [reshape(after, 20, { renamed: new Map([['name', 'owner']]), values: new Map([['a', `'it''s'`]]) })],
    );
    expect(await kit.rows('SELECT account_id, name, a, b, balance FROM silver.accounts ORDER BY 1')).toEqual([
      ['1', 'n1', 'x', null, '2.0000'],
      ['2', 'o2', `it's`, null, '1.0000'],
    ]);
    await kit.housekeeping.fold(kit.committer.commitId, kit.committer.schemas);
    expect(await kit.rows('SELECT name, a FROM silver.accounts_history WHERE account_id = 1 ORDER BY _pos')).toEqual([
      ['o1', `it's`],
      ['n1', 'x'],
    ]);
  });

  it('with columns that swap their names, and a dropped name that comes again with another type', async () => {
    const two = table([ID, OWNER, column('other')]);
    await kit.commit([create(1, 12, { account_id: 1, owner: 'a', other: 'b' })], [reshape(two, 11)]);
    await kit.commit(
      [],
      [
        reshape(two, 13, {
          renamed: new Map([
            ['owner', 'other'],
            ['other', 'owner'],
          ]),
        }),
      ],
    );
    expect(await kit.rows('SELECT owner, other FROM silver.accounts')).toEqual([['b', 'a']]);
    await kit.commit([], [reshape(table([ID, OWNER]), 14)]);
    const again = table([ID, OWNER, column('other', { typeName: 'BIGINT' })]);
    await kit.commit([update(1, 16, { account_id: 1, owner: 'b', other: 7 })], [reshape(again, 15)]);
    await kit.housekeeping.fold(kit.committer.commitId, kit.committer.schemas);
    expect(await kit.rows('SELECT other FROM silver.accounts_history ORDER BY _pos')).toEqual([[null], ['7']]);
  });

  it('with another key, and with old versions that do not fit put aside', async () => {
    await kit.commit([create(1, 10, row(1, { owner: 'long' })), create(2, 11)]);
    await kit.commit([update(1, 12, row(1, { owner: 'k1' }))]);
    await kit.commit([], [reshape(table(ACCOUNTS.columns, ['owner']), 13, { rekey: true })]);
    await kit.commit([{ table: 'accounts', op: 'd', key: { owner: 'o2' }, seq: 14, before: row(2), after: null }]);
    expect(await kit.rows('SELECT account_id, owner FROM silver.accounts')).toEqual([['1', 'k1']]);
    const narrow = table([ID, column('owner', { typeName: 'BINARY' }), BALANCE], ['account_id']);
    await kit.commit([], [reshape(narrow, 15, { rekey: true }, { archive: true })]);
    expect(await kit.rows('SELECT count(*) FROM silver.accounts_history')).toEqual([['1']]);
    expect(await kit.rows(`SELECT count(*) FROM _past."accounts@${kit.committer.commitId}"`)).toEqual([['3']]);
  });

  it('with a name that is taken: the old one is put aside', async () => {
    await kit.commit([create(1, 10)], [{ ...CREATE_ACCOUNTS, table: 'ghost', schema: { ...ACCOUNTS, table: 'ghost' }, seq: 9 }]);
    await kit.commit([], [{ ...CREATE_ACCOUNTS, previousTable: 'ghost', seq: 12 }]);
    expect(await kit.rows('SELECT * FROM silver.accounts')).toEqual([]);
    expect([...(await readSchemas(kit.store.folder)).keys()]).toEqual(['accounts']);
  });
});

describe('a held table', () => {
  const wider = table([ID, OWNER, BALANCE, column('made')]);
  const hold: ControlAction = {
    kind: 'hold',
    table: 'accounts',
    seq: 20,
    ddl: 'ALTER',
    code: 'LF_TABLE_HELD',
    reason: 'made',
    schema: wider,
  };
  const begin: ControlAction = { kind: 'reread', table: 'accounts', seq: 30, signal: 's1', schema: wider };
  const end = (failure: string | null): ControlAction => ({
    kind: 'reread-ended',
    table: 'accounts',
    seq: 30,
    signal: 's1',
    inPlace: false,
    failure,
  });

  async function readAgain(): Promise<void> {
    await kit.commit([create(1, 10), create(2, 11)]);
    await kit.commit([], [hold]);
    await kit.commit([], [begin]);
    const records = [update(1, 31, row(1, { made: 'm1' }))];
    const staged = await kit.stage(records, 0);
    await kit.committer.commit({ ...staged, request: { ...staged.request, storedAs: () => 'accounts@next' } });
  }

  it('stays as it was until what was read again takes its place; its history goes with it or is put aside', async () => {
    await readAgain();
    expect(await kit.rows('SELECT account_id FROM silver.accounts ORDER BY 1')).toEqual([['1'], ['2']]);
    expect(await readRereads(kit.store.folder)).toMatchObject([{ signal: 's1', table: 'accounts', inPlace: false }]);
    await kit.commit([], [end(null)]);
    expect(await kit.rows('SELECT account_id, made FROM silver.accounts')).toEqual([['1', 'm1']]);
    expect(await readHolds(kit.store.folder)).toEqual([]);
    expect((await readSchemas(kit.store.folder)).get('accounts')?.columns).toHaveLength(4);
    expect(await kit.rows(`SELECT count(*) FROM _past."accounts@${kit.committer.commitId}"`)).toEqual([['2']]);
    expect(
      await kit.rows(`SELECT version, held FROM ops.table_schemas WHERE table_name = 'accounts' AND schema_json LIKE '%made%' ORDER BY 1`),
    ).toEqual([
      [2, true],
      [4, false],
    ]);
  });

  it('stays held when the re-snapshot fails, and is free after a DROP', async () => {
    await readAgain();
    await kit.commit([], [end('Debezium says SQL_EXCEPTION')]);
    expect(await readHolds(kit.store.folder)).toMatchObject([{ table: 'accounts', reason: 'made' }]);
    expect(await kit.rows('SELECT status FROM ops.rereads')).toEqual([['failed: Debezium says SQL_EXCEPTION']]);
    await kit.commit([], [{ kind: 'drop', table: 'accounts', seq: 40, ddl: 'DROP' }]);
    expect(await readHolds(kit.store.folder)).toEqual([]);
    expect(await kit.rows(`SELECT count(*) FROM duckdb_tables() WHERE schema_name = '_rows'`)).toEqual([['0']]);
  });

  it('is told from one that was taken into the running capture, also after its hold has changed and ended', async () => {
    const held = { table: 'late', ddl: '', code: 'LF_TABLE_HELD', reason: 'not read yet', schema: { ...ACCOUNTS, table: 'late' } } as const;
    await kit.commit([], [{ kind: 'hold', seq: 0, ...held }]);
    await kit.commit([], [{ kind: 'hold', seq: 12, ...held, reason: 'and changed' }]);
    await kit.commit([], [{ kind: 'hold', seq: 13, ...held, table: 'accounts' }]);
    expect(await readTakenIn(kit.store.folder)).toEqual(['late']);
    await kit.commit([], [{ kind: 'drop', table: 'late', seq: 40, ddl: 'DROP' }]);
    expect(await readTakenIn(kit.store.folder)).toEqual(['late']);
  });

  it('read again in place loses the rows that were not met', async () => {
    await kit.commit([create(1, 10), create(2, 11)]);
    await kit.commit([], [{ ...begin, schema: null }]);
    await kit.commit([
      { table: 'accounts', op: 'r', key: { account_id: 1 }, seq: 31, after: row(1), before: null, snapshot: 'incremental' },
    ]);
    await kit.commit([], [{ kind: 'reread-ended', table: 'accounts', seq: 30, signal: 's1', inPlace: true, failure: null }]);
    expect(await kit.rows('SELECT account_id FROM silver.accounts')).toEqual([['1']]);
    expect(await kit.rows('SELECT status FROM ops.rereads')).toEqual([['done']]);
  });

  it('read again for single rows loses only those of them that were not met', async () => {
    await kit.commit([create(1, 10), create(2, 11), create(3, 12)]);
    await kit.commit([], [{ ...begin, schema: null, keys: ['1', '2'] }]);
    expect((await readRereads(kit.store.folder))[0]?.keys).toEqual(['1', '2']);
    await kit.commit([
      { table: 'accounts', op: 'r', key: { account_id: 1 }, seq: 31, after: row(1), before: null, snapshot: 'incremental' },
    ]);
    const ended = { kind: 'reread-ended', table: 'accounts', seq: 30, signal: 's1', inPlace: true, failure: null } as const;
    await kit.commit([], [{ ...ended, keys: ['1', '2'] }]);
    expect(await kit.rows('SELECT account_id FROM silver.accounts ORDER BY 1')).toEqual([['1'], ['3']]);
    expect(await readRereads(kit.store.folder)).toEqual([]);
  });

  it('read again by a condition that nobody here knows loses nothing', async () => {
    await kit.commit([create(1, 10), create(2, 11)]);
    await kit.commit([], [{ ...begin, schema: null, keys: [] }]);
    await kit.commit([], [{ kind: 'reread-ended', table: 'accounts', seq: 30, signal: 's1', inPlace: true, keys: [], failure: null }]);
    expect(await kit.rows('SELECT account_id FROM silver.accounts ORDER BY 1')).toEqual([['1'], ['2']]);
  });
});
