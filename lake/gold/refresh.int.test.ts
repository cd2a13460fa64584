// Gold equals its models after any changes, and the checks gate what readers see (G6).

import { describe, expect, test } from 'vitest';
import type { TableChange } from '../store/commit-report.ts';
import { addTold } from './refresh-memory.ts';
import { GoldRefresher } from './refresh.ts';
import { differences, log, rows, startGold } from './testkit.ts';
import type { Change } from './testkit-store.ts';
import { BankWorld } from './testkit-world.ts';

describe('gold equals its models', () => {
  for (const seed of [1, 2, 3]) {
    test(`after random batches with late events, updates, deletes, folds and TRUNCATE, seed ${seed}`, async () => {
      await using stand = await startGold();
      const { store, gold, refresh, turns } = stand;
      const world = new BankWorld(seed);
      await store.commit(world.opening());
      expect((await refresh()).status).toBe('refreshed');
      for (let round = 0; round < 12; round += 1) {
        const told = new Map<string, TableChange | null>();
        world.onlyToday = round % 3 !== 0;
        for (let commits = 1 + world.below(3); commits > 0; commits -= 1) {
          if (world.chance(0.02)) {
            await store.truncate(world.truncateMoney());
            addTold(told, new Map(['transactions', 'ledger_entries'].map((table) => [table, null])));
            continue;
          }
          const changes = world.batch();
          await store.commit(changes);
          addTold(told, store.told);
          if (world.chance(0.2)) await store.fold(store.commitId - world.below(3));
        }
        const outcome = world.chance(0.2) ? await gold.settle() : await refresh(world.chance(0.2) ? undefined : told);
        expect(outcome.failures.map(({ check, observed }) => `${check.name} ${observed}`)).toEqual([]);
        expect(outcome.status === 'refreshed' && outcome.commitId === store.commitId).toBe(true);
        const turned = round % 4 === 3; // a turn takes in several refreshes
        if (turned) expect((await turns.turn())?.commitId).toBe(store.commitId);
        expect(await differences(store, turned)).toEqual([]);
      }
      expect((await gold.verify()).failures).toEqual([]);
    });
  }

  test('after a restart in the middle, and after a rebuild', async () => {
    await using stand = await startGold();
    const { store, gold, refresh } = stand;
    const world = new BankWorld(77);
    await store.commit(world.opening());
    await refresh();
    await store.commit(world.batch());
    await store.commit(world.batch());
    await store.fold();
    const again = await GoldRefresher.open({ gold: await store.instance.connect() }, log);
    expect(again.position.commitId).toBe(gold.position.commitId);
    const outcome = await again.refresh({ commitId: store.commitId, gtid: null, phase: 'streaming' });
    expect(outcome.rebuilt).toEqual([]);
    expect(await differences(store)).toEqual([]);
    const { rebuilt } = await again.rebuild('fct_ledger_entries');
    expect(rebuilt).toEqual(expect.arrayContaining(['fct_ledger_entries', 'account_balances', 'daily_account_balances', 'dim_accounts']));
    expect(rebuilt).not.toContain('fct_transactions');
    expect(await differences(store)).toEqual([]);
  });
});

describe('the gate', () => {
  test('unbalanced entries hold gold, the last good gold stays, and it is released by itself when they are mended (G6)', async () => {
    await using stand = await startGold();
    const { store, connection, refresh } = stand;
    const world = new BankWorld(5);
    await store.commit(world.opening());
    await refresh();
    const before = await rows(connection, 'SELECT * FROM gold.daily_account_balances ORDER BY ALL');
    const [transaction, credit, debit] = world.posting('10.0000');
    await store.commit([transaction!, credit!, { ...debit!, row: { ...debit!.row, amount: '9.0000' } }]);
    const held = await refresh();
    expect(held.status).toBe('held');
    expect(held.failures.map(({ check }) => check.name)).toContain('entries_sum_to_zero');
    await store.commit(world.batch());
    expect((await refresh()).status).toBe('held');
    expect(await rows(connection, 'SELECT * FROM gold.daily_account_balances ORDER BY ALL')).toEqual(before);
    const [state] = await rows(connection, 'SELECT commit_id, held_since IS NOT NULL, held_reason FROM ops.gold_state');
    expect(state?.slice(0, 2)).toEqual(['1', true]);
    expect(String(state?.[2])).toContain(String(transaction!.row['transaction_id']));
    const silver = await rows(connection, 'SELECT count(*) FROM silver.ledger_entries');
    expect(Number(silver[0]?.[0])).toBeGreaterThan(0);
    expect(await rows(connection, "SELECT passed FROM ops.checks WHERE check_name = 'entries_sum_to_zero' ORDER BY checked_at")).toEqual([
      [true],
      [false],
    ]);

    await store.commit([{ ...debit!, op: 'u' }]);
    const released = await refresh();
    expect(released.status).toBe('refreshed');
    expect(released.commitId).toBe(store.commitId);
    expect(await differences(store)).toEqual([]);
    expect(await rows(connection, 'SELECT held_since, held_reason FROM ops.gold_state')).toEqual([[null, null]]);
    expect(await rows(connection, "SELECT passed FROM ops.checks WHERE check_name = 'entries_sum_to_zero' ORDER BY checked_at")).toEqual([
      [true],
      [false],
      [true],
    ]);
  });

  test.each([
    ['a posted transaction without entries', 'posted_has_entries', (world: BankWorld): Change[] => world.posting('3.0000').slice(0, 1)],
    [
      'an entry of an unknown account',
      'accounts_resolve',
      (world: BankWorld): Change[] => world.posting('3.0000').map((change) => ({ ...change, row: { ...change.row, account_id: 424242 } })),
    ],
    [
      'an entry in a foreign currency',
      'accounts_resolve',
      (world: BankWorld): Change[] => world.posting('3.0000').map((change) => ({ ...change, row: { ...change.row, currency: 'INR' } })),
    ],
    ['a removed account', 'accounts_resolve', (world: BankWorld): Change[] => [world.removedAccount()]],
  ])('%s is held by %s', async (_, check, breach) => {
    await using stand = await startGold();
    const { store, refresh } = stand;
    const world = new BankWorld(9);
    await store.commit(world.opening());
    await refresh();
    await store.commit(breach(world));
    const outcome = await refresh();
    expect(outcome.status).toBe('held');
    expect(outcome.failures.map((failure) => failure.check.name)).toContain(check);
  });

  test('a thorough check finds what no refresh could see, and holds gold', async () => {
    await using stand = await startGold();
    const { store, gold, connection, refresh } = stand;
    await store.commit(new BankWorld(4).opening());
    await refresh();
    expect((await gold.verify()).status).toBe('refreshed');
    await store.writer.run('UPDATE gold.fct_ledger_entries SET amount = amount + 1 WHERE entry_id = 1');
    const outcome = await gold.verify();
    expect(outcome.status).toBe('held');
    expect(outcome.failures.map(({ check }) => check.name)).toEqual(['entries_sum_to_zero', 'fct_ledger_entries_complete']);
    expect((await gold.rebuild()).status).toBe('refreshed');
    expect(await rows(connection, 'SELECT held_since FROM ops.gold_state')).toEqual([[null]]);
  });

  test('the record of checks stays small', async () => {
    await using stand = await startGold();
    const { store, connection, refresh } = stand;
    const world = new BankWorld(3);
    await store.commit(world.opening());
    for (let round = 0; round < 10; round += 1) {
      await store.commit(world.batch());
      await refresh();
    }
    expect(await rows(connection, 'SELECT max(n) FROM (SELECT count(*) AS n FROM ops.checks GROUP BY check_name)')).toEqual([['1']]);
  });
});
