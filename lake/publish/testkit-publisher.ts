// Tests only: a publisher over the hand-built store or the real one, and the DuckLake extension it needs.

import path from 'node:path';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { obtainDucklake } from '../../infra/native/obtain/ducklake.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { createLog } from '../../infra/runtime/log.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';
import type { TestStore as WorkingStore } from '../store/testkit.ts';
import type { PublicationSource } from './source.ts';
import type { TestStore } from './testkit.ts';
import type { TestChange, TestTable } from './testkit-tables.ts';

/** The extension's file, obtained when it is not in the cache yet. */
export function testExtension(): Promise<string> {
  const config = loadConfig();
  const context = {
    cache: cacheFolder(config.cache),
    lock: readPartsLock(),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  };
  return obtainDucklake(context, config.ducklakeExtensionPath);
}

/** Publishes the real working store of a test into `lake` of its folder. */
export function publisherOf(test: WorkingStore, overrides: Partial<PublisherOptions> = {}): Promise<Publisher> {
  const { store, folder, housekeeping, committer } = test;
  const source = {
    home: folder,
    connect: () => store.connect(),
    rollTail: () => housekeeping.roll(committer.commitId),
    withQuietPoint: <T>(work: () => Promise<T>) => work(),
    bronzeFolder: store.bronzeFolder,
    epoch: store.state.epoch,
  };
  return testPublisher(source, overrides);
}

export async function testPublisher(
  store: PublicationSource & { readonly home: string },
  overrides: Partial<PublisherOptions> = {},
): Promise<Publisher> {
  const extension = await testExtension();
  return Publisher.open({
    source: store,
    lakeFolder: path.join(store.home, 'lake'),
    extensionFile: () => extension,
    goldModels: () => [
      { name: 'balances', key: ['account_id'], refresh: 'sums', silverInputs: [] },
      { name: 'fct_accounts', key: ['account_id'], refresh: 'rows', silverInputs: [{ table: 'accounts', key: ['account_id'] }] },
    ],
    codeVersion: 'test',
    intervalMs: 50,
    maintainIntervalMs: 100,
    limits: { retentionHours: 6, fileGraceMinutes: 120, filesPerTableMax: 12 },
    log: createLog({ level: 'silent', part: 'test' }),
    ...overrides,
  });
}

export const ACCOUNTS: TestTable = {
  name: 'accounts',
  columns: { account_id: 'BIGINT', owner: 'VARCHAR', balance: 'DECIMAL(20,4)' },
  keys: 1,
};
export const POSITIONS: TestTable = {
  name: 'positions',
  columns: { account_id: 'BIGINT', symbol: 'VARCHAR', quantity: 'INTEGER' },
  keys: 2,
};

export function account(op: TestChange['op'], id: number, owner = 'someone', balance = '0'): TestChange {
  return { table: 'accounts', op, values: [String(id), `'${owner}'`, balance] };
}

/** Gold over the accounts, as a refresh after the last commit would leave it. */
export const GOLD_SQL = `CREATE OR REPLACE TABLE gold.balances AS SELECT account_id, balance, length(owner)::HUGEINT AS h FROM silver.accounts;
  CREATE OR REPLACE TABLE gold.fct_accounts AS SELECT account_id, owner, balance FROM silver.accounts`;

/** Every published table equals the store's, and bronze seen by readers is complete and without doubles. */
export async function lakeDifferences(store: TestStore): Promise<number> {
  let differences = 0;
  const tables = await store.read(
    "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = '_rows'",
  );
  for (const [table] of tables) differences += await store.differences(`silver."${String(table)}"`, `lake.silver."${String(table)}"`);
  const gold = await store.read("SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'gold'");
  for (const [table] of gold) differences += await store.differences(`gold."${String(table)}"`, `lake.gold."${String(table)}"`);
  const [bronze] = await store.read(
    'SELECT count(*) - (SELECT coalesce(sum(bronze_rows), 0) FROM ops.commits), count(*) - count(DISTINCT kafka_offset) FROM bronze.changes',
  );
  return differences + Math.abs(Number(bronze?.[0])) + Math.abs(Number(bronze?.[1]));
}
