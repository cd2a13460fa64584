// One client's side of DuckDB: its connection, its read-only transaction, the statement that runs, and how that one is stopped.

import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import { sleep } from '../../infra/runtime/sleep.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { SqlFailure } from './failures.ts';
import type { Entrance } from './accounts.ts';
import type { TransactionStatus } from './messages.ts';
import { schemasOf } from './search-path.ts';
import { checkStopped, Turn, type StopReason } from './turn.ts';

export interface BackendOptions {
  readonly connect: () => Promise<DuckDBConnection>;
  readonly gate: Entrance;
  readonly statementTimeoutMs: number;
  readonly searchPath: string;
}

/** An interrupt that arrives between two steps of DuckDB is lost, so it is repeated until the statement has ended. */
const INTERRUPT_EVERY_MS = 20;

const BEGIN = 'BEGIN TRANSACTION READ ONLY';
const ROLLBACK = 'ROLLBACK';
const PROBE = 'SELECT 1';

export class Backend {
  readonly #options: BackendOptions;
  #connection: Promise<DuckDBConnection> | undefined;
  #transaction: 'none' | 'implicit' | 'explicit' = 'none';
  #failed = false;
  /** A statement has run in the client's transaction: its snapshot is what the client saw. */
  #used = false;
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
    if (this.#transaction === 'implicit') this.#used = false;
    this.#transaction = 'explicit';
  }

  /** What runs next sees the newest commit. @throws SqlFailure 25001 inside a transaction that has read already. */
  async renew(): Promise<void> {
    if (this.#transaction === 'none') return;
    if (this.#transaction === 'explicit' && this.#used)
      throw new SqlFailure('25001', 'the transaction has read already and keeps what it saw', {
        hint: 'Set ledgerflow.min_gtid before the transaction, or as its first statement.',
      });
    const explicit = this.#transaction === 'explicit';
    await this.end();
    if (explicit) await this.begin();
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

  /** Asks again and again until it is true; false when the time is over. Takes no place among the running statements; stoppable by `stop`. */
  async waitUntil(
    check: () => Promise<boolean>,
    { timeoutMs, pollMs }: { readonly timeoutMs: number; readonly pollMs: number },
  ): Promise<boolean> {
    const stop = new AbortController();
    this.#stop = stop;
    const deadline = performance.now() + timeoutMs;
    try {
      for (;;) {
        if (await check()) return true;
        if (performance.now() >= deadline) return false;
        await sleep(pollMs, stop.signal).catch(() => undefined); // stopped: told below
        checkStopped(stop.signal);
      }
    } finally {
      this.#stop = undefined;
    }
  }

  /** Runs one step of a statement in its turn, with the statement time-out, stoppable by `stop`. */
  async run<Result>(work: (turn: Turn) => Promise<Result>): Promise<Result> {
    const stop = new AbortController();
    this.#stop = stop;
    this.#used = true;
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

/** DuckDB refuses a search path with schemas that do not exist; PostgreSQL passes over them. */
async function searchIn(connection: DuckDBConnection, path: string): Promise<void> {
  const found = await connection.runAndReadAll('SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database()');
  const existing = new Set(found.getRows().map(([name]) => String(name)));
  const usable = schemasOf(path).filter((schema) => existing.has(schema) && !schema.startsWith('_'));
  await connection.run(usable.length === 0 ? 'RESET search_path' : `SET search_path = ${literal(usable.join(','))}`);
}
