// Session commands: transactions, settings, and what clients send on opening or returning a connection.

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';
import { SqlFailure } from './failures.ts';
import { commandComplete, empty, notice, parameterStatus } from './messages.ts';
import type { Outlet } from './outlet.ts';
import type { Plan } from './planner.ts';
import { textColumns } from './prepared.ts';
import { AS_OF, MIN_GTID } from './reading.ts';
import { displayName, millisecondsOf } from './session-settings.ts';
import type { SessionDeps } from './session-deps.ts';
import type { Command } from './statement.ts';
import type { PgColumn } from './types.ts';

/** Names that DEALLOCATE and CLOSE drop; the extended protocol owns them. */
export interface NameKeeper {
  dropStatement(name: string | undefined): void;
  dropPortal(name: string | undefined): void;
}

export function controlColumns(command: Command): PgColumn[] | undefined {
  if (command.kind !== 'show') return undefined;
  return command.name === 'all' ? textColumns('name', 'setting') : textColumns(displayName(command.name));
}

export class Control {
  readonly #deps: SessionDeps;
  readonly #out: Outlet;
  names: NameKeeper | undefined;
  /** The settings as DuckDB's session last learned them, for current_setting(). */
  #shared = '';

  readonly #freeConnection: () => Promise<void>;

  /** `freeConnection` is called before a statement runs on DuckDB's connection beside an unfinished result. */
  constructor(deps: SessionDeps, out: Outlet, freeConnection: () => Promise<void>) {
    this.#freeConnection = freeConnection;
    this.#deps = deps;
    this.#out = out;
  }

  /** Answers a command that runs no query. */
  async run(command: Command): Promise<void> {
    const { messages } = this.#out;
    if (command.kind === 'empty') {
      empty(messages, 'I');
      return;
    }
    if (this.#deps.backend.status === 'E' && command.kind !== 'commit' && command.kind !== 'rollback')
      await this.#deps.backend.needTransaction();
    commandComplete(messages, await this.#perform(command));
  }

  async #perform(command: Command): Promise<string> {
    const { backend } = this.#deps;
    switch (command.kind) {
      case 'begin':
        if (backend.status === 'T') notice(this.#out.messages, '25001', 'there is already a transaction in progress');
        await backend.begin();
        return command.tag;
      case 'commit':
      case 'rollback':
        return this.#end(command);
      case 'set':
        await this.#set(command.name, command.value);
        return 'SET';
      case 'reset':
        await this.#reset(command.name);
        return 'RESET';
      case 'show':
        this.#show(command.name);
        return 'SHOW';
      case 'deallocate':
        this.names?.dropStatement(command.name);
        return 'DEALLOCATE';
      case 'close':
        this.names?.dropPortal(command.name);
        return 'CLOSE CURSOR';
      case 'accepted':
        return command.tag;
      default:
        throw new SqlFailure('XX000', `the command ${command.kind} is a query`);
    }
  }

  async #end(command: Extract<Command, { tag: string }>): Promise<string> {
    const { backend } = this.#deps;
    if (backend.status === 'I') notice(this.#out.messages, '25P01', 'there is no transaction in progress');
    this.names?.dropPortal(undefined);
    const good = await backend.end();
    return good ? command.tag : 'ROLLBACK';
  }

  async #set(name: string, value: string | undefined): Promise<void> {
    const { settings } = this.#deps;
    const before = settings.get(name);
    settings.set(name, value);
    try {
      await this.#apply(name);
    } catch (error) {
      settings.set(name, before);
      throw error;
    }
    if (settings.isReported(name)) parameterStatus(this.#out.messages, displayName(name), settings.show(name));
  }

  /** The settings that mean something to DuckDB or to the time-out. */
  async #apply(name: string): Promise<void> {
    const { backend, settings } = this.#deps;
    const value = settings.get(name) ?? '';
    if (['timezone', 'search_path', AS_OF, MIN_GTID].includes(name)) await this.#freeConnection();
    if (name === 'statement_timeout') backend.limitStatement(millisecondsOf(value));
    if (name === 'timezone') await (await backend.connection()).run(`SET TimeZone = ${literal(value)}`);
    if (name === 'search_path') await backend.search(value);
    if (name === MIN_GTID) this.#deps.reading.forget();
    if ((name === AS_OF || name === MIN_GTID) && value !== '') await this.#read();
  }

  /** Settles what the session reads and tells which publication it is. */
  async #read(): Promise<void> {
    const lake = await this.#deps.reading.current();
    if (lake === undefined) return;
    notice(this.#out.messages, '00000', `reading publication ${lake.publicationId} of ${lake.publishedAt}, at ${lake.gtid ?? 'no GTID'}`);
  }

  async #reset(name: string | undefined): Promise<void> {
    if (name !== undefined) return this.#set(name, undefined);
    this.names?.dropStatement(undefined);
    this.#deps.settings.resetAll();
    for (const applied of ['statement_timeout', 'timezone', 'search_path']) await this.#apply(applied);
  }

  #show(name: string): void {
    const rows = name === 'all' ? this.#deps.settings.all() : [[this.#deps.settings.show(name)]];
    for (const row of rows) {
      this.#out.messages.begin('D').int16(row.length);
      for (const value of row) this.#out.messages.value(value);
      this.#out.messages.end();
    }
  }

  /** Tells DuckDB's session the settings before a catalog query that may read them. */
  async shareSettings(connection: DuckDBConnection, plan: Plan): Promise<void> {
    if (!plan.catalog) return;
    const entries = [...this.#deps.settings.all(), ['wire.database', this.#deps.database] as const].map(
      ([name, value]) => `${literal(name.toLowerCase())}: ${literal(value)}`,
    );
    const map = `MAP {${entries.join(', ')}}`;
    if (map === this.#shared) return;
    await connection.run(`SET VARIABLE wire_settings = ${map}`);
    this.#shared = map;
  }
}
