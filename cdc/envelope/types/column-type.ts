// What a converter says about one logical type, and the small SQL pieces the converters share.

import type { ColumnSchema } from '../../schema/table-schema.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';

/** Type of a field in the structure handed to json_transform_strict: a name, a list, or a nested structure. */
export type JsonType = string | readonly [JsonType] | { readonly [field: string]: JsonType };

export interface ColumnType {
  /** Name of the converter's family: 'integer', 'decimal', 'time' … */
  readonly logical: string;
  /** Type of the silver column. */
  readonly duckdbType: string;
  /**
   * How the field is read from the envelope. Scalars are read as text and converted by `toSilver`, because json_transform's own
   * casts round (1.5 into a BIGINT gives 2). Costs a third more than no checks at all (docs/adr/0003).
   */
  readonly jsonType: JsonType;
  /**
   * SQL giving the silver value of a field of type `jsonType`. NULL gives NULL; a value that does not fit raises a conversion
   * error. It must contain no volatile function (error()), so that TRY() can find the rows that raise.
   */
  readonly toSilver: (field: string) => string;
}

export type Converter = (column: ColumnSchema) => ColumnType;

export const TEXT: JsonType = 'VARCHAR';

/**
 * SQL that raises with a readable message when it is evaluated: a cast that cannot succeed, because error() is volatile.
 * @param value SQL text expression shown in the message; it must depend on a column, a constant would raise while planning
 */
export function raise(duckdbType: string, what: string, value: string): string {
  const message = `${literal(`${what}: `)} || ${value}`;
  if (duckdbType === 'BLOB') return `unhex(${message})`;
  if (duckdbType === 'VARCHAR') return `CAST(CAST(${message} AS BIGINT) AS VARCHAR)`;
  return `CAST(${message} AS ${duckdbType})`;
}

/**
 * Text to a whole number: what has a fraction raises, where DuckDB's plain cast would round it. NULL gives NULL.
 * The point that is appended makes `1.5`, `.5` and `0x1f` no numbers and leaves whole ones as they are. One cast, because the
 * size of the SQL counts: planning a small commit's statements costs as much as running them.
 */
export function wholeNumber(value: string, duckdbType: string): string {
  return `CAST(${value} || '.' AS ${duckdbType})`;
}
