// Proves a certificate again from the published lake alone: its files, its catalog and the public key, no MySQL and no processor.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { messageOf } from '../../infra/runtime/errors.ts';
import { LAKE_CHAIN, verifyChain } from '../publish/verify-chain.ts';
import { ENTRIES_TABLE } from './balances.ts';
import { measureDifferences, type Certificate, type CertificateContent } from './certificate.ts';
import { measureEntries } from './measure.ts';
import { textRows } from './text-rows.ts';

export interface CheckStep {
  readonly step: 'publication' | 'bronze' | 'entries' | 'kept';
  /** What is not as it was certified; empty when all of it is. */
  readonly problems: readonly string[];
  readonly detail: string;
  /** The lake stands before the certified commit: nothing is proven, and nothing refuted. */
  readonly behind?: boolean;
}

/** @param connection a DuckDB with the lake attached as `lake`, read-only */
export async function checkCertificate(connection: DuckDBConnection, certificate: Certificate): Promise<CheckStep[]> {
  const { content } = certificate;
  const published = await guarded('publication', () => publication(connection, content));
  if (published.problems.length > 0) return [published];
  return [
    published,
    await guarded('bronze', () => bronze(connection, content)),
    await guarded('entries', () => entries(connection, content)),
    await guarded('kept', () => kept(connection, certificate)),
  ];
}

type Found = Omit<CheckStep, 'step'>;

/** A file that was altered may not be readable at all. */
async function guarded(step: CheckStep['step'], work: () => Promise<Found>): Promise<CheckStep> {
  try {
    return { step, ...(await work()) };
  } catch (error) {
    return { step, problems: [`the lake cannot be read: ${messageOf(error)}`], detail: '' };
  }
}

async function publication(connection: DuckDBConnection, { bronze: { commitId } }: CertificateContent): Promise<Found> {
  const [last] = await textRows(connection, 'SELECT coalesce(max(commit_id), 0) FROM lake.ops.publications');
  const behind = Number(last?.[0]) < commitId;
  const problems = behind ? [`commit ${commitId} is not published; the lake stands at ${last?.[0]}`] : [];
  return { problems, detail: `the lake stands at commit ${last?.[0]}`, behind };
}

async function bronze(connection: DuckDBConnection, { bronze: { commitId, chain } }: CertificateContent): Promise<Found> {
  const report = await verifyChain(connection, LAKE_CHAIN, { toCommit: commitId });
  const detail = `${report.rows} messages in ${report.commits} commits`;
  if (report.brokenAt !== null) return { problems: [`bronze was altered in commit ${report.brokenAt.commitId}`], detail };
  return { problems: report.head === chain ? [] : [`the head of the chain is ${report.head}, certified ${chain}`], detail };
}

/**
 * The entries that bronze had at the transaction, as silver has them now: nothing posted is ever edited or deleted, so an entry that is
 * gone or another is an alteration.
 */
async function entries(connection: DuckDBConnection, content: CertificateContent): Promise<Found> {
  const { seq, bronze: at, lake } = content;
  const columns = lake.entries.columns.map(({ name }) => ident(name)).join(', ');
  const known = `SELECT DISTINCT (decode(key)::JSON ->> 'entry_id')::BIGINT FROM ${LAKE_CHAIN.changes} WHERE topic = ${literal(at.topic)}
    AND value IS NOT NULL AND key IS NOT NULL AND (seq BETWEEN 0 AND ${seq} OR seq < 0 AND commit_id <= ${at.commitId})`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE certified_entries AS ${known}`);
  const from = `(SELECT ${columns} FROM lake.silver.${ident(ENTRIES_TABLE)} WHERE entry_id IN (FROM certified_entries))`;
  const found = await measureEntries((sql) => textRows(connection, sql), from, lake.entries);
  await connection.run('DROP TABLE certified_entries');
  return { problems: measureDifferences(lake, found), detail: `${found.entries.count} entries, ${found.balances.accounts} balances` };
}

/** The copy in gold, when it has been published. */
async function kept(connection: DuckDBConnection, { content, signature }: Certificate): Promise<Found> {
  const [there] = await textRows(
    connection,
    `SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'gold' AND table_name = 'certificates'`,
  );
  const sql = `SELECT certificate FROM lake.gold.certificates WHERE certificate_id = ${literal(content.id)}`;
  const [row] = there === undefined ? [] : await textRows(connection, sql);
  if (row === undefined) return { problems: [], detail: 'gold.certificates is not published with it yet' };
  const copy = JSON.parse(row[0] ?? '{}') as { signature?: string };
  return {
    problems: copy.signature === signature ? [] : ['the copy in gold.certificates is another one'],
    detail: 'equal to the copy in gold',
  };
}
