// Makes certificates: MySQL and the working store at one transaction, compared, measured, signed and kept in gold.certificates.

import { randomUUID } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { parseGtid } from '../../cdc/position.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { asOfSql, type Place } from './as-of.ts';
import { BALANCES_PLAN, balancesSql, ENTRIES_TABLE } from './balances.ts';
import { signContent, type Certificate, type CertificateContent } from './certificate.ts';
import { storeSide } from './commands.ts';
import { compareTable, type Comparison } from './compare.ts';
import { measureEntries, widthFor } from './measure.ts';
import { hasWholeKey, planTable } from './plan.ts';
import type { SourceReader, SourceSnapshot } from './ports.ts';
import type { Standing, VerifySessions } from './sessions.ts';
import { sqlSide, type TextQuery } from './side.ts';

/** `now`: MySQL is compared at a barrier written for it. A GTID: a transaction that the store has, without MySQL. */
export type CertifyAt = 'now' | (string & {});

export interface CertifierParts {
  readonly sessions: VerifySessions;
  readonly source: SourceReader;
  /** Private key, PKCS #8 in PEM. */
  readonly key: () => Promise<string>;
  readonly codeVersion: string;
  /** How long the working store may take to reach the transaction. */
  readonly waitMs: number;
  readonly now: () => Date;
}

export interface CertifyRequest {
  readonly at: CertifyAt;
  readonly requestedBy: string;
}

/** Tables compared with MySQL row by row, where they are captured. */
const COMPARED = [ENTRIES_TABLE, 'accounts', 'transactions'];

interface Session {
  readonly standing: Standing;
  readonly query: TextQuery;
  readonly place: Place & { readonly kind: 'transaction' };
}

export class Certifier {
  private readonly parts: CertifierParts;

  constructor(parts: CertifierParts) {
    this.parts = parts;
  }

  /** @throws LedgerflowError LF_CERTIFICATE_REFUSED when anything differs or is missing, LF_VERIFY_…, LF_MYSQL_… */
  async certify({ at, requestedBy }: CertifyRequest): Promise<Certificate> {
    const { sessions, source, waitMs } = this.parts;
    await using snapshot = at === 'now' ? await source.snapshot() : null;
    const wanted = snapshot === null ? gtidOf(at) : { uuid: snapshot.serverUuid, seq: snapshot.seq };
    const standing = await sessions.begin(wanted.seq, waitMs);
    try {
      if (standing.serverUuid !== wanted.uuid)
        throw new LedgerflowError('LF_VERIFY_SOURCE', `the lake stands at server ${standing.serverUuid ?? 'none'}, not ${wanted.uuid}`);
      const query: TextQuery = (sql) => sessions.query(standing.session, sql);
      const session: Session = { standing, query, place: { kind: 'transaction', seq: wanted.seq } };
      const compared = snapshot === null ? null : await this.compare(snapshot, session);
      const content = await this.contentOf(session, `${wanted.uuid}:${wanted.seq}`, compared);
      return signContent({ ...content, requestedBy }, await this.parts.key());
    } finally {
      await sessions.end(standing.session);
    }
  }

  private async compare(snapshot: SourceSnapshot, session: Session): Promise<CertificateContent['source']> {
    const { standing, place } = session;
    const store = storeSide(this.parts.sessions, { session: standing.session, place });
    const tables: { table: string; rows: number; digest: string }[] = [];
    for (const table of snapshot.tables) {
      const { table: name } = table.schema;
      if (!COMPARED.includes(name)) continue;
      requireSound(standing, name);
      const extent = await snapshot.extent(table);
      const plan = planTable(table, hasWholeKey(table) ? extent : { ...extent, keys: null }, snapshot.hidden(name));
      const { rows, digest } = requireEqual(name, await compareTable(plan, snapshot, store));
      tables.push({ table: name, rows, digest });
    }
    const left = snapshot.sideOf(balancesSql(`\`${ENTRIES_TABLE}\``, 'mysql'));
    const right = sqlSide(session.query, () => ({ dialect: 'duckdb', from: balancesSql(entriesAt(session), 'duckdb') }));
    const balances = requireEqual('the balances per account and currency', await compareTable(BALANCES_PLAN, left, right));
    return { version: snapshot.version, tables, balances: { accounts: balances.rows, digest: balances.digest } };
  }

  private async contentOf(
    session: Session,
    gtid: string,
    source: CertificateContent['source'],
  ): Promise<Omit<CertificateContent, 'requestedBy'>> {
    const { query, place } = session;
    requireSound(session.standing, ENTRIES_TABLE);
    const shape = this.parts.sessions.schemaOf(session.standing.session, ENTRIES_TABLE);
    if (shape === undefined) throw new LedgerflowError('LF_CERTIFICATE_REFUSED', `the lake has no table ${ENTRIES_TABLE}`);
    const [commit] = await query(`SELECT commit_id, chain FROM ops.commits WHERE seq >= ${place.seq} ORDER BY commit_id LIMIT 1`);
    const [topic] = await query(`SELECT topic FROM ops.topics WHERE table_name = ${literal(ENTRIES_TABLE)}`);
    if (commit === undefined) throw new LedgerflowError('LF_VERIFY_LATE', `transaction ${place.seq} is in no commit yet`);
    const [last] = await query(`SELECT coalesce(max(entry_id), 0) FROM ${entriesAt(session)}`);
    const lake = await measureEntries(query, entriesAt(session), { columns: shape.columns, width: widthFor(Number(last?.[0])) });
    const [duckdb] = await query('SELECT version()');
    return {
      format: 'ledgerflow-certificate/1',
      id: randomUUID(),
      createdAt: this.parts.now().toISOString(),
      gtid,
      seq: place.seq,
      source,
      bronze: { commitId: Number(commit[0]), chain: commit[1] ?? '', topic: topic?.[0] ?? '' },
      lake,
      proven: await provenTables(query),
      checks: await lastChecks(query),
      versions: { ledgerflow: this.parts.codeVersion, duckdb: duckdb?.[0] ?? '', node: process.version },
    };
  }
}

function gtidOf(at: string): { uuid: string; seq: number } {
  try {
    return parseGtid(at);
  } catch (error) {
    throw new LedgerflowError('LF_USAGE', `--at takes now or a transaction (uuid:number), not ${at}`, { cause: error });
  }
}

function entriesAt({ place, standing }: Session): string {
  const columns = standing.tables.find(({ table }) => table === ENTRIES_TABLE)?.columns ?? [];
  return asOfSql(ENTRIES_TABLE, columns, ['entry_id'], place);
}

function requireSound({ tables }: Standing, table: string): void {
  const found = tables.find((candidate) => candidate.table === table);
  const why = found === undefined ? 'the lake has no such table' : found.held ? 'it is held' : '';
  const reason = why !== '' ? why : (found?.parked ?? 0) > 0 ? `${found?.parked} records of it are parked` : null;
  if (reason !== null) throw new LedgerflowError('LF_CERTIFICATE_REFUSED', `${table}: ${reason}`);
}

function requireEqual(what: string, comparison: Comparison): Comparison {
  if (comparison.equal) return comparison;
  const keys = comparison.differences.slice(0, 5).map(({ key, kind }) => `${key} ${kind}`);
  throw new LedgerflowError('LF_CERTIFICATE_REFUSED', `${what}: MySQL and the lake differ (${keys.join(', ')})`);
}

async function provenTables(query: TextQuery): Promise<CertificateContent['proven']> {
  const rows = await query('SELECT table_name, gtid, rows, digest FROM ops.verified_through ORDER BY table_name');
  return rows.map(([table, gtid, count, digest]) => ({ table: table ?? '', gtid: gtid ?? '', rows: Number(count), digest: digest ?? '' }));
}

async function lastChecks(query: TextQuery): Promise<CertificateContent['checks']> {
  const rows = await query(
    `SELECT check_name, CAST(passed AS VARCHAR) FROM ops.checks QUALIFY row_number() OVER (PARTITION BY check_name ORDER BY checked_at DESC) = 1 ORDER BY check_name`,
  );
  const names = (passed: string): string[] => rows.filter(([, good]) => good === passed).map(([name]) => name ?? '');
  return { passed: names('true'), failed: names('false') };
}

/** Keeps a certificate; in the caller's transaction when there is one. */
export async function keepCertificate(connection: DuckDBConnection, certificate: Certificate): Promise<void> {
  const { id, createdAt, requestedBy, gtid, seq, bronze, lake, source } = certificate.content;
  const values = [
    literal(id),
    `TIMESTAMPTZ ${literal(createdAt)}`,
    literal(gtid),
    seq,
    bronze.commitId,
    lake.entries.count,
    literal(lake.entries.root),
    lake.balances.accounts,
    source !== null,
    literal(bronze.chain),
    literal(requestedBy),
    literal(JSON.stringify(certificate)),
  ];
  await connection.run(`INSERT INTO gold.certificates VALUES (${values.join(', ')})`);
}
