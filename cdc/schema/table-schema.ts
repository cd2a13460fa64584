// Shape of a captured table as Debezium's schema-change events describe it; the contract between cdc, lake and stream.

/** One column, in MySQL's terms. */
export interface ColumnSchema {
  readonly name: string;
  /** Upper case as Debezium says it, without length: 'BIGINT UNSIGNED', 'VARCHAR', 'ENUM'. */
  readonly typeName: string;
  /** Characters, bytes, bits, digits, or fraction digits of a time type; null where the type has none. */
  readonly length: number | null;
  readonly scale: number | null;
  readonly nullable: boolean;
  /** 1-based position in the table. */
  readonly position: number;
  readonly charset: string | null;
  /** Members of ENUM and SET, unquoted; null for other types. */
  readonly enumValues: readonly string[] | null;
  readonly defaultValue: string | null;
  readonly generated: boolean;
}

/** One table; `columns` are in position order. */
export interface TableSchema {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly ColumnSchema[];
  /** Primary key in key order; empty for a table without one. */
  readonly keyColumns: readonly string[];
}
