// Which state a session reads. `SET ledgerflow.min_gtid` waits until gold includes a write; `SET ledgerflow.as_of` turns every
// relation of the session's statements into the published lake's at one snapshot. Both may also come with the start of a connection.

import type { DuckDBConnection } from '@duckdb/node-api';
import { cutIncludes, parseToken, type Cut } from '../../cdc/commit-token.ts';
import { gtidSetMax, parseGtid, type GtidSet } from '../../cdc/position.ts';
import { CATALOG, LAKE } from '../../lake/publish/lake-catalog.ts';
import type { Backend } from './backend.ts';
import { SqlFailure } from './failures.ts';
import type { SessionSettings } from './session-settings.ts';

export const AS_OF = 'ledgerflow.as_of';
export const MIN_GTID = 'ledgerflow.min_gtid';

const POLL_MS = 10;

/** A publication of the lake: every relation stands at one DuckLake snapshot. */
export interface LakeState {
  readonly publicationId: number;
  readonly snapshot: number;
  readonly gtid: string | null;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
}

export interface ReadingOptions {
  readonly backend: Backend;
  readonly settings: SessionSettings;
  /** How long `ledgerflow.min_gtid` waits at most. */
  readonly minGtidTimeoutMs: number;
}

export class Reading {
  readonly #options: ReadingOptions;
  #asOf = '';
  #lake: LakeState | undefined;
  #waitedFor = '';

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  /** Whether either setting says anything, so that ordinary statements pay nothing. */
  get asked(): boolean {
    const { settings } = this.#options;
    return (settings.get(MIN_GTID) ?? '') !== this.#waitedFor || (settings.get(AS_OF) ?? '') !== '' || this.#lake !== undefined;
  }

  /** The same write may be waited for again. */
  forget(): void {
    this.#waitedFor = '';
  }

  /**
   * Does what the two settings ask, once for each value.
   * @returns the lake's state the session reads, undefined for the working store
   * @throws SqlFailure 22023 for a value that names no state, 57014 when the write is not included in time
   */
  async current(): Promise<LakeState | undefined> {
    const { settings } = this.#options;
    const minGtid = settings.get(MIN_GTID) ?? '';
    if (minGtid !== this.#waitedFor) {
      if (minGtid !== '') await this.#wait(minGtid);
      this.#waitedFor = minGtid;
    }
    const asOf = settings.get(AS_OF) ?? '';
    if (asOf !== this.#asOf) {
      this.#lake = asOf === '' ? undefined : await publicationAt(await this.#options.backend.connection(), asOf);
      this.#asOf = asOf;
    }
    return this.#lake;
  }

  async #wait(text: string): Promise<void> {
    const { backend, minGtidTimeoutMs } = this.#options;
    const token = tokenOf(MIN_GTID, text);
    await backend.renew();
    const connection = await backend.connection();
    let cut: Cut = { gtid: null, seq: -1 };
    const included = await backend.waitUntil(
      async () => {
        cut = await goldCut(connection);
        return cutIncludes(cut, token);
      },
      { timeoutMs: minGtidTimeoutMs, pollMs: POLL_MS },
    );
    if (!included)
      throw new SqlFailure('57014', `gold is at ${cut.gtid ?? 'no commit yet'} and does not include ${text} after ${minGtidTimeoutMs} ms`, {
        hint: 'Set it again to wait longer, or raise LEDGERFLOW_WIRE_MIN_GTID_TIMEOUT_MS; `ledgerflow status` tells whether gold is held.',
      });
    await backend.renew();
  }
}

async function goldCut(connection: DuckDBConnection): Promise<Cut> {
  const sql = 'SELECT c.seq, c.gtid FROM ops.commits c JOIN ops.gold_state g ON g.commit_id = c.commit_id';
  const [row] = (await connection.runAndReadAll(sql)).getRows();
  return { seq: Number(row?.[0] ?? -1), gtid: (row?.[1] ?? null) as string | null };
}

function tokenOf(setting: string, text: string): GtidSet {
  try {
    return parseToken(text);
  } catch (cause) {
    throw new SqlFailure('22023', `invalid value for parameter "${setting}": "${text}" is not a GTID`, {
      hint: "A GTID is server:number, as in '3e11fa47-71ca-11e1-9e33-c80aa9429562:42'.",
      cause,
    });
  }
}

const PUBLICATIONS = `SELECT p.publication_id, p.lake_snapshot, p.gtid, strftime(p.published_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS published_at,
  coalesce(c.seq, TRY_CAST(split_part(p.gtid, ':', -1) AS BIGINT)) AS seq FROM ops.publications p LEFT JOIN ops.commits c ON c.commit_id = p.commit_id`;

/** The newest publication that shows nothing later than `text`, a GTID or a time. */
async function publicationAt(connection: DuckDBConnection, text: string): Promise<LakeState> {
  const attached = await connection.runAndReadAll(`SELECT 1 FROM duckdb_databases() WHERE database_name = '${LAKE}'`);
  if (attached.currentRowCount === 0)
    throw new SqlFailure('55000', 'the published lake is not open, so there is no earlier state to read', {
      hint: '`ledgerflow status` tells why publication waits.',
    });
  const found = /^[0-9a-f]{8}-[0-9a-f-]+:/i.test(text.trim())
    ? await publicationOf(connection, text)
    : await publicationBefore(connection, text);
  await checkKept(connection, found);
  return found;
}

/** By GTID: the publication whose last transaction is the one named, or the last one before it. */
async function publicationOf(connection: DuckDBConnection, text: string): Promise<LakeState> {
  const token = tokenOf(AS_OF, text);
  const rows = (await connection.runAndReadAll(`${PUBLICATIONS} WHERE p.gtid IS NOT NULL ORDER BY p.publication_id DESC`)).getRows();
  const newest = rows[0];
  const number = (gtid: unknown): number => gtidSetMax(token, parseGtid(String(gtid)).uuid);
  if (newest !== undefined && number(newest[2]) > Number(newest[4]))
    throw new SqlFailure('22023', `the lake is published up to ${String(newest[2])}, not yet up to ${text}`, {
      hint: `Wait for the next publication, or read the newest rows: SET ${MIN_GTID}.`,
    });
  const row = rows.find((candidate) => number(candidate[2]) >= Number(candidate[4]));
  return stateOf(row, text);
}

async function publicationBefore(connection: DuckDBConnection, text: string): Promise<LakeState> {
  const moment = (await connection.runAndReadAll('SELECT TRY_CAST($1::VARCHAR AS TIMESTAMPTZ), now()', [text])).getRows()[0];
  if (moment?.[0] === null || moment?.[0] === undefined)
    throw new SqlFailure('22023', `invalid value for parameter "${AS_OF}": "${text}" is neither a GTID nor a time`, {
      hint: "A time is written as '2026-11-21 14:00:00+00'; without an offset it is in the session's time zone.",
    });
  const sql = `${PUBLICATIONS} WHERE p.published_at <= $1::VARCHAR::TIMESTAMPTZ ORDER BY p.publication_id DESC LIMIT 1`;
  return stateOf((await connection.runAndReadAll(sql, [text])).getRows()[0], text);
}

function stateOf(row: readonly unknown[] | undefined, text: string): LakeState {
  if (row === undefined)
    throw new SqlFailure('22023', `nothing was published at or before ${text}`, {
      hint: 'SELECT gtid, published_at FROM ops.publications ORDER BY 2 shows what there is.',
    });
  return { publicationId: Number(row[0]), snapshot: Number(row[1]), gtid: (row[2] ?? null) as string | null, publishedAt: String(row[3]) };
}

/** Old snapshots are forgotten (LEDGERFLOW_LAKE_RETENTION_HOURS). */
async function checkKept(connection: DuckDBConnection, { snapshot, publicationId, publishedAt }: LakeState): Promise<void> {
  const kept = await connection.runAndReadAll(`SELECT 1 FROM ${CATALOG}.ducklake_snapshot WHERE snapshot_id = $1`, [BigInt(snapshot)]);
  if (kept.currentRowCount > 0) return;
  throw new SqlFailure('22023', `publication ${publicationId} of ${publishedAt} is no longer kept`, {
    hint: 'Snapshots are kept for LEDGERFLOW_LAKE_RETENTION_HOURS.',
  });
}
