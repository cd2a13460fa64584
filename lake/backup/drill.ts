// Proves a backup without touching what runs: opens a copy of it as a processor would, and compares. The copy is the caller's.

import type { DuckDBConnection } from '@duckdb/node-api';
import path from 'node:path';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { bronzeViewSql, writeEmptySegment } from '../publish/bronze.ts';
import { loadLakeExtension } from '../publish/extension.ts';
import { attachLake, lakePaths } from '../publish/lake-catalog.ts';
import { publishedCommitInStore, reconcile } from '../publish/lake-position.ts';
import { rowsOf } from '../publish/sql.ts';
import { LAKE_CHAIN, STORE_CHAIN, verifyChain } from '../publish/verify-chain.ts';
import { openStore } from '../store/open.ts';
import { silverContent, type Manifest } from './manifest.ts';

export interface DrillReport {
  readonly tables: number;
  readonly bronzeRows: number;
  readonly commits: number;
  readonly publishedCommit: number;
}

/** What must hold of bronze, offsets and commits: each query finds nothing. */
const RULES: Readonly<Record<string, string>> = {
  'bronze has a hole or a double': `SELECT topic, partition FROM bronze.changes GROUP BY ALL
    HAVING count(*) <> max(kafka_offset) - min(kafka_offset) + 1 OR count(DISTINCT kafka_offset) <> count(*)`,
  'offsets do not follow bronze': `SELECT t.topic FROM ops.offsets o JOIN ops.topics t USING (topic_id)
    JOIN (SELECT topic, partition, max(kafka_offset) AS last FROM bronze.changes GROUP BY ALL) b ON b.topic = t.topic AND b.partition = o.partition
    WHERE b.last + 1 <> o.next_offset`,
  'commits and bronze differ': `SELECT commit_id FROM ops.commits c FULL JOIN (SELECT commit_id, count(*) AS n FROM bronze.changes GROUP BY 1) b USING (commit_id)
    WHERE coalesce(c.bronze_rows, 0) <> coalesce(b.n, 0)`,
};

/**
 * @param home copy of the backup's folders `store` and `lake`; it is changed
 * @throws LedgerflowError LF_BACKUP_BROKEN naming what differs
 */
export async function drill(home: string, manifest: Manifest, extension: string | undefined): Promise<DrillReport> {
  const folders = { storeFolder: path.join(home, 'store'), lakeDataFolder: path.join(home, 'lake', 'data') };
  await using store = await openStore({ ...folders, memoryMb: 1_024, threads: 1 });
  const connection = await store.connect();
  try {
    const { state } = store;
    if (state.commitId !== manifest.commitId || state.chain !== manifest.chain)
      throw broken(`the store stands at commit ${state.commitId}, the manifest says ${manifest.commitId}`);
    await sameContent(connection, manifest);
    const loaded = await loadLakeExtension(connection, extension);
    if (!loaded.loaded) throw new LedgerflowError('LF_BACKUP_FAILED', `the lake cannot be opened: ${loaded.reason}`);
    await attachLake(connection, lakePaths(path.join(home, 'lake')));
    const publication = await reconcile(connection);
    await writeEmptySegment(connection, store.bronzeFolder);
    const publishedCommit = await publishedCommitInStore(connection);
    await connection.run(bronzeViewSql({ bronzeFolder: store.bronzeFolder, lakeAttached: true, publishedCommit }));
    for (const [rule, sql] of Object.entries(RULES)) if ((await rowsOf(connection, `${sql} LIMIT 1`)).length > 0) throw broken(rule);
    const chain = await verifyChain(connection, STORE_CHAIN);
    if (!chain.ok || chain.head !== manifest.chain)
      throw broken(`bronze breaks its chain at commit ${chain.brokenAt?.commitId ?? 'the last'}`);
    if (publication !== null && !(await verifyChain(connection, LAKE_CHAIN)).ok) throw broken('published bronze breaks its chain');
    await connection.run('DETACH lake');
    return { tables: Object.keys(manifest.content).length, bronzeRows: chain.rows, commits: chain.commits, publishedCommit };
  } finally {
    connection.closeSync();
  }
}

async function sameContent(connection: DuckDBConnection, { content }: Manifest): Promise<void> {
  const found = await silverContent(connection);
  for (const table of new Set([...Object.keys(content), ...Object.keys(found)])) {
    const [now, then] = [found[table], content[table]];
    if (now?.rows !== then?.rows || now?.digest !== then?.digest)
      throw broken(`silver.${table} has ${now?.rows ?? 'no'} rows, and had ${then?.rows ?? 'none'}, or they differ`);
  }
}

function broken(what: string): LedgerflowError {
  return new LedgerflowError('LF_BACKUP_BROKEN', what);
}
