// Gold in the transactions of commits: the same as by refreshes, and whatever is out of the ordinary is left to a refresh.

import { describe, expect, test } from 'vitest';
import type { GoldJoin } from './join.ts';
import { differences, rows, startGold, type GoldStand } from './testkit.ts';
import { BankWorld } from './testkit-world.ts';

async function joinedGold(seed: number): Promise<GoldStand & { readonly join: GoldJoin; readonly world: BankWorld }> {
  const stand = await startGold();
  const world = new BankWorld(seed);
  await stand.store.commit(world.opening());
  expect((await stand.refresh()).status).toBe('refreshed');
  const join = await stand.gold.joining(stand.store.writer);
  stand.store.follower = join;
  return { ...stand, join, world };
}

const GOLD_COMMIT = 'SELECT commit_id FROM ops.gold_state';

describe('a commit that gold joins', () => {
  for (const seed of [11, 12]) {
    test(`leaves gold equal to its models, also between refreshes, folds, settlings and TRUNCATE, seed ${seed}`, async () => {
      await using stand = await joinedGold(seed);
      const { store, gold, refresh, world } = stand;
      for (let round = 0; round < 25; round += 1) {
        world.onlyToday = round % 3 !== 0;
        if (round % 11 === 10) await store.truncate(world.truncateMoney());
        else await store.commit(world.batch());
        if (world.chance(0.2)) await store.fold(store.commitId - world.below(3));
        if (gold.position.commitId !== store.commitId) expect((await refresh()).status).toBe('refreshed');
        if (world.chance(0.1)) await gold.settle();
        expect(await differences(store)).toEqual([]);
      }
      expect(store.joinedCommits.length).toBeGreaterThan(0);
      expect((await gold.verify()).failures).toEqual([]);
    });
  }

  test('shows gold at its position, and says what it did', async () => {
    await using stand = await joinedGold(5);
    const { store, join, gold, world } = stand;
    const commit = await store.commit(world.posting());
    expect(store.joinedCommits).toEqual([commit]);
    expect(await rows(store.writer, GOLD_COMMIT)).toEqual([[String(commit)]]);
    expect(gold.position).toEqual({ commitId: commit, gtid: `uuid:1-${commit}` });
    expect(join.lastOutcome).toMatchObject({ status: 'refreshed', commitId: commit, failures: [], rebuilt: [] });
  });

  test('is committed without gold when a check fails, and gold is held by the refresh behind it (G6)', async () => {
    await using stand = await joinedGold(6);
    const { store, refresh, world } = stand;
    const before = await rows(store.writer, GOLD_COMMIT);
    const unbalanced = world.posting().filter(({ table }, index, all) => table !== 'ledger_entries' || all[index + 1]?.table === table);
    const commit = await store.commit(unbalanced);
    expect(store.joinedCommits).toEqual([]);
    expect(await rows(store.writer, 'SELECT commit_id FROM ops.state')).toEqual([[String(commit)]]);
    expect(await rows(store.writer, GOLD_COMMIT)).toEqual(before);
    expect((await refresh(store.told)).status).toBe('held');
    await store.commit(world.posting());
    expect(store.joinedCommits).toEqual([]);
  });

  test('goes on without gold while a refresh is under way, and behind a commit that gold has not seen', async () => {
    await using stand = await joinedGold(7);
    const { store, join, gold, refresh, world } = stand;
    const verifying = gold.verify();
    await store.commit(world.posting());
    expect((await verifying).failures).toEqual([]);
    expect(store.joinedCommits).toEqual([]);
    await refresh();
    store.follower = null;
    await store.commit(world.posting());
    store.follower = join;
    await store.commit(world.posting());
    expect(store.joinedCommits).toEqual([]);
    expect((await refresh()).commitId).toBe(store.commitId);
    await store.commit(world.posting());
    expect(store.joinedCommits).toEqual([store.commitId]);
    expect(await differences(store)).toEqual([]);
  });
});
