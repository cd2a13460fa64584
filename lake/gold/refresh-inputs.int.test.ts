// Models wait for their tables, follow schema changes, are held one by one, and gold never goes back (G9).

import { describe, expect, test } from 'vitest';
import { rows, differences, startGold } from './testkit.ts';
import { BANK } from './testkit-tables.ts';
import { BankWorld } from './testkit-world.ts';

const REST = Object.keys(BANK).filter((table) => table !== 'customers' && table !== 'heartbeat');

describe('models and their inputs', () => {
  test('gold waits for the end of the snapshot, and a model for its tables', async () => {
    await using stand = await startGold(['customers', 'heartbeat']);
    const { store, gold, connection } = stand;
    await store.commit([{ table: 'heartbeat', op: 'c', row: { id: 1, beat: 1, beaten_at: '2026-11-20 00:00:00' } }]);
    expect((await gold.refresh({ commitId: 1, gtid: null, phase: 'snapshot' })).status).toBe('waiting');
    const first = await gold.refresh({ commitId: 1, gtid: null, phase: 'streaming' });
    expect([...first.rebuilt].sort()).toEqual(['customer_attributes', 'dim_customers_history', 'mcc_categories', 'pipeline_heartbeat']);
    expect(first.waiting.map(({ model }) => model)).toEqual(
      expect.arrayContaining([
        'account_attributes',
        'account_balances',
        'daily_account_balances',
        'daily_volumes',
        'dim_accounts',
        'fct_ledger_entries',
        'fct_transactions',
        'portfolio_value',
      ]),
    );
    for (const table of REST) await store.createTable(table);
    await store.commit(new BankWorld(1).opening());
    const second = await gold.refresh({
      commitId: 2,
      gtid: null,
      phase: 'streaming',
      told: new Map(['customers', ...REST].map((table) => [table, null])),
    });
    expect(second.waiting).toEqual([]);
    expect(await differences(store)).toEqual([]);
    expect(await rows(connection, 'SELECT DISTINCT status FROM ops.gold_models')).toEqual([['ready']]);
  });

  test('an added column changes nothing; a dropped one holds its model and what depends on it, until it is back', async () => {
    await using stand = await startGold();
    const { store, connection, refresh } = stand;
    const world = new BankWorld(2);
    await store.commit(world.opening());
    await refresh();
    await store.alter(
      'transactions',
      'ALTER TABLE _rows.transactions ADD COLUMN note VARCHAR; ALTER TABLE _past.transactions ADD COLUMN note VARCHAR',
    );
    await store.commit(world.batch());
    expect(await refresh()).toMatchObject({ status: 'refreshed', rebuilt: [], held: [] });
    await store.alter('transactions', 'ALTER TABLE _rows.transactions DROP COLUMN channel');
    await store.commit([{ table: 'heartbeat', op: 'u', row: { id: 1, beat: 99, beaten_at: '2026-11-20 00:00:00' } }]);
    const held = await refresh(new Map([['heartbeat', null]]));
    expect(held.status).toBe('refreshed');
    expect(held.held.map(({ model }) => model)).toEqual(
      expect.arrayContaining(['fct_transactions', 'daily_volumes', 'merchant_performance']),
    );
    expect(held.held.map(({ model }) => model)).not.toContain('account_balances');
    expect(held.held[0]?.reason).toContain('channel');
    expect(held.models).toContain('pipeline_heartbeat');
    await store.alter('transactions', 'ALTER TABLE _rows.transactions ADD COLUMN channel VARCHAR');
    await store.commit([]);
    const mended = await refresh();
    expect(mended.held).toEqual([]);
    expect(mended.rebuilt).toEqual(expect.arrayContaining(['fct_transactions', 'daily_volumes', 'merchant_performance']));
    expect(await differences(store)).toEqual([]);
    expect(await rows(connection, "SELECT status FROM ops.gold_models WHERE model = 'fct_transactions'")).toEqual([['ready']]);
  });

  test('gold refuses to go back (G9)', async () => {
    await using stand = await startGold();
    const { store, refresh } = stand;
    const world = new BankWorld(2);
    await store.commit(world.opening());
    await store.commit([]);
    await refresh();
    await store.writer.run('UPDATE ops.state SET commit_id = 1');
    await expect(refresh()).rejects.toMatchObject({ code: 'LF_GOLD_AHEAD' });
  });

  test('what did not change is not touched', async () => {
    await using stand = await startGold();
    const { store, refresh } = stand;
    await store.commit(new BankWorld(2).opening());
    await refresh();
    expect((await refresh()).status).toBe('unchanged');
    await store.commit([{ table: 'heartbeat', op: 'u', row: { id: 1, beat: 2, beaten_at: '2026-11-20 00:00:01' } }]);
    expect((await refresh(new Map([['heartbeat', null]]))).models).toEqual(['pipeline_heartbeat']);
  });
});
