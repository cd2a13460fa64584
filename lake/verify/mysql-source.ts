// MySQL as a side of a comparison: one consistent snapshot that holds exactly the transactions up to a known one, read in steps that a
// throttle spaces out. No lock is taken: docs/adr/0020 says why the snapshot's transaction is known all the same.

import { createConnection, type Connection, type ConnectionOptions, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { readSourceTables } from '../../cdc/connector/source-tables.ts';
import { parseGtid, type Gtid } from '../../cdc/position.ts';
import type { Policies } from '../../cdc/privacy/policy.ts';
import type { SourceTable } from '../../cdc/schema/source-table.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { mysqlIdent } from '../../infra/runtime/sql-text.ts';
import { bucketRange, bucketsSql, type Relation } from './digest-sql.ts';
import { hasWholeKey, type Extent, type TablePlan } from './plan.ts';
import type { SourceReader, SourceSnapshot } from './ports.ts';
import { bucketDigest, sqlSide, type BucketDigest, type TextRow } from './side.ts';

export interface SourceLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface SourceOptions {
  readonly login: SourceLogin;
  readonly excludeTables: readonly string[];
  /** Rows a second that may be read; null for as fast as it goes. */
  readonly throttleRows: number | null;
  /** Between two steps of a throttled reading. */
  readonly pause?: (ms: number) => Promise<void>;
  readonly purpose?: string;
  /** Column policies: what they make other values of is not compared. */
  readonly policies: Policies | null;
}

const ATTEMPTS_MAX = 400;
const OPEN_SNAPSHOT = 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY';
const STEP_ROWS = 50_000;
const STEP_ROWS_MIN = 10;
const BARRIERS_KEPT_HOURS = 24;

export function mysqlSource(options: SourceOptions): SourceReader {
  return { snapshot: () => takeSnapshot(options) };
}

async function takeSnapshot(options: SourceOptions): Promise<SourceSnapshot> {
  const writer = await connectExact(options.login);
  let reader: Connection | null = null;
  try {
    const tables = await readSourceTables(writer, options.login.database, options.excludeTables);
    reader = await connectExact(options.login);
    const gtid = await openBetween([reader], writer, options.purpose ?? 'verify');
    const [[version]] = await reader.query<RowDataPacket[]>('SELECT VERSION() AS version');
    return snapshotOf(reader, { gtid, tables, version: String(version?.['version']) }, options);
  } catch (error) {
    reader?.destroy();
    throw error;
  } finally {
    writer.destroy();
  }
}

/** @throws LedgerflowError LF_MYSQL_LOGIN, LF_MYSQL_UNREACHABLE */
export async function connectExact({ host, port, user, password, database }: SourceLogin): Promise<Connection> {
  const exact: ConnectionOptions = {
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    timezone: 'Z',
    multipleStatements: true,
  };
  try {
    const connection = await createConnection({ host, port, user, password, database, ...exact });
    await connection.query(
      `SET SESSION time_zone = '+00:00', session_track_gtids = 'OWN_GTID', information_schema_stats_expiry = 0, sql_mode = '', transaction_isolation = 'REPEATABLE-READ'`,
    );
    return connection;
  } catch (error) {
    const code = (error as { code?: string }).code === 'ER_ACCESS_DENIED_ERROR' ? 'LF_MYSQL_LOGIN' : 'LF_MYSQL_UNREACHABLE';
    throw new LedgerflowError(code, messageOf(error), { where: `${user}@${host}:${port}/${database}`, cause: error });
  }
}

/**
 * Opens the readers' snapshots between two barrier rows. The first is committed when the snapshot opens, so it is inside; the second
 * commits afterwards, so it is outside. Where their transaction numbers follow on one another nothing else can be in between, and the
 * snapshot holds exactly the transactions up to the first; where they do not, it is tried again.
 * @returns the first barrier's transaction
 * @throws LedgerflowError LF_VERIFY_SOURCE_BUSY, LF_VERIFY_SOURCE
 */
export async function openBetween(
  [first, ...others]: readonly [Connection, ...Connection[]],
  writer: Connection,
  purpose: string,
): Promise<Gtid> {
  await writer.query('DELETE FROM barriers WHERE created_at < NOW(6) - INTERVAL ? HOUR ORDER BY barrier_id LIMIT 1000', [
    BARRIERS_KEPT_HOURS,
  ]);
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    await writer.query('BEGIN; INSERT INTO barriers (token, purpose) VALUES (UUID(), ?)', [`${purpose}: after`]);
    const [opened] = await first.query<ResultSetHeader[]>(`INSERT INTO barriers (token, purpose) VALUES (UUID(), ?); ${OPEN_SNAPSHOT}`, [
      `${purpose}: before`,
    ]);
    await Promise.all(others.map((reader) => reader.query(OPEN_SNAPSHOT)));
    const [closed] = await writer.query<ResultSetHeader>('COMMIT');
    const [before, after] = [gtidOf(opened[0]), gtidOf(closed)];
    if (before.uuid === after.uuid && before.tag === after.tag && after.seq === before.seq + 1) return before;
    await Promise.all([first, ...others].map((reader) => reader.query('ROLLBACK')));
  }
  throw new LedgerflowError('LF_VERIFY_SOURCE_BUSY', `no snapshot between two transactions in ${ATTEMPTS_MAX} attempts`);
}

function gtidOf(header: ResultSetHeader | undefined): Gtid {
  const [gtid] = (header as { readonly stateChanges?: { readonly gtids?: readonly string[] } } | undefined)?.stateChanges?.gtids ?? [];
  if (gtid === undefined) throw new LedgerflowError('LF_VERIFY_SOURCE', 'MySQL tells no GTID of a commit: gtid_mode must be ON');
  return parseGtid(gtid);
}

function snapshotOf(
  reader: Connection,
  { gtid, tables, version }: { readonly gtid: Gtid; readonly tables: readonly SourceTable[]; readonly version: string },
  { login, throttleRows, policies, pause = sleep }: SourceOptions,
): SourceSnapshot {
  const query = async (sql: string): Promise<TextRow[]> => {
    const [rows] = await reader.query<RowDataPacket[][]>({ sql, rowsAsArray: true });
    return rows.map((row) => (row as unknown as (string | number | null)[]).map((value) => (value === null ? null : String(value))));
  };
  const relation = ({ table }: { readonly table: string }): Relation => ({
    dialect: 'mysql',
    from: `${mysqlIdent(login.database)}.${mysqlIdent(table)}`,
  });
  const extents = new Map<string, Extent>();
  return {
    ...sqlSide(query, relation),
    serverUuid: gtid.uuid,
    seq: gtid.seq,
    gtid: `${gtid.uuid}:${gtid.seq}`,
    tables,
    version,
    query,
    relationOf: (table) => relation({ table }),
    hidden: (table) => new Set(policies?.tables.get(table)?.columns.keys()),
    sideOf: (from) => sqlSide(query, () => ({ dialect: 'mysql', from })),
    extent: async (table) => {
      const extent = await extentOf(query, table, relation({ table: table.schema.table }));
      extents.set(table.schema.table, extent);
      return extent;
    },
    buckets: (plan) => inSteps(query, plan, relation(plan), { rows: extents.get(plan.table)?.rows ?? 0, throttleRows, pause }),
    [Symbol.asyncDispose]: () => {
      reader.destroy();
      return Promise.resolve();
    },
  };
}

async function extentOf(query: (sql: string) => Promise<TextRow[]>, table: SourceTable, { from }: Relation): Promise<Extent> {
  const { database, table: name, keyColumns } = table.schema;
  const texts = [database, name].map((text) => `'${text.replaceAll('\\', '\\\\').replaceAll(`'`, `''`)}'`);
  const [estimate] = await query(
    `SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${texts[0]} AND TABLE_NAME = ${texts[1]}`,
  );
  const rows = Number(estimate?.[0] ?? 0);
  if (!hasWholeKey(table)) return { keys: null, rows };
  const key = mysqlIdent(keyColumns[0] ?? '');
  const [found] = await query(`SELECT MIN(${key}) + 0, MAX(${key}) + 0 FROM ${from}`);
  const [low, high] = [found?.[0] ?? null, found?.[1] ?? null];
  return { keys: low === null || high === null ? null : { low: BigInt(low), high: BigInt(high) }, rows };
}

const BUCKETS = 1_025n;

/** A throttled reading takes a twentieth of a second's rows at a time: the source is never busy with it for long. */
function stepRows(throttleRows: number | null): number {
  return throttleRows === null ? STEP_ROWS : Math.min(STEP_ROWS, Math.max(STEP_ROWS_MIN, throttleRows / 20));
}

/** Ranges of keys one after the other, with pauses; buckets of hashes need the whole table at once. */
async function inSteps(
  query: (sql: string) => Promise<TextRow[]>,
  plan: TablePlan,
  relation: Relation,
  {
    rows,
    throttleRows,
    pause,
  }: { readonly rows: number; readonly throttleRows: number | null; readonly pause: (ms: number) => Promise<void> },
): Promise<BucketDigest[]> {
  const found: BucketDigest[] = [];
  const steps = plan.bucket.kind === 'hash' ? 1 : Math.max(1, Math.ceil(rows / stepRows(throttleRows)));
  const stride = BUCKETS / BigInt(steps) + 1n;
  for (let first = 0n; first < BUCKETS; first += stride) {
    const started = performance.now();
    const where = steps === 1 ? '' : bucketRange(plan, first, first + stride);
    const some = (await query(bucketsSql(plan, relation, where))).map(bucketDigest);
    found.push(...some);
    const read = some.reduce((sum, bucket) => sum + bucket.rows, 0);
    if (throttleRows !== null) await pause(Math.max(0, (read / throttleRows) * 1_000 - (performance.now() - started)));
    if (steps === 1) break;
  }
  return found;
}
