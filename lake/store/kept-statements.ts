// Statements that come again and again with the same text, planned once. Planning a table's INSERT costs three times its execution
// when commits are small. They carry no parameters: DuckDB plans a statement with parameters anew at every run, and one with now(), too.
// The optimizer steps that read statistics are off for the whole instance (open.ts), because a kept plan does not notice that its tables
// have changed.
// After any DDL in a database that a kept statement touches, DuckDB plans it anew at every run, for ever: what it made then is not kept.
// So all are prepared again now and then.
//
// Small statements are run many in one call (PREPARE and EXECUTE in SQL): every call goes to a thread of Node's pool and back, and each
// way waits for a free core, about a millisecond beside mysqld, the broker and Connect; a small statement takes a tenth of that.

import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';

/** Rows of a batch up to which its statements are run in few calls; above, each is long enough for a call of its own. */
export const FEW_ROWS_MAX = 500;
/** At most three statements per table and staging slot; beyond this many the oldest is planned anew when it comes again. */
const KEPT_STATEMENTS_MAX = 512;
/** Calls between two renewals: some fifty commits. */
const RENEW_EVERY_CALLS = 300;
/** What is not prepared. */
const TRANSACTION = new Set(['BEGIN', 'COMMIT', 'ROLLBACK']);

/** Names are never used twice: several may keep statements of one connection. */
let names = 0;

export class KeptStatements {
  readonly connection: DuckDBConnection;
  private readonly kept = new Map<string, DuckDBPreparedStatement>();
  /** Text → name of what was prepared in SQL. */
  private readonly named = new Map<string, string>();
  private outdated: string[] = [];
  private calls = 0;

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  async run(sql: string): Promise<void> {
    this.renew();
    const statement = this.kept.get(sql) ?? (await this.prepare(sql));
    await statement.run();
  }

  /** Runs the statements in order, in one call; nothing after the first that fails. @throws what that one raised */
  async runAll(statements: readonly string[]): Promise<void> {
    if (statements.length === 0) return;
    this.renew();
    const parts = this.outdated.map((name) => `DEALLOCATE ${name}`);
    this.outdated = [];
    const added: string[] = [];
    for (const sql of statements) {
      if (TRANSACTION.has(sql)) {
        parts.push(sql);
        continue;
      }
      let name = this.named.get(sql);
      if (name === undefined) {
        names += 1;
        this.named.set(sql, (name = `kept_${names}`));
        added.push(sql);
        parts.push(`PREPARE ${name} AS ${sql}`);
      }
      parts.push(`EXECUTE ${name}`);
    }
    try {
      await this.connection.run(parts.join(';\n'));
    } catch (error) {
      for (const sql of added) this.named.delete(sql); // it is not known which of them were prepared
      throw error;
    }
    this.forgetOldest();
  }

  private renew(): void {
    this.calls += 1;
    if (this.calls % RENEW_EVERY_CALLS === 0) this.clear();
  }

  private async prepare(sql: string): Promise<DuckDBPreparedStatement> {
    const oldest = this.kept.size >= KEPT_STATEMENTS_MAX ? this.kept.entries().next().value : undefined;
    if (oldest !== undefined) {
      this.kept.delete(oldest[0]);
      oldest[1].destroySync();
    }
    const statement = await this.connection.prepare(sql);
    this.kept.set(sql, statement);
    return statement;
  }

  private forgetOldest(): void {
    for (const [sql, name] of this.named) {
      if (this.named.size <= KEPT_STATEMENTS_MAX) return;
      this.named.delete(sql);
      this.outdated.push(name);
    }
  }

  /** Tables have changed: what is kept would be planned anew at every run. */
  clear(): void {
    for (const statement of this.kept.values()) statement.destroySync();
    this.kept.clear();
    this.outdated.push(...this.named.values());
    this.named.clear();
  }
}
