// One client's side of DuckDB: its connection, its read-only transaction, the statement that runs, and how that one is stopped.

import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';
import { SqlFailure } from './failures.ts';
import type { Gate, Slot } from './gate.ts';
import type { TransactionStatus } from './messages.ts';
import { schemasOf } from './search-path.ts';

export type StopReason = 'cancel' | 'timeout' | 'closed' | 'shutdown';

export interface BackendOptions {
  readonly connect: () => Promise<DuckDBConnection>;
  readonly gate: Gate;
  readonly statementTimeoutMs: number;
  readonly searchPath: string;
}

/** An interrupt that arrives between two steps of DuckDB is lost, so it is repeated until the statement has ended. */
const INTERRUPT_EVERY_MS = 20;

const BEGIN = 'BEGIN TRANSACTION READ ONLY';
const ROLLBACK = 'ROLLBACK';
const PROBE = 'SELECT 1';

const STOPPED: Readonly<Record<StopReason, readonly [string, string]>> = {
  cancel: ['57014', 'canceling statement due to user request'],
  timeout: ['57014', 'canceling statement due to statement timeout'],
  closed: ['08006', 'the client has gone'],
  shutdown: ['57P01', 'terminating connection: the endpoint is stopping'],
};

export class Backend {
  readonly #options: BackendOptions;
  #connection: Promise<DuckDBConnection> | undefined;
  #transaction: 'none' | 'implicit' | 'explicit' = 'none';
  #failed = false;
  #stop: AbortController | undefined;
  readonly #phrases = new Map<string, DuckDBPreparedStatement>();
  #timeoutMs: number;

  constructor(options: BackendOptions) {
    this.#options = options;
    this.#timeoutMs = options.statementTimeoutMs;
  }

  /** A client may shorten the statement time-out, never lengthen it; 0 gives the endpoint's own. */
  limitStatement(milliseconds: number): void {
    const longest = this.#options.statementTimeoutMs;
    this.#timeoutMs = milliseconds > 0 ? Math.min(milliseconds, longest) : longest;
  }

  /** Where names without a schema are looked for. */
  async search(path: string): Promise<void> {
    await searchIn(await this.connection(), path);
  }

  get status(): TransactionStatus {
    if (this.#transaction !== 'explicit') return 'I';
    return this.#failed ? 'E' : 'T';
  }

  get inTransaction(): boolean {
    return this.#transaction !== 'none';
  }

  async connection(): Promise<DuckDBConnection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<DuckDBConnection> {
    const connection = await this.#options.connect();
    await connection.run(`SET TimeZone = 'UTC'`);
    await searchIn(connection, this.#options.searchPath);
    return connection;
  }

  /** Every statement that reads runs in a read-only transaction: the client's own, or one for this request. */
  async needTransaction(): Promise<void> {
    if (this.#failed)
      throw new SqlFailure('25P02', 'current transaction is aborted, commands ignored until end of transaction block', {
        hint: 'Send ROLLBACK.',
      });
    if (this.#transaction !== 'none') return;
    await this.#phrase(BEGIN);
    this.#transaction = 'implicit';
  }

  async begin(): Promise<void> {
    await this.needTransaction();
    this.#transaction = 'explicit';
  }

  /** Ends the transaction; false when it had failed, so that COMMIT is answered by ROLLBACK as in PostgreSQL. */
  async end(): Promise<boolean> {
    const good = !this.#failed;
    const open = this.#transaction !== 'none';
    this.#transaction = 'none';
    this.#failed = false;
    if (open) await this.#phrase(ROLLBACK);
    return good;
  }

  /**
   * The client library ends a stream that broke (an error in a later chunk, an interrupt) exactly like a complete one.
   * The transaction knows better: after an error it refuses every statement.
   * @param repeatable the query without parameters, evaluated again only to learn the error's text.
   * @throws the error that broke the stream.
   */
  async verifyComplete(repeatable: string | undefined): Promise<void> {
    try {
      await this.#phrase(PROBE);
    } catch (cause) {
      await this.#phrase(ROLLBACK);
      await this.#phrase(BEGIN);
      if (repeatable !== undefined) await (await this.connection()).run(`SELECT count(COLUMNS(*)) FROM (${repeatable})`);
      throw new SqlFailure('XX000', 'the statement broke off after some of its rows', { hint: 'Run it again.', cause });
    }
  }

  /** Runs one of the statements that go with every query; prepared once, they cost half. */
  async #phrase(sql: string): Promise<void> {
    let statement = this.#phrases.get(sql);
    if (statement === undefined) {
      statement = await (await this.connection()).prepare(sql);
      this.#phrases.set(sql, statement);
    }
    await statement.run();
  }

  /** Ends the request's own transaction; the client's stays. */
  async endRequest(): Promise<void> {
    if (this.#transaction === 'implicit') await this.end();
  }

  /** After an error: the client's transaction is lost until ROLLBACK, the request's own is ended. */
  async fail(): Promise<void> {
    if (this.#transaction === 'implicit') await this.end();
    else if (this.#transaction === 'explicit') this.#failed = true;
  }

  /** Runs one step of a statement in its turn, with the statement time-out, stoppable by `stop`. */
  async run<Result>(work: (turn: Turn) => Promise<Result>): Promise<Result> {
    const stop = new AbortController();
    this.#stop = stop;
    const timer = setTimeout(() => stop.abort('timeout' satisfies StopReason), this.#timeoutMs);
    const turn = new Turn(this.#options.gate, stop.signal);
    let interrupting: NodeJS.Timeout | undefined;
    const connection = await this.connection();
    stop.signal.addEventListener('abort', () => {
      connection.interrupt();
      interrupting = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
    });
    try {
      await turn.resume();
      const result = await work(turn);
      turn.check();
      return result;
    } catch (error) {
      turn.check();
      throw error;
    } finally {
      clearTimeout(timer);
      clearInterval(interrupting);
      turn.pause();
      this.#stop = undefined;
    }
  }

  /** Stops the running statement, if there is one. */
  stop(reason: StopReason): void {
    this.#stop?.abort(reason);
  }

  async close(): Promise<void> {
    this.stop('closed');
    const connection = await this.#connection?.catch(() => undefined);
    this.#phrases.clear();
    connection?.closeSync();
    this.#connection = undefined;
    this.#transaction = 'none';
  }
}

/** A statement's place among the running ones. It is given back while the client's socket is full. */
export class Turn {
  readonly signal: AbortSignal;
  readonly #gate: Gate;
  #slot: Slot | undefined;

  constructor(gate: Gate, signal: AbortSignal) {
    this.#gate = gate;
    this.signal = signal;
  }

  async resume(): Promise<void> {
    this.#slot = await this.#gate.enter(this.signal);
    this.check();
  }

  pause(): void {
    this.#slot?.release();
    this.#slot = undefined;
  }

  /** @throws SqlFailure when the statement was stopped. */
  check(): void {
    if (!this.signal.aborted) return;
    const [sqlstate, message] = STOPPED[this.signal.reason as StopReason];
    throw new SqlFailure(sqlstate, message, { fatal: sqlstate !== '57014' });
  }
}

/** DuckDB refuses a search path with schemas that do not exist; PostgreSQL passes over them. */
async function searchIn(connection: DuckDBConnection, path: string): Promise<void> {
  const found = await connection.runAndReadAll('SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database()');
  const existing = new Set(found.getRows().map(([name]) => String(name)));
  const usable = schemasOf(path).filter((schema) => existing.has(schema) && !schema.startsWith('_'));
  await connection.run(usable.length === 0 ? 'RESET search_path' : `SET search_path = ${literal(usable.join(','))}`);
}
