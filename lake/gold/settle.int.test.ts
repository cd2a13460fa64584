// Pending changes and settled sums: readers see both at once, settling changes nothing they see, and its checks gate it.

import { describe, expect, test } from 'vitest';
import { GoldRefresher } from './refresh.ts';
import { differences, log, rows, startGold } from './testkit.ts';
import { FixtureStore } from './testkit-store.ts';
import { BankWorld } from './testkit-world.ts';

const PENDING = 'SELECT count(*) FROM _gold.changes_fct_ledger_entries';

describe('settling', () => {
  test('changes nothing that readers see, also after a restart with changes pending', async () => {
    await using stand = await startGold();
    const { store, gold, connection, refresh } = stand;
    const world = new BankWorld(21);
    await store.commit(world.opening());
    await refresh();
    for (let round = 0; round < 5; round += 1) await store.commit(world.batch());
    await refresh();
    expect(Number((await rows(connection, PENDING))[0]?.[0])).toBeGreaterThan(0);
    const seen = await rows(connection, 'SELECT * FROM gold.daily_account_balances ORDER BY ALL');
    const again = await GoldRefresher.open({ gold: await store.instance.connect() }, log);
    expect((await again.settle()).failures).toEqual([]);
    expect(await rows(connection, PENDING)).toEqual([['0']]);
    expect(await rows(connection, 'SELECT * FROM gold.daily_account_balances ORDER BY ALL')).toEqual(seen);
    expect(await rows(connection, 'SELECT * FROM _gold.daily_account_balances ORDER BY ALL')).toEqual(seen);
    expect(await differences(store)).toEqual([]);
    expect(gold.position).toEqual(again.position);
  });

  test('is due after some thousand changed rows', async () => {
    await using stand = await startGold();
    const { store, gold, refresh } = stand;
    const world = new BankWorld(22);
    await store.commit(world.opening());
    await refresh();
    expect(gold.settlingDue).toBe(false);
    const both = "SELECT 9, 9, 1001, 'CREDIT', 1, 'USD', NULL, DATE '2026-11-20', s FROM range(3000) r(i), (VALUES (1), (-1)) v(s)";
    await store.writer.run(`INSERT INTO _gold.changes_fct_ledger_entries ${both}`);
    const again = await GoldRefresher.open({ gold: await store.instance.connect() }, log);
    expect(again.settlingDue).toBe(true);
    await again.settle();
    expect(again.settlingDue).toBe(false);
    expect(await differences(store)).toEqual([]);
  });

  test('a settled row that is wrong holds gold when the next change meets it, and the pending changes stay', async () => {
    await using stand = await startGold();
    const { store, gold, connection, refresh } = stand;
    const world = new BankWorld(23);
    await store.commit(world.opening());
    await refresh();
    world.onlyToday = true;
    await store.writer.run('UPDATE _gold.daily_account_balances SET closing = closing + 1');
    await store.commit(world.posting());
    expect((await refresh()).status).toBe('refreshed');
    const held = await gold.settle();
    expect(held.status).toBe('held');
    expect(held.failures.map(({ check }) => check.name)).toEqual(['daily_balances_chain']);
    expect(await rows(connection, PENDING)).toEqual([['2']]);
    await store.commit(world.posting());
    expect((await refresh()).status).toBe('held');
    expect((await gold.rebuild()).status).toBe('refreshed');
    expect(await differences(store)).toEqual([]);
  });
});

test('tables of an earlier version of the models make room for views', async () => {
  await using store = await FixtureStore.open();
  await store.writer.run('CREATE TABLE gold.daily_volumes (day DATE); CREATE TABLE gold.dim_accounts (account_id BIGINT)');
  await store.writer.run('CREATE VIEW gold.dim_customers AS SELECT 1 AS customer_id');
  const gold = await GoldRefresher.open({ gold: await store.instance.connect() }, log);
  await store.commit(new BankWorld(24).opening());
  expect((await gold.refresh({ commitId: 1, gtid: null, phase: 'streaming' })).held).toEqual([]);
  expect(await differences(store)).toEqual([]);
});
