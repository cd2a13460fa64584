// Gold's place to work: its connection, its kept statements, the temporary tables of a refresh, and what it knows of the
// captured tables' shapes.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident } from '../store/identifiers.ts';
import { workTablesSql, type RefreshWork } from './apply.ts';
import { readCatalog, type Catalog } from './inputs.ts';
import type { Model, SilverInput } from './model.ts';
import { Statements } from './statements.ts';
import { readWindow, type Since, type StoreWindow } from './window.ts';

export class Workspace {
  readonly connection: DuckDBConnection;
  readonly statements: Statements;
  catalog: Catalog = new Map();
  private schemaCommit: string | null = null;
  private readonly models: readonly Model[];
  private filled = new Set<string>();

  private constructor(connection: DuckDBConnection, statements: Statements, models: readonly Model[]) {
    this.connection = connection;
    this.statements = statements;
    this.models = models;
  }

  static async open(connection: DuckDBConnection, models: readonly Model[]): Promise<Workspace> {
    return new Workspace(connection, await Statements.open(connection), models);
  }

  /**
   * Begins the refresh's transaction and finds what changed within its snapshot.
   * @param touched captured tables that can have changed up to the commit; null: unknown
   */
  async begin(since: Since, touched: ReadonlySet<string> | null, upToCommit: number): Promise<StoreWindow> {
    await this.connection.run('BEGIN');
    const hinted = touched === null ? null : this.inputs().filter(({ table }) => touched.has(table));
    const window = await readWindow(this.connection, hinted ?? this.inputs(), since);
    if (window.schemaCommit !== this.schemaCommit) {
      await this.connection.run('ROLLBACK'); // temporary tables made inside would go with a rollback
      await this.learn(window.schemaCommit);
      return await this.begin(since, null, upToCommit);
    }
    // The store may have moved on; then the hint covers less than the snapshot.
    return hinted === null || window.commitId === upToCommit ? window : await readWindow(this.connection, this.inputs(), since);
  }

  /** Looks at the captured tables' shapes and makes the temporary tables for them. */
  private async learn(schemaCommit: string): Promise<void> {
    const tables = this.models.flatMap((model) => model.silverInputs.map((input) => input.table));
    this.catalog = await readCatalog(this.connection, tables);
    for (const sql of workTablesSql(this.models, (table) => this.catalog.has(table))) await this.connection.run(sql);
    this.filled.clear();
    this.schemaCommit = schemaCommit;
  }

  /** To be called when a captured table turned out to be gone. */
  forget(): void {
    this.catalog = new Map();
    this.schemaCommit = null;
  }

  /** What one refresh works with. */
  work(window: StoreWindow): RefreshWork {
    this.filled = new Set();
    return { connection: this.connection, statements: this.statements, windows: window.tables, literals: new Map(), filled: this.filled };
  }

  /** Empties what a refresh filled; after its result is out, so that nobody waits for it. */
  async clean(): Promise<void> {
    for (const table of this.filled) await this.statements.run(`TRUNCATE temp.${ident(table)}`);
    this.filled.clear();
    await this.statements.verify();
  }

  close(): void {
    this.statements.forget();
    this.connection.closeSync();
  }

  async rollback(): Promise<void> {
    this.filled.clear();
    await this.connection.run('ROLLBACK').catch(() => undefined); // none is open after an error of COMMIT
  }

  /** Captured tables the models read and that exist, once each. */
  private inputs(): SilverInput[] {
    const inputs = new Map(this.models.flatMap((model) => model.silverInputs.map((input) => [input.table, input] as const)));
    return [...inputs.values()].filter((input) => this.catalog.has(input.table));
  }
}
