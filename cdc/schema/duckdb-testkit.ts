// For tests only: evaluates a converter's SQL in a real DuckDB on an envelope of one row.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { diagnoseSelect, rowSelect, type RowImage } from './row-sql.ts';
import type { ColumnSchema, TableSchema } from './table-schema.ts';

export function testColumn(typeName: string, more: Partial<ColumnSchema> = {}): ColumnSchema {
  return {
    name: 'x',
    typeName,
    length: null,
    scale: null,
    nullable: true,
    position: 2,
    charset: null,
    enumValues: null,
    defaultValue: null,
    generated: false,
    ...more,
  };
}

export function testTable(columns: readonly ColumnSchema[]): TableSchema {
  const id = testColumn('BIGINT', { name: 'id', position: 1, nullable: false });
  return { database: 'bank', table: 't', columns: [id, ...columns], keyColumns: ['id'] };
}

/** An envelope whose row has `id` 1 and the given JSON texts as fields. */
export function envelope(fields: Readonly<Record<string, string>>, image: RowImage = 'after'): string {
  const members = Object.entries({ id: '1', ...fields }).map(([name, json]) => `${JSON.stringify(name)}:${json}`);
  const other = image === 'after' ? '"before":null' : '"after":null';
  return `{${other},"${image}":{${members.join(',')}},"source":{"ts_us":1795243773389555},"op":"c"}`;
}

export class DuckDbBench implements AsyncDisposable {
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.instance = instance;
    this.connection = connection;
  }

  static async open(): Promise<DuckDbBench> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1', autoinstall_known_extensions: 'false' });
    const connection = await instance.connect();
    await connection.run('CREATE TABLE staging (value BLOB)');
    return new DuckDbBench(instance, connection);
  }

  /** The silver value of the one column `x` as text (CAST AS VARCHAR), and the type DuckDB gives it. Raises what the SQL raises. */
  async convert(column: ColumnSchema, json: string): Promise<{ text: string | null; type: string }> {
    const schema = testTable([column]);
    await this.stage(Buffer.from(envelope({ [column.name]: json })));
    const row = rowSelect(schema, 'value', 'after');
    const value = row.columns[1] ?? '';
    const result = await this.connection.runAndReadAll(
      `SELECT CAST(${value} AS VARCHAR), typeof(${value}) FROM (SELECT ${row.parse} FROM staging)`,
    );
    const [text, type] = result.getRows()[0] ?? [];
    return { text: text as string | null, type: type as string };
  }

  /** All columns of the staged value as text. */
  async row(schema: TableSchema, value: Buffer, image: RowImage = 'after'): Promise<(string | null)[]> {
    await this.stage(value);
    const { columns, parse, timestamp } = rowSelect(schema, 'value', image);
    const items = [...columns, timestamp].map((expression) => `CAST(${expression} AS VARCHAR)`);
    const result = await this.connection.runAndReadAll(`SELECT ${items.join(', ')} FROM (SELECT ${parse} FROM staging)`);
    return (result.getRows()[0] ?? []) as (string | null)[];
  }

  async reason(schema: TableSchema, value: Buffer, image: RowImage = 'after'): Promise<string | null> {
    await this.stage(value);
    const { parse, reason } = diagnoseSelect(schema, 'value', image);
    const result = await this.connection.runAndReadAll(`SELECT ${reason} FROM (SELECT ${parse} FROM staging)`);
    return (result.getRows()[0]?.[0] ?? null) as string | null;
  }

  async query(sql: string): Promise<unknown[][]> {
    return (await this.connection.runAndReadAll(sql)).getRows();
  }

  private async stage(value: Buffer): Promise<void> {
    await this.connection.run('TRUNCATE staging');
    const appender = await this.connection.createAppender('staging');
    appender.appendBlob(value);
    appender.endRow();
    appender.closeSync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.closeSync();
    this.instance.closeSync();
    await Promise.resolve();
  }
}
