// Corrected records: kept with their trace, refused at another place, and after the re-drive the state is the one without the fault.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageDecoder } from '../../cdc/codec/message-decoder.ts';
import { CREATE_ACCOUNTS, openTestStore, type KeyedChange, type TestStore } from '../../lake/store/testkit.ts';
import { editParked } from './edit.ts';
import { ParkedDecoder } from './parked-decoder.ts';
import { redrive } from './redrive.ts';

const BY = { by: 'tester@here', reason: 'a typing error' };
let faulty: TestStore;
let sound: TestStore;
beforeEach(async () => {
  [faulty, sound] = [await openTestStore(), await openTestStore()];
});
afterEach(async () => {
  await Promise.all([faulty[Symbol.asyncDispose](), sound[Symbol.asyncDispose]()]);
});

const change = (op: 'c' | 'u' | 'd', id: number, seq: number, balance: string): KeyedChange => {
  const row = { account_id: id, owner: `owner ${seq}`, balance };
  return { table: 'accounts', op, key: { account_id: id }, ...(op === 'd' ? { before: row } : { after: row }), seq };
};

/** Row 1 is created, changed wrongly, changed again; row 2 is made wrongly and goes; row 3 has nothing to do with it. */
const history = (broken: string): KeyedChange[] => [
  change('c', 1, 10, '1.0000'),
  change('u', 1, 11, broken),
  change('c', 3, 12, '3.0000'),
  change('u', 1, 13, '4.0000'),
  change('c', 2, 14, broken),
  change('u', 2, 15, '9.0000'),
];

const state = async (store: TestStore): Promise<unknown[][]> => [
  ...(await store.rows('FROM silver.accounts ORDER BY account_id')),
  ...(await store.rows('SELECT * EXCLUDE (_commit) FROM silver.accounts_history ORDER BY account_id, _pos')),
];

async function redriveAll(store: TestStore): Promise<{ redriven: number; failing: readonly unknown[] }> {
  const decoder = new ParkedDecoder(new MessageDecoder(null));
  const parts = { store: store.store, committer: store.committer, book: store.parked, unsupported: new Map<string, string>(), decoder };
  return (await redrive(parts, { choice: {}, discard: false, by: BY.by, reason: null })).result;
}

describe('an edit', () => {
  it('and a re-drive leave the state that there would be without the fault, whatever came meanwhile', async () => {
    await sound.commit(history('2.5000'), [CREATE_ACCOUNTS]);
    await faulty.commit([], [CREATE_ACCOUNTS]);
    for (const one of history('much')) await faulty.commit([one]);
    expect((await faulty.rows('SELECT status FROM ops.parked ORDER BY parked_id')).flat()).toEqual([
      'parked',
      'waiting',
      'parked',
      'waiting',
    ]);
    expect(await state(faulty)).not.toEqual(await state(sound));
    for (const [id, value] of await faulty.rows(`SELECT parked_id, decode(value) FROM ops.parked WHERE status = 'parked'`))
      await editParked(faulty.store.writer, { id: Number(id), value: String(value).replace('much', '2.5000'), ...BY });
    expect(await redriveAll(faulty)).toMatchObject({ redriven: 4, failing: [] });
    expect(await state(faulty)).toEqual(await state(sound));
    const edits = await faulty.rows(
      `SELECT edited_by, reason, contains(decode(value_before), 'much'), contains(decode(value_after), 'much') FROM ops.parked_edits`,
    );
    expect(edits).toEqual([
      [BY.by, BY.reason, true, false],
      [BY.by, BY.reason, true, false],
    ]);
  });

  it('is refused at another place, of another kind, of no JSON, and of what is not parked', async () => {
    await faulty.commit([change('c', 1, 10, '1.0000'), change('u', 1, 11, 'much')], [CREATE_ACCOUNTS]);
    const [[id, value]] = (await faulty.rows('SELECT parked_id, decode(value) FROM ops.parked')) as [[string, string]];
    const refuse = (text: string): Promise<void> =>
      expect(editParked(faulty.store.writer, { id: Number(id), value: text, ...BY })).rejects.toMatchObject({ code: 'LF_PARKED_EDIT' });
    await refuse(value.replace('"u"', '"c"'));
    await refuse(value.replace('"table":"accounts"', '"table":"customers"'));
    await refuse('{');
    const other = { id: Number(id), value: value.replace('owner 11', 'Zoë'), ...BY };
    await expect(editParked(faulty.store.writer, other, () => new Set(['owner']))).rejects.toThrow(/the column owner has a policy/);
    await expect(editParked(faulty.store.writer, { id: 99, value, ...BY })).rejects.toMatchObject({ code: 'LF_PARKED_UNKNOWN' });
  });
});
