// The chain over real bronze: intact history verifies, and one changed byte in one published file is found.

import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterEach, describe, expect, it } from 'vitest';
import { literal } from '../../infra/runtime/sql-text.ts';
import { account, ACCOUNTS, testPublisher } from './testkit-publisher.ts';
import { TestStore } from './testkit.ts';
import { LAKE_CHAIN, STORE_CHAIN, verifyChain } from './verify-chain.ts';

const opened: TestStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.destroy();
});

describe('verifyChain', () => {
  it('verifies published, unpublished and empty commits, and finds one changed byte', async () => {
    const store = await TestStore.open();
    opened.push(store);
    await store.table(ACCOUNTS);
    await using publisher = await testPublisher(store);
    await store.commit([]);
    for (let commit = 1; commit <= 5; commit += 1) await store.commit([account('c', commit * 10), account('c', commit * 10 + 1)]);
    await store.commit([]);
    await publisher.publishOnce();
    await store.commit([account('c', 100)]);
    expect(await verifyChain(store.reader, STORE_CHAIN)).toMatchObject({ ok: true, commits: 8, rows: 11 });
    expect(await verifyChain(store.reader, LAKE_CHAIN)).toMatchObject({ ok: true, commits: 7, rows: 10 });
    expect(await verifyChain(store.reader, LAKE_CHAIN, { fromCommit: 3 })).toMatchObject({ ok: true, commits: 5 });
    await store.run('SET enable_external_file_cache = false'); // the instance remembers the file's blocks
    await tamper(store, path.join(publisher.paths.data, 'bronze', 'changes', '000000000002-000000000006.parquet'));
    expect(await verifyChain(store.reader, LAKE_CHAIN)).toMatchObject({ ok: false, brokenAt: { commitId: 4 } });
    expect(await verifyChain(store.reader, STORE_CHAIN, { fromCommit: 5 })).toMatchObject({ ok: true });
  });

  it('tells messages that could not be read to their end from changed ones', async () => {
    const store = await TestStore.open();
    opened.push(store);
    await store.table(ACCOUNTS);
    await using publisher = await testPublisher(store);
    await publisher.publishOnce();
    for (let commit = 1; commit <= 3; commit += 1) await store.commit([account('c', commit)]);
    // The client library ends a stream that broke like one that is complete: here it ends before its first chunk.
    const broken = {
      stream: (sql: string) => store.reader.stream(`SELECT * FROM (${sql}) LIMIT 0`),
      runAndReadAll: (sql: string) => store.reader.runAndReadAll(sql),
    } as unknown as DuckDBConnection;
    await expect(verifyChain(broken, STORE_CHAIN)).rejects.toThrow('could not be read to their end: 0 of 3');
    expect(await verifyChain(store.reader, STORE_CHAIN)).toMatchObject({ ok: true, rows: 3 });
  });
});

/** Rewrites the file with one byte of one value of commit 4 changed. */
async function tamper(store: TestStore, file: string): Promise<void> {
  const value = `CASE WHEN commit_id = 4 AND ord = 1 THEN from_hex(left(hex(value), length(hex(value)) - 2) || '7E') ELSE value END`;
  await store.run(
    `COPY (SELECT * REPLACE (${value} AS value) FROM read_parquet(${literal(file)})) TO ${literal(`${file}.new`)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  rmSync(file);
  renameSync(`${file}.new`, file);
}
