// A small store with the bank's tables, changed the way lake/store does it: versions, marks, folds, TRUNCATE. For tests and the bench.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { ORD_BITS } from '../store/batch.ts';
import { FollowerFailed, type CommitFollower } from '../store/commit-follower.ts';
import type { TableChange } from '../store/commit-report.ts';
import { STORE_DDL } from '../store/layout.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { BANK } from './testkit-tables.ts';

export type Row = Readonly<Record<string, string | number | null>>;

export interface Change {
  readonly table: string;
  readonly op: 'c' | 'u' | 'd' | 'r';
  readonly row: Row;
}

const sqlValue = (value: string | number | null | undefined): string =>
  value === null || value === undefined ? 'NULL' : typeof value === 'number' ? String(value) : literal(value);

/** The store's side of the contract with gold, with one method per thing that can happen to it. */
export class FixtureStore implements AsyncDisposable {
  commitId = 0;
  private position = 0n;
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;

  private constructor(instance: DuckDBInstance, writer: DuckDBConnection) {
    this.instance = instance;
    this.writer = writer;
  }

  static async open(file = ':memory:', tables: readonly string[] = Object.keys(BANK)): Promise<FixtureStore> {
    const instance = await DuckDBInstance.create(file, {
      threads: '2',
      memory_limit: '1GB',
      preserve_insertion_order: 'false',
      checkpoint_threshold: '1GB',
    });
    const writer = await instance.connect();
    await writer.run(STORE_DDL);
    const store = new FixtureStore(instance, writer);
    await writer.run(`INSERT INTO ops.state (epoch, commit_id, seq, chain, phase) VALUES (1, 0, -1, '', 'streaming')`);
    for (const table of tables) await store.createTable(table);
    return store;
  }

  /** A store that another process left. */
  static async reopen(file: string): Promise<FixtureStore> {
    const instance = await DuckDBInstance.create(file, { threads: '1', memory_limit: '1GB' });
    const store = new FixtureStore(instance, await instance.connect());
    const commits = (await store.writer.runAndReadAll('SELECT commit_id FROM ops.state')).getRows();
    store.commitId = Number(commits[0]?.[0]);
    store.position = BigInt(store.commitId) << ORD_BITS;
    return store;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.writer.closeSync();
    this.instance.closeSync();
    return Promise.resolve();
  }

  async createTable(table: string): Promise<void> {
    const { key, columns } = BANK[table]!;
    const ddl = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
    const versions = [...ddl, '_op VARCHAR', '_pos BIGINT', '_commit BIGINT', '_ts TIMESTAMP'].join(', ');
    await this.writer.run(`CREATE TABLE _rows.${table} (${versions}); CREATE TABLE _past.${table} (${versions}, _gone_commit BIGINT);
      CREATE TABLE _gone.${table} (${key.map((name) => `${name} ${columns[name]}`).join(', ')}, _pos BIGINT, _commit BIGINT); ${viewSql(table)}`);
    await this.schemaChanged(table);
  }

  /** Runs DDL on a captured table the way a schema change does, and refreshes its view. */
  async alter(table: string, ddl: string): Promise<void> {
    await this.writer.run(`${ddl}; ${viewSql(table)}`);
    await this.schemaChanged(table);
  }

  private async schemaChanged(table: string): Promise<void> {
    await this.writer.run(
      `INSERT INTO ops.table_schemas (table_name, version, seq, commit_id, ddl, schema_json) VALUES ('${table}', 1, 0, ${this.commitId}, NULL, '{}')`,
    );
  }

  /** What the store's committer would say of the last commit (lake/store/commit-report.ts). */
  told = new Map<string, TableChange | null>();

  private tell(changes: readonly Change[]): void {
    this.told = new Map();
    for (const { table } of changes) {
      const keys = changes.filter((change) => change.table === table).map(({ row }) => BANK[table]!.key.map((name) => row[name]).join());
      const distinctKeys = new Set(keys).size === keys.length;
      const ops = changes.filter((change) => change.table === table).map(({ op }) => op);
      const seq = Number(this.position >> ORD_BITS); // one transaction per commit
      const plain = ops.every((op) => op === 'c' || op === 'u');
      const onlyCreates = ops.every((op) => op === 'c');
      this.told.set(table, plain ? { versions: ops.length, onlyCreates, distinctKeys, lowestSeq: seq, highestSeq: seq } : null);
    }
  }

  /** Joins the commits, as it does those of lake/store/commit.ts. */
  follower: CommitFollower | null = null;
  /** Commits that were joined. */
  joinedCommits: number[] = [];

  /** One commit; returns its id. Rows are whole images. */
  async commit(changes: readonly Change[]): Promise<number> {
    const commit = this.commitId + 1;
    const statements = ['BEGIN'];
    this.position = ((this.position >> ORD_BITS) + 1n) << ORD_BITS;
    for (const change of changes) {
      this.position += 1n;
      const { key, columns } = BANK[change.table]!;
      const values = Object.keys(columns).map((name) => sqlValue(change.row[name]));
      const names = [...Object.keys(columns), '_op', '_pos', '_commit', '_ts'].join(', ');
      statements.push(
        `INSERT INTO _rows.${change.table} (${names}) VALUES (${values.join(', ')}, '${change.op}', ${this.position}, ${commit}, TIMESTAMP '2026-11-20')`,
      );
      if (change.op !== 'c')
        statements.push(
          `INSERT INTO _gone.${change.table} VALUES (${key.map((name) => sqlValue(change.row[name])).join(', ')}, ${this.position}, ${commit})`,
        );
    }
    statements.push(`UPDATE ops.state SET commit_id = ${commit}, gtid = 'uuid:1-${commit}', committed_at = now()`);
    this.tell(changes);
    if (!(await this.commitJoined(statements, commit))) await this.writer.run([...statements, 'COMMIT'].join(';\n'));
    this.commitId = commit;
    return commit;
  }

  /** False when the follower failed and nothing was committed. */
  private async commitJoined(statements: readonly string[], commit: number): Promise<boolean> {
    const follower = this.follower?.attend(commit) ?? null;
    if (follower === null) return false;
    await this.writer.run(statements.join(';\n'));
    try {
      const joined = await follower.join({ commitId: commit, gtid: `uuid:1-${commit}`, phase: 'streaming', told: this.told });
      await this.writer.run('COMMIT');
      if (joined) this.joinedCommits.push(commit);
      if (joined) await follower.committed();
      else follower.left();
      return true;
    } catch (error) {
      if (!(error instanceof FollowerFailed)) throw error;
      await this.writer.run('ROLLBACK');
      follower.left();
      return false;
    }
  }

  async truncate(tables: readonly string[]): Promise<number> {
    const commit = this.commitId + 1;
    const statements = tables.map(
      (table) =>
        `INSERT INTO _past.${table} SELECT *, ${commit} FROM _rows.${table}; DELETE FROM _rows.${table}; DELETE FROM _gone.${table}`,
    );
    await this.writer.run(`BEGIN; ${statements.join('; ')}; UPDATE ops.state SET commit_id = ${commit}; COMMIT`);
    this.commitId = commit;
    return commit;
  }

  /** Moves superseded versions away, as lake/store/tables.ts does. */
  async fold(upTo = this.commitId): Promise<void> {
    const statements = Object.entries(BANK).map(([table, { key }]) => {
      const dead = `(SELECT ${key.join(', ')}, max(_pos) AS _max, max(_commit) AS _by FROM _gone.${table} WHERE _commit <= ${upTo} GROUP BY ALL) g`;
      const condition = `${sameKey(key)} AND (r._pos < g._max OR (r._pos = g._max AND r._op = 'd'))`;
      return `INSERT INTO _past.${table} SELECT r.*, g._by FROM _rows.${table} r JOIN ${dead} ON ${condition}; DELETE FROM _rows.${table} r USING ${dead} WHERE ${condition};
        DELETE FROM _gone.${table} WHERE _commit <= ${upTo}`;
    });
    await this.writer.run(`BEGIN; ${statements.join('; ')}; COMMIT`);
  }
}

const sameKey = (key: readonly string[]): string => key.map((name) => `r.${name} = g.${name}`).join(' AND ');

function viewSql(table: string): string {
  const { key } = BANK[table]!;
  return `CREATE OR REPLACE VIEW silver.${table} AS SELECT r.* EXCLUDE (_op, _pos, _commit, _ts) FROM _rows.${table} r
    ANTI JOIN (SELECT ${key.join(', ')}, max(_pos) AS _max FROM _gone.${table} GROUP BY ALL) g ON ${sameKey(key)} AND r._pos < g._max WHERE r._op <> 'd'`;
}
