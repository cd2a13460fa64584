import type { DuckDBConnection } from '@duckdb/node-api';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { FixtureStore, type Change } from './bank-fixture.ts';
import { BankWorld } from './bank-world.ts';
import { loadModels } from './model.ts';
import { GoldRefresher } from './refresh.ts';
import type { GoldOutcome } from './outcome.ts';

const log = pino({ level: 'silent' });
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

async function start(tables?: readonly string[]): Promise<{
  store: FixtureStore;
  gold: GoldRefresher;
  connection: DuckDBConnection;
  refresh: (touched?: Set<string>) => Promise<GoldOutcome>;
}> {
  const store = await FixtureStore.open(':memory:', tables);
  open.push(store);
  const connection = await store.instance.connect();
  const gold = await GoldRefresher.open({ gold: connection }, log);
  const refresh = (touched?: Set<string>): Promise<GoldOutcome> =>
    gold.refresh({
      commitId: store.commitId,
      gtid: `uuid:1-${store.commitId}`,
      phase: 'streaming',
      ...(touched === undefined ? {} : { touched }),
    });
  return { store, gold, connection, refresh };
}

async function rows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

/** Differences between every model's table and its SELECT over the same snapshot, both ways. */
async function differences(store: FixtureStore): Promise<string[]> {
  const found: string[] = [];
  for (const model of loadModels()) {
    const columns = model.columns.map((column) => `CAST(${column.name} AS ${column.type})`).join(', ');
    const table = `SELECT ${columns} FROM gold.${model.name}`;
    const select = `SELECT ${columns} FROM (${model.sql})`;
    const sql = `SELECT 'table' AS side, * FROM (${table} EXCEPT ALL ${select}) UNION ALL SELECT 'select', * FROM (${select} EXCEPT ALL ${table})`;
    for (const row of await rows(store.writer, sql)) found.push(`${model.name}: ${JSON.stringify(row)}`);
  }
  return found;
}

describe('gold equals its models', () => {
  for (const seed of [1, 2, 3]) {
    test(`after random batches with late events, updates, deletes, folds and TRUNCATE, seed ${seed}`, async () => {
      const { store, gold, refresh } = await start();
      const world = new BankWorld(seed);
      await store.commit(world.opening());
      expect((await refresh()).status).toBe('refreshed');
      for (let round = 0; round < 20; round += 1) {
        const touched = new Set<string>();
        world.onlyToday = round % 3 !== 0;
        for (let commits = 1 + world.below(3); commits > 0; commits -= 1) {
          if (world.chance(0.02)) {
            await store.truncate(world.truncateMoney());
            for (const table of ['transactions', 'ledger_entries']) touched.add(table);
            continue;
          }
          const changes = world.batch();
          for (const change of changes) touched.add(change.table);
          await store.commit(changes);
          if (world.chance(0.2)) await store.fold(store.commitId - world.below(3));
        }
        const outcome = await refresh(world.chance(0.2) ? undefined : touched);
        expect(outcome.failures.map(({ check, observed }) => `${check.name} ${observed}`)).toEqual([]);
        expect(outcome.status === 'refreshed' && outcome.commitId === store.commitId).toBe(true);
        expect(await differences(store)).toEqual([]);
      }
      expect((await gold.verify()).failures).toEqual([]);
    });
  }

  test('after a restart in the middle, and after a rebuild', async () => {
    const { store, gold, refresh } = await start();
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
    expect((await again.rebuild('fct_ledger_entries')).rebuilt).toEqual(['fct_ledger_entries', 'daily_account_balances', 'dim_accounts']);
    expect(await differences(store)).toEqual([]);
  });
});

describe('the gate', () => {
  test('unbalanced entries hold gold, the last good gold stays, and it is released by itself when they are mended (G6)', async () => {
    const { store, connection, refresh } = await start();
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
    const { store, refresh } = await start();
    const world = new BankWorld(9);
    await store.commit(world.opening());
    await refresh();
    await store.commit(breach(world));
    const outcome = await refresh();
    expect(outcome.status).toBe('held');
    expect(outcome.failures.map((failure) => failure.check.name)).toContain(check);
  });

  test('a thorough check finds what no refresh could see, and holds gold', async () => {
    const { store, gold, connection, refresh } = await start();
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
    const { store, connection, refresh } = await start();
    const world = new BankWorld(3);
    await store.commit(world.opening());
    for (let round = 0; round < 10; round += 1) {
      await store.commit(world.batch());
      await refresh();
    }
    expect(await rows(connection, 'SELECT max(n) FROM (SELECT count(*) AS n FROM ops.checks GROUP BY check_name)')).toEqual([['1']]);
  });
});

describe('models and their inputs', () => {
  test('gold waits for the end of the snapshot, and a model for its tables', async () => {
    const { store, gold, connection } = await start(['customers', 'heartbeat']);
    await store.commit([{ table: 'heartbeat', op: 'c', row: { id: 1, beat: 1, beaten_at: '2026-11-20 00:00:00' } }]);
    expect((await gold.refresh({ commitId: 1, gtid: null, phase: 'snapshot' })).status).toBe('waiting');
    const first = await gold.refresh({ commitId: 1, gtid: null, phase: 'streaming' });
    expect(first.rebuilt).toEqual(['dim_customers', 'pipeline_heartbeat']);
    expect(first.waiting.map(({ model }) => model).sort()).toEqual([
      'daily_account_balances',
      'daily_volumes',
      'dim_accounts',
      'fct_ledger_entries',
      'fct_transactions',
    ]);
    for (const table of ['accounts', 'transactions', 'ledger_entries']) await store.createTable(table);
    await store.commit(new BankWorld(1).opening());
    const second = await gold.refresh({
      commitId: 2,
      gtid: null,
      phase: 'streaming',
      touched: new Set(['customers', 'accounts', 'transactions', 'ledger_entries']),
    });
    expect(second.waiting).toEqual([]);
    expect(await differences(store)).toEqual([]);
    expect(await rows(connection, 'SELECT DISTINCT status FROM ops.gold_models')).toEqual([['ready']]);
  });

  test('an added column changes nothing; a dropped one holds its model and what depends on it, until it is back', async () => {
    const { store, connection, refresh } = await start();
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
    const held = await refresh(new Set(['heartbeat']));
    expect(held.status).toBe('refreshed');
    expect(held.held.map(({ model }) => model)).toEqual(['fct_transactions', 'daily_volumes']);
    expect(held.held[0]?.reason).toContain('channel');
    expect(held.models).toContain('pipeline_heartbeat');
    await store.alter('transactions', 'ALTER TABLE _rows.transactions ADD COLUMN channel VARCHAR');
    await store.commit([]);
    const mended = await refresh();
    expect(mended.held).toEqual([]);
    expect(mended.rebuilt).toEqual(['fct_transactions', 'daily_volumes']);
    expect(await differences(store)).toEqual([]);
    expect(await rows(connection, "SELECT status FROM ops.gold_models WHERE model = 'fct_transactions'")).toEqual([['ready']]);
  });

  test('gold refuses to go back (G9)', async () => {
    const { store, refresh } = await start();
    const world = new BankWorld(2);
    await store.commit(world.opening());
    await store.commit([]);
    await refresh();
    await store.writer.run('UPDATE ops.state SET commit_id = 1');
    await expect(refresh()).rejects.toMatchObject({ code: 'LF_GOLD_AHEAD' });
  });

  test('what did not change is not touched', async () => {
    const { store, refresh } = await start();
    await store.commit(new BankWorld(2).opening());
    await refresh();
    expect((await refresh()).status).toBe('unchanged');
    await store.commit([{ table: 'heartbeat', op: 'u', row: { id: 1, beat: 2, beaten_at: '2026-11-20 00:00:01' } }]);
    expect((await refresh(new Set(['heartbeat']))).models).toEqual(['pipeline_heartbeat']);
  });
});
