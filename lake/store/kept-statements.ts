// Statements that come again and again with the same text, planned once. Planning a table's INSERT costs three times its execution
// when commits are small. They carry no parameters: DuckDB plans a statement with parameters anew at every run. The optimizer steps
// that read statistics are off for the whole instance (open.ts), because a kept plan does not notice that its tables have changed.

import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';

/** At most three statements per table and staging slot; beyond this many the oldest is planned anew when it comes again. */
const KEPT_STATEMENTS_MAX = 512;

export class KeptStatements {
  private readonly connection: DuckDBConnection;
  private readonly kept = new Map<string, DuckDBPreparedStatement>();

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  async run(sql: string): Promise<void> {
    const statement = this.kept.get(sql) ?? (await this.prepare(sql));
    await statement.run();
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

  /** Tables have changed: what is kept would be planned anew and never be used again. */
  clear(): void {
    for (const statement of this.kept.values()) statement.destroySync();
    this.kept.clear();
  }
}
