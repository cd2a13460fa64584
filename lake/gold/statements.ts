// Runs gold's SQL, and keeps prepared what comes again: a refresh is some fifteen statements over a handful of rows, and
// planning them takes four times as long as running them (docs/adr/0005).
//
// DuckDB's plan of a prepared statement bakes in the statistics of its tables (a filter beyond the greatest value seen
// becomes "no rows"), and they stay baked in when the tables change: wrong results. So the optimizer steps that read
// statistics are off for the whole instance, and nothing is prepared while they are on (statements.test.ts shows both).

import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResultReader } from '@duckdb/node-api';
import { KeptStatements } from '../store/kept-statements.ts';

const STATISTICS_STEPS = ['statistics_propagation', 'compressed_materialization'] as const;
/** Texts remembered; the one used longest ago goes first. */
const TEXTS_MAX = 200;

export class Statements {
  private readonly connection: DuckDBConnection;
  /** null: seen once, not worth preparing yet. */
  private readonly known = new Map<string, DuckDBPreparedStatement | null>();
  private readonly kept: KeptStatements;
  private safe = false;

  private constructor(connection: DuckDBConnection) {
    this.connection = connection;
    this.kept = new KeptStatements(connection);
  }

  /** Turns the statistics steps off for the instance; they cost readers nothing measurable (docs: bench gold-refresh). */
  static async open(connection: DuckDBConnection): Promise<Statements> {
    const statements = new Statements(connection);
    const off = new Set([...(await statements.disabled()), ...STATISTICS_STEPS]);
    await connection.run(`SET GLOBAL disabled_optimizers = '${[...off].join(',')}'`);
    await statements.verify();
    return statements;
  }

  /** To be called now and then: somebody may have changed the setting. */
  async verify(): Promise<void> {
    const disabled = await this.disabled();
    this.safe = STATISTICS_STEPS.every((step) => disabled.includes(step));
    if (!this.safe) this.forget();
  }

  private async disabled(): Promise<string[]> {
    const reader = await this.connection.runAndReadAll(`SELECT current_setting('disabled_optimizers')`);
    return String(reader.getRows()[0]?.[0] ?? '')
      .split(',')
      .filter((step) => step !== '');
  }

  /** One statement whose text may come again. Returns the rows it changed. */
  async run(sql: string): Promise<number> {
    const prepared = await this.prepared(sql);
    const result = prepared === null ? await this.connection.run(sql) : await prepared.run();
    return result.rowsChanged;
  }

  /** Small statements whose texts may come again, in one call. */
  async runAll(statements: readonly string[]): Promise<void> {
    if (this.safe) await this.kept.runAll(statements);
    else await this.connection.run(statements.join(';\n'));
  }

  /** One query whose text may come again. */
  async read(sql: string): Promise<DuckDBResultReader> {
    const prepared = await this.prepared(sql);
    return prepared === null ? await this.connection.runAndReadAll(sql) : await prepared.runAndReadAll();
  }

  forget(): void {
    for (const prepared of this.known.values()) prepared?.destroySync();
    this.known.clear();
    this.kept.clear();
  }

  private async prepared(sql: string): Promise<DuckDBPreparedStatement | null> {
    if (!this.safe) return null;
    const found = this.known.get(sql);
    this.known.delete(sql);
    const prepared = found === null ? await this.connection.prepare(sql) : (found ?? null);
    this.known.set(sql, prepared);
    const oldest = this.known.keys().next();
    if (this.known.size > TEXTS_MAX && oldest.done !== true) {
      this.known.get(oldest.value)?.destroySync();
      this.known.delete(oldest.value);
    }
    return prepared;
  }
}
