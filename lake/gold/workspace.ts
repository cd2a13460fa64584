// Gold's place to work: its connection, its kept statements, the temporary tables of a refresh, and what it knows of the
// captured tables' shapes.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Told } from '../store/commit-report.ts';
import { FEW_ROWS_MAX } from '../store/kept-statements.ts';
import { ident } from '../../infra/runtime/sql-text.ts';
import { emptyingSql, workTablesSql, type RefreshWork } from './apply.ts';
import { readCatalog, type Catalog } from './inputs.ts';
import type { Model, SilverInput } from './model.ts';
import { createChangesSql, GOLD_SCHEMA_DDL, followedFacts } from './physical.ts';
import { Statements } from './statements.ts';
import { mayHaveGone, readWindow, toldWindow, type StoreWindow } from './window.ts';

/** The settings that kept plans depend on are looked at this often. */
const VERIFY_EVERY_REFRESHES = 100;
const ANEW_EVERY_REFRESHES = 1_000;

export class Workspace {
  readonly connection: DuckDBConnection;
  readonly statements: Statements;
  catalog: Catalog = new Map();
  /** Commit at which a captured table last became another one (dropped, renamed, read again): table → commit. */
  private begun: ReadonlyMap<string, number> = new Map();
  private schemaCommit: string | null = null;
  private readonly models: readonly Model[];
  private filled = new Set<string>();
  private cleanings = 0;

  private constructor(connection: DuckDBConnection, statements: Statements, models: readonly Model[]) {
    this.connection = connection;
    this.statements = statements;
    this.models = models;
  }

  static async open(connection: DuckDBConnection, models: readonly Model[]): Promise<Workspace> {
    const facts = followedFacts(models).map((fact) => createChangesSql(fact, 'CREATE TABLE IF NOT EXISTS'));
    await connection.run([GOLD_SCHEMA_DDL, ...facts, ...workTablesSql(models)].join(';\n'));
    return new Workspace(connection, await Statements.open(connection), models);
  }

  /** Changes of facts that are not settled. */
  async pendingRows(): Promise<number> {
    const counts = followedFacts(this.models).map((fact) => `(SELECT count(*) FROM _gold.${ident(`changes_${fact.name}`)})`);
    const reader = await this.connection.runAndReadAll(`SELECT 0 + ${counts.join(' + ') || '0'}`);
    return Number(reader.getRows()[0]?.[0] ?? 0);
  }

  /**
   * Begins the refresh's transaction and finds what changed within its snapshot.
   * @param told what the commits up to `upToCommit` said they changed; null: unknown
   * @param first what the transaction does before that
   */
  async begin(highestPos: bigint | null, told: Told | null, upToCommit: number, first: readonly string[] = []): Promise<StoreWindow> {
    await this.statements.run('BEGIN');
    for (const sql of first) await this.connection.run(sql);
    const touched = told === null ? this.inputs() : this.inputs().filter(({ table }) => told.has(table));
    const known = touched.flatMap((input) => {
      const change = told?.get(input.table) ?? null;
      return change === null || highestPos === null ? [] : [toldWindow(input, change, highestPos)];
    });
    const asked = touched.filter(({ table }) => !known.some(({ input }) => input.table === table));
    const window = await readWindow(this.statements, asked, highestPos);
    if (window.schemaCommit !== this.schemaCommit) {
      await this.rollback();
      await this.learn(window.schemaCommit);
      return await this.begin(highestPos, null, upToCommit);
    }
    // The store may have moved on; then what was told covers less than the snapshot.
    if (told !== null && window.commitId !== upToCommit) return await readWindow(this.statements, this.inputs(), highestPos);
    return { ...window, tables: new Map([...window.tables, ...known.map((table) => [table.input.table, table] as const)]) };
  }

  /** Looks at the captured tables' shapes; what was planned with the old ones is void. */
  private async learn(schemaCommit: string): Promise<void> {
    const tables = this.models.flatMap((model) => model.silverInputs.map((input) => input.table));
    this.catalog = await readCatalog(this.connection, tables);
    const begun = await this.connection.runAndReadAll(
      `SELECT table_name, max(commit_id) FROM ops.table_schemas WHERE schema_json = 'null' AND held IS NOT TRUE GROUP BY table_name`,
    );
    this.begun = new Map(begun.getRows().map(([table, commit]) => [table as string, Number(commit)]));
    this.statements.forget();
    this.schemaCommit = schemaCommit;
  }

  /** Models that read a table which became another one after the commit: its versions do not tell what changed. */
  anewSince(commitId: number): Set<string> {
    const reads = ({ silverInputs }: Model): boolean => silverInputs.some(({ table }) => (this.begun.get(table) ?? -1) > commitId);
    return new Set(this.models.filter(reads).map(({ name }) => name));
  }

  /** To be called when a captured table turned out to be gone. */
  forget(): void {
    this.catalog = new Map();
    this.schemaCommit = null;
  }

  /** What one refresh works with. @param few small changes may be run in one call */
  work(window: StoreWindow, few: boolean): RefreshWork {
    this.filled = new Set();
    const { connection, statements, models, filled } = this;
    const windows = [...window.tables.values()];
    const versions = windows.reduce((sum, table) => sum + table.versions, 0);
    const batched = few && versions <= FEW_ROWS_MAX && !windows.some(mayHaveGone);
    return { connection, statements, models, windows: window.tables, filled, pendingRows: 0, batch: batched ? [] : null };
  }

  /** Empties what a refresh filled; after its result is out, so that nobody waits for it. */
  async clean(): Promise<void> {
    const deletes = emptyingSql(this.filled);
    if (deletes.length > 0) await this.statements.runAll(['BEGIN', ...deletes, 'COMMIT']);
    this.filled.clear();
    this.cleanings += 1;
    // Rows deleted after their transaction stay in a temporary table as dead ones.
    if (this.cleanings % ANEW_EVERY_REFRESHES === 0) await this.connection.run(workTablesSql(this.models).join(';\n'));
    if (this.cleanings % VERIFY_EVERY_REFRESHES !== 0) return;
    this.statements.forget(); // DDL makes DuckDB plan them anew at every run
    await this.statements.verify();
  }

  close(): void {
    this.statements.forget();
    this.connection.closeSync();
  }

  async rollback(): Promise<void> {
    await this.connection.run('ROLLBACK').catch(() => undefined); // none is open after an error of COMMIT
    // A COMMIT that found no space for gold has kept the temporary tables: their rows would be taken a second time.
    for (const table of this.filled) await this.connection.run(`DELETE FROM temp.${ident(table)}`);
    this.filled.clear();
  }

  /** What a refresh filled went with its transaction. */
  abandon(): void {
    this.filled.clear();
  }

  private inputs(): SilverInput[] {
    return this.inputsOf(this.catalog);
  }

  /** Captured tables the models read and that exist, once each. */
  inputsOf(catalog: Catalog): SilverInput[] {
    const inputs = new Map(this.models.flatMap((model) => model.silverInputs.map((input) => [input.table, input] as const)));
    return [...inputs.values()].filter((input) => catalog.has(input.table));
  }
}
