// Reading sessions on the working store: one read-only transaction each, so that every answer comes from the same state while commits
// go on. They are few and end by themselves: an open transaction keeps DuckDB from forgetting old versions.

import { randomUUID } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { isAlive, type ProcessId } from '../../infra/native/process-id.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { readSchemas } from '../store/state.ts';
import { textRows } from './text-rows.ts';
import type { TextRow } from './side.ts';

const tableStandingSchema = z.object({
  table: z.string(),
  columns: z.array(z.string()),
  keyColumns: z.array(z.string()),
  held: z.boolean(),
  /** Records that wait in ops.parked. */
  parked: z.number(),
  /** Commit in which a table that was read anew took the place of this one, -1 when none did: what it was before is not known any more. */
  replacedAt: z.number(),
});
export type TableStanding = z.infer<typeof tableStandingSchema>;

/** What a session sees. */
export const standingSchema = z.object({
  session: z.string(),
  seq: z.number(),
  commitId: z.number(),
  serverUuid: z.string().nullable(),
  phase: z.string(),
  tables: z.array(tableStandingSchema),
});
export type Standing = z.infer<typeof standingSchema>;

interface Session {
  readonly connection: DuckDBConnection;
  readonly schemas: ReadonlyMap<string, TableSchema>;
  /** Who asked for it; null: this process. */
  readonly owner: ProcessId | null;
  readonly expires: NodeJS.Timeout;
  /** A connection runs one statement at a time. */
  turn: Promise<unknown>;
}

interface Wish {
  readonly seq: number;
  readonly waitMs: number;
  readonly owner: ProcessId | null;
}

export interface SessionLimits {
  readonly sessionsMax: number;
  /** Longest life of a session. */
  readonly sessionMsMax: number;
}

const POLL_MS = 20;

export class VerifySessions implements AsyncDisposable {
  private readonly connect: () => Promise<DuckDBConnection>;
  private readonly limits: SessionLimits;
  private readonly open = new Map<string, Session>();
  private opening = 0;

  constructor(connect: () => Promise<DuckDBConnection>, limits: SessionLimits) {
    this.connect = connect;
    this.limits = limits;
  }

  /**
   * A session on a state that includes the source transaction `seq`. Where none is left, those of commands that were killed are ended.
   * @throws LedgerflowError LF_VERIFY_BUSY, LF_VERIFY_LATE when the store does not get there in `waitMs`
   */
  async begin(seq: number, waitMs: number, owner: ProcessId | null = null): Promise<Standing> {
    if (this.open.size + this.opening >= this.limits.sessionsMax) await this.endOrphans();
    if (this.open.size + this.opening >= this.limits.sessionsMax)
      throw new LedgerflowError('LF_VERIFY_BUSY', `${this.open.size + this.opening} comparisons are under way`);
    this.opening += 1;
    try {
      const connection = await this.connect();
      return await this.reach(connection, { seq, waitMs, owner }).catch((error: unknown) => {
        connection.closeSync();
        throw error;
      });
    } finally {
      this.opening -= 1;
    }
  }

  private async endOrphans(): Promise<void> {
    for (const [session, { owner }] of [...this.open]) if (owner !== null && !isAlive(owner)) await this.end(session);
  }

  private async reach(connection: DuckDBConnection, wish: Wish): Promise<Standing> {
    const { seq, waitMs, owner } = wish;
    const deadline = performance.now() + waitMs;
    for (;;) {
      await connection.run('BEGIN TRANSACTION READ ONLY');
      const [state] = await textRows(connection, 'SELECT seq, commit_id, server_uuid, phase FROM ops.state');
      if (Number(state?.[0]) >= seq) return this.enter(connection, owner, state ?? []);
      await connection.run('ROLLBACK');
      if (performance.now() > deadline)
        throw new LedgerflowError(
          'LF_VERIFY_LATE',
          `transaction ${seq} is not in the store after ${waitMs} ms; it stands at ${state?.[0]}`,
        );
      await sleep(POLL_MS);
    }
  }

  private async enter(
    connection: DuckDBConnection,
    owner: ProcessId | null,
    [seq, commitId, serverUuid, phase]: TextRow,
  ): Promise<Standing> {
    const schemas = await readSchemas(connection);
    const held = new Set(
      (await textRows(connection, 'SELECT table_name FROM ops.held_tables WHERE released_commit IS NULL')).map(([name]) => name),
    );
    const parkedRows = await textRows(
      connection,
      `SELECT table_name, count(*) FROM ops.parked WHERE status IN ('parked', 'waiting') AND table_name IS NOT NULL GROUP BY table_name`,
    );
    const replacedRows = await textRows(
      connection,
      `SELECT table_name, max(ended_commit) FROM ops.rereads WHERE status = 'done' AND NOT in_place GROUP BY table_name`,
    );
    const replaced = new Map(replacedRows.map(([table, commit]) => [table, Number(commit)]));
    const parked = new Map(parkedRows.map(([table, count]) => [table, Number(count)]));
    const session = randomUUID();
    const expires = setTimeout(() => void this.end(session), this.limits.sessionMsMax);
    expires.unref();
    this.open.set(session, { connection, schemas, owner, expires, turn: Promise.resolve() });
    const tables = [...schemas.values()].map(({ table, columns, keyColumns }) => ({
      table,
      columns: columns.map(({ name }) => name),
      keyColumns: [...keyColumns],
      held: held.has(table),
      parked: parked.get(table) ?? 0,
      replacedAt: replaced.get(table) ?? -1,
    }));
    return { session, seq: Number(seq), commitId: Number(commitId), serverUuid: serverUuid ?? null, phase: phase ?? '', tables };
  }

  /** Runs a query in the session. @throws LedgerflowError LF_VERIFY_ENDED */
  query(session: string, sql: string): Promise<TextRow[]> {
    const found = this.open.get(session);
    if (found === undefined) throw new LedgerflowError('LF_VERIFY_ENDED', 'the reading session has ended; it may have lasted too long');
    const turn = found.turn.then(() => textRows(found.connection, sql));
    found.turn = turn.catch(() => undefined); // the caller has the error; the next query has its own turn
    return turn;
  }

  /** Shape of a table as the session's beginning found it. */
  schemaOf(session: string, table: string): TableSchema | undefined {
    return this.open.get(session)?.schemas.get(table);
  }

  /** Ends it when the query under way is done; a session that is not there is none. */
  async end(session: string): Promise<void> {
    const found = this.open.get(session);
    if (found === undefined) return;
    this.open.delete(session);
    clearTimeout(found.expires);
    await found.turn;
    await found.connection.run('ROLLBACK').catch(() => undefined); // a failed query has ended it
    found.connection.closeSync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of [...this.open.keys()]) await this.end(session);
  }
}
