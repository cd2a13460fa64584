// Re-driving and discarding in a real store: order, newest wins, partial success, what the books say afterwards.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageDecoder } from '../../cdc/codec/message-decoder.ts';
import { ACCOUNTS, CREATE_ACCOUNTS, openTestStore, type KeyedChange, type TestStore } from '../../lake/store/testkit.ts';
import { ParkedDecoder } from './parked-decoder.ts';
import { redrive, type Choice, type RedriveResult } from './redrive.ts';

let kit: TestStore;
const row = (id: number, owner: string, balance = '1.0000'): object => ({ account_id: id, owner, balance });
const change = (op: 'c' | 'u' | 'd', id: number, seq: number, owner: string): KeyedChange => ({
  table: 'accounts',
  op,
  key: { account_id: id },
  ...(op === 'd' ? { before: row(id, owner) } : { after: row(id, owner) }),
  seq,
});
const bad = (id: number, seq: number, balance = 'much'): KeyedChange => ({
  ...change('u', id, seq, 'bad'),
  after: row(id, 'bad', balance),
});
const live = (): Promise<unknown[][]> => kit.rows('SELECT account_id, owner FROM silver.accounts ORDER BY account_id');
const statuses = (): Promise<unknown[][]> => kit.rows('SELECT parked_id, status FROM ops.parked ORDER BY parked_id');
const unsupported = new Map<string, string>();

async function run(choice: Choice, discard: string | null = null): Promise<RedriveResult> {
  const parts = {
    store: kit.store,
    committer: kit.committer,
    book: kit.parked,
    unsupported,
    decoder: new ParkedDecoder(new MessageDecoder(null)),
  };
  return (await redrive(parts, { choice, discard: discard !== null, by: 'tester@here', reason: discard })).result;
}

/** The balance becomes text: what was no decimal fits from now on. */
const WIDENED = {
  ...CREATE_ACCOUNTS,
  seq: 50,
  ddl: 'ALTER TABLE accounts MODIFY balance VARCHAR(40)',
  schema: {
    ...ACCOUNTS,
    columns: ACCOUNTS.columns.map((one) => (one.name === 'balance' ? { ...one, typeName: 'VARCHAR', length: 40, scale: null } : one)),
  },
};

beforeEach(async () => {
  kit = await openTestStore();
  await kit.commit([change('c', 1, 10, 'one'), change('c', 2, 11, 'two')], [CREATE_ACCOUNTS]);
});
afterEach(async () => {
  unsupported.clear();
  await kit[Symbol.asyncDispose]();
});

describe('redrive', () => {
  it("applies a key's records in source order, in one commit, once their cause is mended", async () => {
    await kit.commit([bad(1, 12), change('u', 1, 13, 'b')]);
    await kit.commit([change('u', 1, 14, 'c')]);
    await kit.commit([], [WIDENED]);
    const before = kit.committer.commitId;
    expect(await run({ table: 'accounts' })).toEqual({ commitId: before + 1, redriven: 3, discarded: 0, failing: [], remaining: 0 });
    expect(await live()).toEqual([
      ['1', 'c'],
      ['2', 'two'],
    ]);
    expect(await kit.rows('SELECT owner, _pos >> 24, _commit FROM silver.accounts_history WHERE account_id = 1 ORDER BY _pos')).toEqual([
      ['one', '10', '1'],
      ['bad', '12', String(before + 1)],
      ['b', '13', String(before + 1)],
      ['c', '14', String(before + 1)],
    ]);
    expect(await kit.commit([change('u', 1, 60, 'flows again')])).toMatchObject({ applied: 1, parked: 0 });
    expect(await live()).toEqual([
      ['1', 'flows again'],
      ['2', 'two'],
    ]);
  });

  it('stops a key at the first record that still fails and says why; other keys go on', async () => {
    await kit.commit([
      bad(1, 12),
      change('u', 1, 13, 'b'),
      bad(1, 14, 'more'),
      change('u', 1, 15, 'c'),
      bad(2, 16),
      change('u', 2, 17, 'b'),
    ]);
    await run({ ids: [1] }, 'no such amount');
    expect(await statuses()).toEqual([
      ['1', 'discarded'],
      ['2', 'redriven'],
      ['3', 'parked'],
      ['4', 'waiting'],
      ['5', 'parked'],
      ['6', 'waiting'],
    ]);
    const { failing, redriven } = await run({});
    expect(redriven).toBe(0);
    expect(failing).toEqual([
      expect.objectContaining({ id: 3, reason: 'LF_RECORD_UNCONVERTIBLE', detail: expect.stringContaining('more') as string, behind: 1 }),
      expect.objectContaining({ id: 5, behind: 1 }),
    ]);
    expect(await live()).toEqual([
      ['1', 'b'],
      ['2', 'two'],
    ]);
    expect(await kit.commit([change('u', 1, 18, 'd')])).toMatchObject({ parked: 1 });
  });

  it('takes the whole key along when a follower is chosen', async () => {
    await kit.commit([bad(1, 12), change('u', 1, 13, 'b')]);
    expect(await run({ ids: [2] })).toMatchObject({ redriven: 0, failing: [{ id: 1, behind: 1 }] });
  });

  it('reads a record in the shape its table had when it was written', async () => {
    const level = { ...ACCOUNTS.columns[0]!, name: 'level', typeName: 'INT', position: 4, nullable: false, defaultValue: '7' };
    await kit.commit([bad(1, 12), change('u', 1, 13, 'old shape')]);
    const reshape = { renamed: new Map<string, string>(), values: new Map([['level', '7']]), rekey: false };
    await kit.commit(
      [],
      [{ ...CREATE_ACCOUNTS, seq: 20, ddl: 'ALTER', schema: { ...ACCOUNTS, columns: [...ACCOUNTS.columns, level] }, reshape }],
    );
    expect(await run({ ids: [1] }, 'bad amount')).toMatchObject({ redriven: 1, discarded: 1, failing: [] });
    expect(await kit.rows('SELECT owner, level FROM silver.accounts WHERE account_id = 1')).toEqual([['old shape', 7]]);
  });

  it('never shows an older version than the one that is there, folded away or not', async () => {
    await kit.commit([bad(1, 12)]);
    await kit.commit([], [WIDENED]);
    await kit.store.folder.run(`UPDATE ops.parked SET key = '{"account_id":3}'::BLOB`); // as if it had not been known to wait
    await kit.parked.reload(kit.store.writer);
    await kit.commit([change('u', 1, 60, 'newer')]);
    expect(await run({})).toMatchObject({ redriven: 1 });
    expect(await live()).toEqual([
      ['1', 'newer'],
      ['2', 'two'],
    ]);
  });

  it('does not bring a row back that was deleted later', async () => {
    await kit.commit([bad(1, 12)]);
    await kit.commit([], [WIDENED]);
    await kit.store.folder.run(`UPDATE ops.parked SET key = '{"account_id":3}'::BLOB`);
    await kit.parked.reload(kit.store.writer);
    await kit.commit([change('d', 1, 60, 'one')]);
    await kit.housekeeping.fold(kit.committer.commitId, kit.committer.schemas);
    expect(await run({})).toMatchObject({ redriven: 1 });
    expect(await live()).toEqual([['2', 'two']]);
    await kit.housekeeping.fold(kit.committer.commitId, kit.committer.schemas);
    expect(await live()).toEqual([['2', 'two']]);
  });

  it('applies both records of a key change or neither', async () => {
    const from = { ...change('d', 1, 12, 'one'), ord: 1, headers: { '__debezium.newkey': '{"account_id":9}' } };
    const to = { ...bad(9, 12), op: 'c' as const, ord: 2, headers: { '__debezium.oldkey': '{"account_id":1}' } };
    await kit.commit([from, to]);
    expect(await run({ ids: [1] })).toMatchObject({ redriven: 0, failing: [{ id: 2 }] });
    await kit.commit([], [WIDENED]);
    expect(await run({ ids: [1] })).toMatchObject({ redriven: 2, failing: [] });
    expect(await live()).toEqual([
      ['2', 'two'],
      ['9', 'bad'],
    ]);
  });

  it('applies records of a table that could not be carried once it can', async () => {
    unsupported.set('accounts', 'column x cannot be carried');
    await kit.commit([bad(1, 12)]);
    expect(await run({})).toMatchObject({ redriven: 0, failing: [{ id: 1, detail: 'column x cannot be carried' }] });
    unsupported.clear();
    await kit.commit([], [WIDENED]);
    expect(await run({})).toMatchObject({ redriven: 1 });
  });

  it('keeps the account: applied and re-driven are the versions of silver, every parked record has one end', async () => {
    await kit.commit([bad(1, 12), change('u', 1, 13, 'b'), bad(2, 14), change('u', 2, 15, 'b')]);
    await run({ ids: [1] }, 'gone');
    expect(
      await kit.rows(`SELECT (SELECT sum(applied) FROM ops.commits) + (SELECT sum(redriven) FROM ops.redrives) - (SELECT count(*) FROM silver.accounts_history),
        (SELECT sum(parked) FROM ops.commits) - (SELECT count(*) FROM ops.parked), (SELECT count(*) FROM ops.commits WHERE bronze_rows <> applied + duplicates + tombstones + control + parked)`),
    ).toEqual([['0', '0', '0']]);
    expect(await kit.rows('SELECT redriven, discarded, requested_by, reason FROM ops.redrives')).toEqual([
      ['1', '1', 'tester@here', 'gone'],
    ]);
    expect(await kit.rows(`SELECT resolved_by, resolution FROM ops.parked WHERE status = 'discarded'`)).toEqual([['tester@here', 'gone']]);
  });

  it('refuses numbers that are not open, by name', async () => {
    await kit.commit([bad(1, 12)]);
    await expect(run({ ids: [1, 77] })).rejects.toMatchObject({
      code: 'LF_PARKED_UNKNOWN',
      message: expect.stringContaining('77') as string,
    });
    await expect(run({ table: 'nowhere' })).rejects.toMatchObject({ code: 'LF_PARKED_UNKNOWN' });
  });
});
