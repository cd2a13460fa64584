// What must hold of a store and its lake whatever happened before (the same rules as test/support/oracle.ts, without a MySQL).

import type { DuckDBConnection } from '@duckdb/node-api';
import { LAKE_CHAIN, STORE_CHAIN, verifyChain } from '../../../lake/publish/verify-chain.ts';

async function rows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

async function failing(connection: DuckDBConnection, queries: Readonly<Record<string, string>>): Promise<string[]> {
  const found: string[] = [];
  for (const [name, sql] of Object.entries(queries)) {
    const bad = await rows(connection, sql);
    if (bad.length > 0) found.push(`${name}: ${JSON.stringify(bad.slice(0, 3))}`);
  }
  return found;
}

/** Holds of every store at every moment at which a process can open it. */
export function storeViolations(connection: DuckDBConnection): Promise<string[]> {
  return failing(connection, {
    'G1 bronze has a hole or a double': `SELECT topic, partition FROM bronze.changes GROUP BY ALL
      HAVING count(*) <> max(kafka_offset) + 1 OR count(DISTINCT kafka_offset) <> count(*) OR min(kafka_offset) <> 0`,
    'G1 offsets and bronze differ': `SELECT t.topic, o.next_offset FROM ops.offsets o JOIN ops.topics t USING (topic_id)
      LEFT JOIN (SELECT topic, partition, max(kafka_offset) AS last FROM bronze.changes GROUP BY ALL) b ON b.topic = t.topic AND b.partition = o.partition
      WHERE coalesce(b.last, -1) + 1 <> o.next_offset`,
    'G2 dispositions do not add up': `SELECT commit_id FROM ops.commits WHERE bronze_rows <> applied + duplicates + tombstones + control + parked`,
    'G2 commits and bronze differ': `SELECT commit_id, c.bronze_rows, b.n FROM ops.commits c FULL JOIN (SELECT commit_id, count(*) AS n FROM bronze.changes GROUP BY 1) b USING (commit_id)
      WHERE coalesce(c.bronze_rows, 0) <> coalesce(b.n, 0)`,
    'commits are not consecutive': `SELECT commit_id FROM ops.commits GROUP BY ALL HAVING count(*) <> 1`,
  });
}

/** Holds of the bank's store at every such moment; the lake must be attached as `lake`. */
export async function alwaysViolations(connection: DuckDBConnection): Promise<string[]> {
  const found = await failing(connection, {
    'G9 lake and store disagree about publications': `SELECT l.publication_id, l.commit_id, s.commit_id FROM lake.ops.publications l FULL JOIN ops.publications s USING (publication_id)
      WHERE l.commit_id IS DISTINCT FROM s.commit_id`,
    'G6 entries do not sum to zero': `SELECT transaction_id FROM silver.ledger_entries GROUP BY transaction_id HAVING sum(CASE posting_type WHEN 'CREDIT' THEN amount ELSE -amount END) <> 0`,
  });
  return [...(await storeViolations(connection)), ...found];
}

/**
 * What a reader in another process sees: `readers` is the name under which the copy of the catalog is attached.
 * @returns violations, and the publication shown (null before the first)
 */
export async function readerViolations(
  connection: DuckDBConnection,
  readers: string,
): Promise<{ violations: string[]; publication: { id: number; commitId: number } | null }> {
  const found = await rows(connection, `SELECT publication_id, commit_id, chain FROM ${readers}.ops.publications ORDER BY 1 DESC LIMIT 1`);
  const last = found[0];
  if (last === undefined) return { violations: [], publication: null };
  const [id, commitId, chain] = [Number(last[0]), Number(last[1]), String(last[2])];
  const violations = await failing(connection, {
    'the published lake is no commit of the store': `SELECT chain FROM ops.commits WHERE commit_id = ${commitId} AND chain <> '${chain}'`,
    'the published lake is ahead of the store': `SELECT commit_id FROM ops.state WHERE commit_id < ${commitId}`,
    'published bronze is not the sum of its commits': `SELECT b.n, c.n FROM (SELECT count(*) AS n FROM ${readers}.bronze.changes) b, (SELECT coalesce(sum(bronze_rows), 0)::BIGINT AS n FROM ${readers}.ops.commits) c
      WHERE b.n <> c.n`,
    'published entries do not sum to zero': `SELECT transaction_id FROM ${readers}.silver.ledger_entries GROUP BY transaction_id HAVING sum(CASE posting_type WHEN 'CREDIT' THEN amount ELSE -amount END) <> 0`,
  });
  return { violations, publication: { id, commitId } };
}

/** After a publication of everything: the lake is the store, table by table, and both chains verify. */
export async function publishedViolations(connection: DuckDBConnection): Promise<string[]> {
  const found: string[] = [];
  for (const schema of ['silver', 'gold']) {
    for (const name of await publishedTables(connection, schema)) {
      const [store, lake] = [`${schema}."${name}"`, `lake.${schema}."${name}"`];
      const differing = await rows(
        connection,
        `SELECT (SELECT count(*) FROM (FROM ${store} EXCEPT ALL FROM ${lake})) + (SELECT count(*) FROM (FROM ${lake} EXCEPT ALL FROM ${store}))`,
      );
      if (Number(differing[0]?.[0]) !== 0) found.push(`${store} and the published one differ in ${String(differing[0]?.[0])} rows`);
    }
  }
  for (const [name, source] of Object.entries({ store: STORE_CHAIN, lake: LAKE_CHAIN })) {
    const report = await verifyChain(connection, source);
    if (!report.ok || report.commits === 0) found.push(`the chain of the ${name} breaks: ${JSON.stringify(report.brokenAt)}`);
  }
  return found;
}

async function publishedTables(connection: DuckDBConnection, schema: string): Promise<string[]> {
  const found = await rows(
    connection,
    `SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = '${schema}' AND NOT table_name LIKE '%\\_history' ESCAPE '\\'`,
  );
  return found.map(([name]) => String(name)).sort();
}

/** Content of silver, its history and gold, independent of how it was divided into commits. */
export async function contentDigest(connection: DuckDBConnection): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const schema of ['silver', 'gold']) {
    for (const [name] of await rows(
      connection,
      `SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database() AND table_schema = '${schema}' ORDER BY 1`,
    )) {
      const relation = `(SELECT COLUMNS(c -> c NOT IN ('_commit')) FROM ${schema}."${String(name)}")`;
      const [digest] = await rows(connection, `SELECT count(*), sum(hash(t)::HUGEINT)::VARCHAR FROM ${relation} t`);
      digests[`${schema}.${String(name)}`] = (digest ?? []).map(String).join('/');
    }
  }
  return digests;
}
