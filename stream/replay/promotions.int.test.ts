// Promotion of a replay that differs: rows that are wrong, missing or too many in the live store are taken over in one commit and published,
// what changed since stays, and a rollback brings back what was there.

import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { literal } from '../../infra/runtime/sql-text.ts';
import { GoldRefresher } from '../../lake/gold/refresh.ts';
import { publisherOf, testExtension } from '../../lake/publish/testkit-publisher.ts';
import type { Publisher } from '../../lake/publish/publisher.ts';
import { compareWithLake, type Compared } from '../../lake/replay/compare.ts';
import type { Replay } from '../../lake/replay/book.ts';
import { CREATE_ACCOUNTS, openTestStore, type KeyedChange, type TestStore } from '../../lake/store/testkit.ts';
import { Promotions } from './promotions.ts';

const ID = '0123456789ab';
const LOG = pino({ level: 'silent' });

function change(op: 'c' | 'u' | 'd', seq: number, [id, balance]: readonly [number, string]): KeyedChange {
  const image = { account_id: id, owner: `owner ${id}`, balance };
  return {
    table: 'accounts',
    op,
    seq,
    ord: 1,
    key: { account_id: id },
    before: op === 'c' ? null : image,
    after: op === 'd' ? null : image,
  };
}

let live: TestStore;
let shadow: TestStore;
let publisher: Publisher;
let refresher: GoldRefresher;
let promotions: Promotions;
let delta: Compared;
beforeAll(async () => {
  live = await openTestStore();
  await live.commit([], [CREATE_ACCOUNTS]);
  await live.commit([1, 2, 3, 4].map((id) => change('c', id, [id, `${id}.0000`])));
  await live.commit([change('u', 7, [2, '99.0000']), change('u', 8, [6, '6.0000'])]);
  publisher = await publisherOf(live, { goldModels: () => [] });
  refresher = await GoldRefresher.open({ gold: await live.store.connect() }, LOG);
  await refresher.refresh({ commitId: live.committer.commitId, gtid: null, phase: 'streaming' });
  await publisher.publishOnce();
  shadow = await openTestStore();
  await shadow.commit([], [CREATE_ACCOUNTS]);
  const right = [1, 2, 4].map((id) => change('c', id, [id, `${id}.0000`]));
  await shadow.commit([...right, change('c', 5, [5, '5.0000']), change('u', 7, [2, '2.5000']), change('u', 8, [4, '4.5000'])]);
  delta = await compared();
  await live.commit([change('u', 9, [4, '44.0000'])]); // after the replay's end
  promotions = await Promotions.open({
    ...{ connection: await live.store.connect(), refresher, fileOf: () => shadow.store.file },
    processor: {
      ...{ committer: live.committer, housekeeping: live.housekeeping },
      commitBetween: async (work) => (await work()).result,
    },
  });
});
afterAll(async () => {
  await promotions?.[Symbol.asyncDispose]();
  await refresher?.[Symbol.asyncDispose]();
  await publisher?.[Symbol.asyncDispose]();
  await live?.[Symbol.asyncDispose]();
});

/** What differs, found as the command finds it; then the shadow's store is closed. */
async function compared(): Promise<Compared> {
  const { writer } = shadow.store;
  await writer.run(`LOAD ${literal(await testExtension())}`);
  await writer.run(`ATTACH ${literal(`ducklake:${publisher.paths.readersCatalog}`)} AS lake (READ_ONLY)`);
  const found = await compareWithLake(writer, { layer: 'silver', table: 'accounts', keys: ['account_id'] });
  await shadow.housekeeping.settled();
  await shadow.store[Symbol.asyncDispose]();
  return found;
}

const SILVER = 'SELECT account_id, balance FROM silver.accounts ORDER BY account_id';
const published = (): Promise<unknown[][]> => live.rows(SILVER.replace('silver.', 'lake.silver.'));
const replay = (): Replay => ({
  ...{ id: ID, requestedBy: 'test', reason: 'a wrong balance', fromCommit: 0, toCommit: 3, gtid: null, messages: 6, versions: {} },
  deltas: [delta],
});
const numbers = (rows: unknown[][]): string[] => rows.map(([id, balance]) => `${String(id)}=${String(balance)}`);

describe('a promotion', () => {
  const before = ['1=1.0000', '2=99.0000', '3=3.0000', '4=44.0000', '6=6.0000'];
  const after = ['1=1.0000', '2=2.5000', '4=44.0000', '5=5.0000'];

  it('knows every row that differs from what was published', () => {
    expect(delta).toMatchObject({ rows: 4, added: 1, gone: 2, changed: 2, remark: null });
  });

  it('is refused while nothing was compared', async () => {
    await expect(promotions.promote(ID, 'test')).rejects.toThrow('there is no replay');
  });

  it('takes over what differs in one commit, leaves what changed since, and is published', async () => {
    await promotions.record(replay());
    expect(numbers(await live.rows(SILVER))).toEqual(before);
    const { commitId } = await promotions.promote(ID, 'test');
    expect(numbers(await live.rows(SILVER))).toEqual(after);
    expect(await live.rows('SELECT commit_id FROM ops.state')).toEqual([[String(commitId)]]);
    expect(await live.rows('SELECT commit_id FROM ops.gold_state')).toEqual([[String(commitId)]]);
    expect(await live.rows('SELECT count(*) - count(DISTINCT (account_id, _pos)) FROM silver.accounts_history')).toEqual([['0']]);
    await publisher.publishOnce();
    expect(numbers(await published())).toEqual(after);
    expect((await promotions.promote(ID, 'again')).commitId).toBe(commitId);
  });

  it('is put back by a rollback, but for what changed since', async () => {
    await live.commit([change('u', 10, [5, '5.7500'])]);
    await promotions.rollback(ID, 'test');
    const expected = ['1=1.0000', '2=99.0000', '3=3.0000', '4=44.0000', '5=5.7500', '6=6.0000'];
    expect(numbers(await live.rows(SILVER))).toEqual(expected);
    await publisher.publishOnce();
    expect(numbers(await published())).toEqual(expected);
    expect(await live.rows(`SELECT state, promoted_by, rolled_back_by FROM ops.replays`)).toEqual([['rolled_back', 'test', 'test']]);
    await expect(promotions.rollback(ID, 'test')).rejects.toThrow('only a promoted one');
  });

  it('leaves rows that later changes and folds find as any other', async () => {
    await live.commit([change('u', 11, [2, '11.0000']), change('d', 12, [3, '3.0000'])]);
    await live.housekeeping.fold(live.committer.commitId, live.committer.schemas);
    expect(numbers(await live.rows(SILVER))).toEqual(['1=1.0000', '2=11.0000', '4=44.0000', '5=5.7500', '6=6.0000']);
    expect(await live.rows('SELECT count(*) FROM _gone.accounts')).toEqual([['0']]);
  });
});
