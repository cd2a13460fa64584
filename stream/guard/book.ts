// ops.guarded_changes: source transactions that wait, or waited, for a person, and what was decided. One row each, by transaction number.
// Written on a connection of its own, before anything follows from it: what is decided holds after a restart.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { ident, literal, nullable } from '../../infra/runtime/sql-text.ts';

// state: waiting (nothing behind it is taken), held (its tables are held, the rest flows), approved, rejected (its tables are held).
export const GUARD_DDL = `
CREATE TABLE IF NOT EXISTS ops.guarded_changes (seq BIGINT NOT NULL, kind VARCHAR NOT NULL, gtid VARCHAR, tables VARCHAR[] NOT NULL, rows BIGINT NOT NULL, what VARCHAR NOT NULL,
  state VARCHAR NOT NULL, found_at TIMESTAMPTZ NOT NULL, decided_at TIMESTAMPTZ, decided_by VARCHAR, note VARCHAR);
ALTER TABLE ops.guarded_changes ADD COLUMN IF NOT EXISTS ddl VARCHAR; ALTER TABLE ops.guarded_changes ADD COLUMN IF NOT EXISTS class VARCHAR;
ALTER TABLE ops.guarded_changes ADD COLUMN IF NOT EXISTS models VARCHAR[]; ALTER TABLE ops.guarded_changes ADD COLUMN IF NOT EXISTS dashboards VARCHAR[];
`;

export type GuardState = 'waiting' | 'held' | 'approved' | 'rejected';

/** What a transaction does that is asked about. */
export interface GuardedChange {
  /** Number of the transaction, by which it is decided. */
  readonly seq: number;
  /** delete: one transaction deletes many rows. deletes: with those before it, many small ones do. */
  readonly kind: 'delete' | 'deletes' | 'truncate' | 'ddl';
  readonly gtid: string | null;
  readonly tables: readonly string[];
  /** Rows that would go from silver, over all its tables. */
  readonly rows: number;
  /** In words. */
  readonly what: string;
  /** Of a DDL. */
  readonly ddl?: GuardedDdl;
}

export interface GuardedDdl {
  readonly text: string;
  readonly class: 'safe' | 'lossy' | 'breaking';
  /** What of gold it affects. */
  readonly models: readonly string[];
  readonly dashboards: readonly string[];
  /** It can only wait, not be held: a table goes or changes its name. */
  readonly whole: boolean;
}

export interface Decision {
  readonly seq: number;
  readonly by: string;
  readonly note: string;
}

interface Entry {
  state: GuardState;
  readonly kind: GuardedChange['kind'];
  readonly tables: readonly string[];
  readonly what: string;
}

export class GuardBook {
  private readonly connection: DuckDBConnection;
  private readonly entries: Map<number, Entry>;

  private constructor(connection: DuckDBConnection, entries: Map<number, Entry>) {
    this.connection = connection;
    this.entries = entries;
  }

  static async open(connection: DuckDBConnection): Promise<GuardBook> {
    await connection.run(GUARD_DDL);
    // The limit was raised while one waited: nothing asked about it any more.
    await connection.run(`UPDATE ops.guarded_changes SET state = 'approved', decided_at = now(), note = 'within the limit by now'
      WHERE state = 'waiting' AND seq <= (SELECT max(seq) FROM ops.state)`);
    const rows = (await connection.runAndReadAll('SELECT seq, state, to_json(tables), what, kind FROM ops.guarded_changes')).getRows();
    const entries = rows.map(([seq, state, tables, what, kind]): [number, Entry] => [
      Number(seq),
      { state: state as GuardState, tables: JSON.parse(tables as string) as string[], what: what as string, kind: kind as Entry['kind'] },
    ]);
    return new GuardBook(connection, new Map(entries));
  }

  /** Live rows of a table as the last commit left them. */
  async liveRows(table: string): Promise<number> {
    return Number((await this.connection.runAndReadAll(`SELECT count(*) FROM silver.${ident(table)}`)).getRows()[0]?.[0] ?? 0);
  }

  get(seq: number): Entry | undefined {
    return this.entries.get(seq);
  }

  /** What was asked about of one kind behind `from`, up to `to`, ascending. */
  told(
    kind: GuardedChange['kind'],
    from: number,
    to: number,
  ): { readonly seq: number; readonly what: string; readonly tables: readonly string[] }[] {
    const within = [...this.entries].filter(([seq, entry]) => seq > from && seq <= to && entry.kind === kind);
    return within.map(([seq, { what, tables }]) => ({ seq, what, tables })).sort((a, b) => a.seq - b.seq);
  }

  /** Transactions behind `from`, up to `to`, that hold their tables. */
  refused(from: number, to: number): Set<number> {
    const refused = new Set<number>();
    for (const [seq, { state }] of this.entries)
      if (seq > from && seq <= to && (state === 'held' || state === 'rejected')) refused.add(seq);
    return refused;
  }

  async found(change: GuardedChange, state: 'waiting' | 'held'): Promise<void> {
    const { seq, kind, gtid, tables, rows, what, ddl } = change;
    const list = (names: readonly string[]): string => `[${names.map((name) => literal(name)).join(', ')}]::VARCHAR[]`;
    const about =
      ddl === undefined ? 'NULL, NULL, NULL, NULL' : `${literal(ddl.text)}, '${ddl.class}', ${list(ddl.models)}, ${list(ddl.dashboards)}`;
    await this.connection.run(
      `INSERT INTO ops.guarded_changes VALUES (${seq}, ${literal(kind)}, ${nullable(gtid)}, ${list(tables)}, ${rows}, ${literal(what)}, '${state}', now(), NULL, NULL, NULL, ${about})`,
    );
    this.entries.set(seq, { state, tables, what, kind });
  }

  /**
   * Writes a decision down. @returns the state before and the tables
   * @throws LedgerflowError LF_GUARD_UNKNOWN when there is nothing to decide
   */
  async decide({ seq, by, note }: Decision, state: 'approved' | 'rejected'): Promise<{ before: GuardState; tables: readonly string[] }> {
    const entry = this.entries.get(seq);
    if (entry === undefined || entry.state === 'approved' || entry.state === 'rejected')
      throw new LedgerflowError(
        'LF_GUARD_UNKNOWN',
        entry === undefined ? `no change ${seq} is guarded` : `${seq} is ${entry.state} already`,
      );
    const before = entry.state;
    await this.connection.run(
      `UPDATE ops.guarded_changes SET state = '${state}', decided_at = now(), decided_by = ${literal(by)}, note = ${literal(note)} WHERE seq = ${seq}`,
    );
    entry.state = state;
    return { before, tables: entry.tables };
  }
}
