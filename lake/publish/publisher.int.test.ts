// Publication on a real DuckLake: what the lake shows equals the store, through every kind of change, and never twice.

import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { account, ACCOUNTS, GOLD_SQL, lakeDifferences, POSITIONS, testExtension, testPublisher } from './testkit-publisher.ts';
import { TEST_SERVER, TestStore } from './testkit.ts';
import type { TestChange } from './testkit-tables.ts';

const opened: TestStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.destroy();
});

async function newStore(): Promise<TestStore> {
  const store = await TestStore.open();
  opened.push(store);
  await store.table(ACCOUNTS);
  return store;
}

describe('publication', () => {
  it('publishes inserts, updates, deletes and truncation, one snapshot at one cut', async () => {
    const store = await newStore();
    await using publisher = await testPublisher(store);
    await store.commit([account('c', 1, 'a', '10.5'), account('c', 2, 'b', '3')]);
    expect(await publisher.publishOnce()).toMatchObject({ publicationId: 1, commitId: 1, goldCommitId: 1, bronzeRows: 2, silverRows: 2 });
    expect(await publisher.publishOnce()).toBeNull();
    await store.commit([account('u', 1, 'z', '11'), account('d', 2, 'b', '3'), account('c', 3)]);
    await store.fold();
    const second = await publisher.publishOnce();
    expect(second).toMatchObject({ commitId: 2, bronzeRows: 3, silverRows: 2 });
    expect(await store.read('SELECT account_id, owner, balance FROM lake.silver.accounts ORDER BY 1')).toEqual([
      ['1', 'z', '11.0000'],
      ['3', 'someone', '0.0000'],
    ]);
    await store.clear('accounts');
    await publisher.publishOnce();
    expect(await store.read('SELECT count(*) FROM lake.silver.accounts')).toEqual([['0']]);
    expect(await store.read(`SELECT count(*) FROM lake.silver.accounts AT (VERSION => ${String(second?.snapshot)})`)).toEqual([['2']]);
    expect(await lakeDifferences(store)).toBe(0);
    const info = await store.read(
      `SELECT commit_message, commit_extra_info FROM ducklake_snapshots('lake') WHERE snapshot_id = ${String(second?.snapshot)}`,
    );
    expect(info[0]?.[0]).toBe('publication 2 at commit 2');
    expect(JSON.parse(info[0]?.[1] ?? '')).toMatchObject({
      commitId: 2,
      gtid: `${TEST_SERVER}:2`,
      offsets: { 'bank_server.bank.t': { 0: '5' } },
      codeVersion: 'test',
    });
  });

  it('follows new tables, added, dropped and retyped columns, and dropped tables', async () => {
    const store = await newStore();
    await using publisher = await testPublisher(store);
    await store.commit([account('c', 1, 'a', '10')]);
    await publisher.publishOnce();
    await store.table(POSITIONS);
    await store.commit([
      { table: 'positions', op: 'c', values: ['1', "'X'", '5'] },
      { table: 'positions', op: 'c', values: ['1', "'Y'", '6'] },
    ]);
    await store.reshape(
      { ...ACCOUNTS, columns: { ...ACCOUNTS.columns, risk: 'INTEGER' } },
      'ALTER TABLE _rows.accounts ADD COLUMN risk INTEGER DEFAULT 7; ALTER TABLE _past.accounts ADD COLUMN risk INTEGER',
    );
    await publisher.publishOnce();
    expect(await store.read('SELECT account_id, risk FROM lake.silver.accounts')).toEqual([['1', '7']]);
    expect(await lakeDifferences(store)).toBe(0);
    await store.reshape(
      { ...ACCOUNTS, columns: { account_id: 'BIGINT', balance: 'DECIMAL(20,4)', risk: 'VARCHAR' } },
      'DROP VIEW silver.accounts; ALTER TABLE _rows.accounts DROP COLUMN owner; ALTER TABLE _past.accounts DROP COLUMN owner; ALTER TABLE _rows.accounts ALTER COLUMN risk TYPE VARCHAR; ALTER TABLE _past.accounts ALTER COLUMN risk TYPE VARCHAR',
    );
    await publisher.publishOnce();
    expect(await store.read('SELECT balance, risk FROM lake.silver.accounts')).toEqual([['10.0000', '7']]);
    await store.drop('positions');
    await store.table(POSITIONS);
    await store.commit([{ table: 'positions', op: 'c', values: ['9', "'Z'", '1'] }]);
    await publisher.publishOnce();
    expect(await store.read('SELECT account_id FROM lake.silver.positions')).toEqual([['9']]);
    await store.drop('positions');
    await publisher.publishOnce();
    expect(await store.read("SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'silver'")).toEqual([
      ['accounts'],
    ]);
  });

  it('keeps values that DuckLake or Parquet cannot hold exactly as text or wide decimals', async () => {
    const store = await newStore();
    await using publisher = await testPublisher(store);
    const columns = {
      id: 'BIGINT',
      e: "ENUM('a','b')",
      h: 'HUGEINT',
      i: 'INTERVAL',
      u: 'UBIGINT',
      b: 'BLOB',
      t: 'TIMESTAMP',
      d: 'DECIMAL(38,10)',
    };
    await store.table({ name: 'kinds', columns, keys: 1 });
    const values = [
      '1',
      "'b'",
      '99999999999999999999999999999999999999',
      'INTERVAL 1 MICROSECOND',
      '18446744073709551615',
      "'\\x00\\xFF'::BLOB",
      "'2026-01-01 00:00:00.123456'",
      '1234567890123456789012345678.0123456789',
    ];
    await store.commit([{ table: 'kinds', op: 'c', values }]);
    await publisher.publishOnce();
    const select = 'SELECT e::VARCHAR, h::VARCHAR, i::VARCHAR, u, b, t, d';
    expect(await store.read(`${select} FROM lake.silver.kinds`)).toEqual(await store.read(`${select} FROM silver.kinds`));
  });

  it('equals the store after random batches with folds, rolls and maintenance in between', async () => {
    const operation = fc.record({ id: fc.integer({ min: 1, max: 12 }), remove: fc.boolean(), amount: fc.integer({ min: 0, max: 99 }) });
    const batch = fc.record({
      operations: fc.array(operation, { maxLength: 8 }),
      after: fc.constantFrom('nothing', 'fold', 'roll', 'publish', 'publish', 'maintain', 'clear'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 3, maxLength: 14 }), async (batches) => {
        const store = await newStore();
        await using publisher = await testPublisher(store, { limits: { retentionHours: 6, fileGraceMinutes: 120, filesPerTableMax: 3 } });
        const live = new Set<number>();
        await store.commit(
          Array.from({ length: 60 }, (_, id) => account('c', 100 + id)),
          GOLD_SQL,
        );
        for (const { operations, after } of batches) {
          await store.commit(
            operations.map((each) => changeOf(live, each)),
            GOLD_SQL,
          );
          if (after === 'fold') await store.fold();
          if (after === 'roll') await store.rollTail();
          if (after === 'maintain') await publisher.maintainOnce();
          if (after === 'clear') live.clear();
          if (after === 'clear') await store.clear('accounts', GOLD_SQL);
          if (after === 'publish') await publisher.publishOnce();
          if (after === 'publish') expect(await lakeDifferences(store)).toBe(0);
        }
        await store.run(GOLD_SQL);
        await publisher.publishOnce();
        expect(await lakeDifferences(store)).toBe(0);
        await store.destroy();
        opened.splice(opened.indexOf(store), 1);
      }),
      { numRuns: 8 },
    );
  });

  it('publishes gold: created, changed by key, replaced, dropped', async () => {
    const store = await newStore();
    await using publisher = await testPublisher(store);
    await store.commit(
      Array.from({ length: 30 }, (_, id) => account('c', id)),
      'CREATE TABLE gold.balances AS SELECT i AS account_id, i % 7 AS grade FROM range(20000) t(i); CREATE TABLE gold.small AS SELECT 1 AS x, NULL AS y',
    );
    expect(await publisher.publishOnce()).toMatchObject({ goldRows: 20_001 });
    await store.commit(
      [account('c', 40)],
      'UPDATE gold.balances SET grade = 99 WHERE account_id < 10; DELETE FROM gold.balances WHERE account_id = 100',
    );
    expect(await publisher.publishOnce()).toMatchObject({ goldRows: 10 });
    expect(await store.differences('gold.balances', 'lake.gold.balances')).toBe(0);
    await store.commit([account('c', 41)], 'DROP TABLE gold.small; ALTER TABLE gold.balances ADD COLUMN extra INTEGER DEFAULT 3');
    await publisher.publishOnce();
    expect(await store.differences('gold.balances', 'lake.gold.balances')).toBe(0);
    const left = `SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'gold' AND table_name IN ('balances', 'small')`;
    expect(await store.read(left)).toEqual([['balances']]);
  });
});

function changeOf(live: Set<number>, operation: { id: number; remove: boolean; amount: number }): TestChange {
  const { id, remove, amount } = operation;
  if (!live.has(id)) {
    live.add(id);
    return account('c', id, 'new', String(amount));
  }
  if (!remove) return account('u', id, 'changed', String(amount));
  live.delete(id);
  return account('d', id, 'gone', String(amount));
}

/** Python's client of the same version as ours: an extension loads only in its own. */
function pythonHasDuckdb(): boolean {
  const { stdout } = spawnSync('python3', ['-c', 'import duckdb; print(duckdb.__version__)'], { encoding: 'utf8' });
  return (stdout ?? '').trim() === '1.5.5';
}

describe('the initial snapshot', () => {
  it('is published when it is complete, not before', async () => {
    const store = await newStore();
    await using publisher = await testPublisher(store);
    await store.commit([account('c', 1)], "UPDATE ops.state SET phase = 'bootstrap'");
    expect(await publisher.publishOnce()).toBeNull();
    expect(publisher.status()).toMatchObject({ state: 'waiting', reason: 'the initial snapshot is being read' });
    await store.commit([account('c', 2)], "UPDATE ops.state SET phase = 'streaming'");
    expect(await publisher.publishOnce()).toMatchObject({ commitId: 2, bronzeRows: 2 });
    expect(publisher.status()).toMatchObject({ state: 'idle', reason: null, publication: { commitId: 2 } });
  });
});

describe('readers in other processes', () => {
  it('attach the copy of the catalog read-only, from any folder', async () => {
    const store = await newStore();
    await using publisher = await testPublisher(store);
    await store.commit([account('c', 1, 'a', '10.5')]);
    await publisher.publishOnce();
    const script = path.join(import.meta.dirname, 'testkit-reader.ts');
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--import', import.meta.resolve('tsx'), script, publisher.paths.readersCatalog, '1'], {
      cwd: '/',
    });
    expect(JSON.parse(stdout)).toMatchObject({ reads: 1, rows: 1, torn: 0 });
    expect(readdirSync(publisher.paths.folder).filter((name) => name.includes('.tmp'))).toEqual([]);
    expect(readdirSync(publisher.paths.folder)).not.toContain('ledgerflow.ducklake.wal');
  });

  it.skipIf(!pythonHasDuckdb())('read it with Python, as docs/reading-the-lake.md shows', async () => {
    const store = await newStore();
    await using publisher = await testPublisher(store);
    await store.commit([account('c', 1, 'a', '10.5')]);
    await publisher.publishOnce();
    const script = `import duckdb
con = duckdb.connect(config={"autoinstall_known_extensions": "false"})
con.execute("LOAD '${await testExtension()}'")
con.execute("ATTACH 'ducklake:${publisher.paths.readersCatalog}' AS lake (READ_ONLY)")
print(con.execute("SELECT balance::VARCHAR FROM lake.silver.accounts").fetchall())`;
    const { stdout } = await promisify(execFile)('python3', ['-c', script], { cwd: '/' });
    expect(stdout.trim()).toBe("[('10.5000',)]");
  });
});
