// What a converter says about one logical type, and the small SQL pieces the converters share.

import type { ColumnSchema } from '../../schema/table-schema.ts';

/** Type of a field in the structure handed to json_transform_strict: a name, a list, or a nested structure. */
export type JsonType = string | readonly [JsonType] | { readonly [field: string]: JsonType };

export interface ColumnType {
  /** Name of the converter's family: 'integer', 'decimal', 'time' … */
  readonly logical: string;
  /** Type of the silver column. */
  readonly duckdbType: string;
  /**
   * How the field is read from the envelope. Scalars are read as text and converted by `toSilver`, because json_transform's own
   * casts round (1.5 into a BIGINT gives 2); measured to cost nothing (docs/adr/0003).
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
  const message = `'${what.replaceAll("'", "''")}: ' || ${value}`;
  if (duckdbType === 'BLOB') return `unhex(${message})`;
  if (duckdbType === 'VARCHAR') return `CAST(CAST(${message} AS BIGINT) AS VARCHAR)`;
  return `CAST(${message} AS ${duckdbType})`;
}

/** `value` cast to the type, if its text is what the type itself would print; other spellings raise. NULL gives NULL. */
export function exactCast(value: string, duckdbType: string): string {
  const cast = `CAST(${value} AS ${duckdbType})`;
  return `CASE WHEN CAST(${cast} AS VARCHAR) = ${value} THEN ${cast} WHEN ${value} IS NOT NULL THEN ${raise(duckdbType, `not exactly a ${duckdbType}`, value)} END`;
}
