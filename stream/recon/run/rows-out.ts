// Rows into a temporary table, a chunk of 2,048 at a time.

import { DuckDBDataChunk, type DuckDBAppender, type DuckDBConnection, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';

const CHUNK_ROWS = 2_048;

export class RowsOut {
  private readonly appender: DuckDBAppender;
  private readonly types: readonly DuckDBType[];
  private columns: DuckDBValue[][];

  private constructor(appender: DuckDBAppender, types: readonly DuckDBType[]) {
    [this.appender, this.types] = [appender, types];
    this.columns = types.map(() => []);
  }

  /** Into a temporary table that is there; `types` are those of its columns. */
  static async into(connection: DuckDBConnection, table: string, types: readonly DuckDBType[]): Promise<RowsOut> {
    return new RowsOut(await connection.createAppender(table, 'main', 'temp'), types);
  }

  add(...values: readonly DuckDBValue[]): void {
    values.forEach((value, at) => this.columns[at]!.push(value));
    if (this.columns[0]!.length === CHUNK_ROWS) this.flush();
  }

  private flush(): void {
    if (this.columns[0]!.length === 0) return;
    const chunk = DuckDBDataChunk.create(this.types, this.columns[0]!.length);
    chunk.setColumns(this.columns);
    this.appender.appendDataChunk(chunk);
    this.columns = this.types.map(() => []);
  }

  close(): void {
    this.flush();
    this.appender.closeSync();
  }
}
