// The published files are compared with the store only where the store still knows what it published.

import { afterEach, expect, it } from 'vitest';
import type { ControlAction } from '../store/batch.ts';
import { ACCOUNTS, CREATE_ACCOUNTS, openTestStore, type TestStore } from '../store/testkit.ts';
import type { SourceSnapshot, StoreReader } from './ports.ts';
import { VerifySessions, type Standing } from './sessions.ts';
import type { Side } from './side.ts';
import { verify } from './verify.ts';

const UUID = 'df9fbc14-e59a-11f1-91fd-02fc00000001';

let store: TestStore | null = null;
afterEach(async () => {
  await store?.[Symbol.asyncDispose]();
  store = null;
});

const sideOf = (digest: bigint): Side => ({
  buckets: () => Promise.resolve([{ bucket: '0', rows: 1, digest }]),
  rows: () => Promise.resolve([['1', String(digest)]]),
  cells: () => Promise.resolve([['1', '1', 'o', String(digest)]]),
});
const nothing = (): Promise<void> => Promise.resolve();

/** MySQL and the store agree at transaction 40; the lake has other rows, published from commit 4. */
function verifyWith(standing: Standing): ReturnType<typeof verify> {
  const side = sideOf(2n);
  const snapshot = {
    ...{ ...side, serverUuid: UUID, seq: 40, gtid: `${UUID}:40`, version: '9', tables: [{ schema: ACCOUNTS, columnTypes: [] }] },
    ...{ extent: () => Promise.resolve({ rows: 1, keys: null }), hidden: () => new Map(), sideOf: () => side },
    ...{ query: () => Promise.resolve([]), relationOf: () => ({}), [Symbol.asyncDispose]: nothing },
  } as unknown as SourceSnapshot;
  const reader: StoreReader = { begin: () => Promise.resolve({ standing, at: () => side, [Symbol.asyncDispose]: nothing }) };
  const lake = {
    ...{ commitId: 4, gtid: `${UUID}:30`, side: sideOf(1n), [Symbol.asyncDispose]: nothing },
    tables: new Map([['accounts', new Set(ACCOUNTS.columns.map(({ name }) => name))]]),
  };
  const source = { snapshot: () => Promise.resolve(snapshot) };
  return verify({ source, store: reader, lake: () => Promise.resolve(lake), tables: null });
}

it('a table that was read anew since the last publication is unproven there, not different', async () => {
  const opened = (store = await openTestStore());
  await opened.commit([], [CREATE_ACCOUNTS]);
  const hold: ControlAction = { kind: 'hold', table: 'accounts', seq: 20, ddl: '', code: 'LF_TABLE_HELD', reason: '', schema: ACCOUNTS };
  const reread = { table: 'accounts', seq: 21, signal: 's', keys: null } as const;
  const standingNow = async (): Promise<Standing> => {
    await using sessions = new VerifySessions(() => opened.store.connect(), { sessionsMax: 1, sessionMsMax: 60_000 });
    return { ...(await sessions.begin(-1, 0)), serverUuid: UUID };
  };
  expect((await standingNow()).tables).toMatchObject([{ table: 'accounts', held: false, replacedAt: -1 }]);
  await opened.commit([], [hold, { kind: 'reread', ...reread, schema: ACCOUNTS }]);
  await opened.commit([], [{ kind: 'reread-ended', ...reread, inPlace: false, failure: null }]);
  const [table] = (await standingNow()).tables;
  expect(table).toMatchObject({ held: false, replacedAt: opened.committer.commitId });

  const told = async (replacedAt: number): Promise<string[]> => {
    const standing = await standingNow();
    const { outcomes } = await verifyWith({ ...standing, tables: standing.tables.map((one) => ({ ...one, replacedAt })) });
    return outcomes.map(({ layer, status, reason }) => `${layer} ${status}: ${reason ?? ''}`);
  };
  expect(await told(5)).toEqual(['store equal: ', 'lake unproven: it was read anew since the last publication']);
  expect(await told(4)).toEqual(['store equal: ', expect.stringMatching(/^lake different/)]);
});
