// How a column of the working store looks in the published lake. DuckLake and Parquet lack some of DuckDB's types, or
// would round them; docs/reading-the-lake.md lists this table for readers.

import { ident } from '../../infra/runtime/sql-text.ts';

export interface LakeColumn {
  readonly name: string;
  readonly type: string;
  /** Whether the store's value needs a cast to become `type`. */
  readonly cast: boolean;
}

/** Types that are written as text: DuckLake refuses them, or Parquet would lose digits (INTERVAL: microseconds). */
const AS_TEXT = /\b(ENUM|BIT|BIGNUM|UHUGEINT|INTERVAL|TIME WITH TIME ZONE|TIMETZ)\b/;
/** Parquet stores HUGEINT as DOUBLE: 38 exact digits instead. */
const HUGE = /\bHUGEINT\b/;
const FIXED_ARRAY = /^(.*)\[\d+\]$/;

/** The lake's column for a column of the store; a type the lake can hold exactly stays as it is. */
export function lakeColumn(name: string, storeType: string): LakeColumn {
  const type = lakeType(storeType);
  return { name, type, cast: type !== storeType };
}

function lakeType(storeType: string): string {
  if (storeType === 'HUGEINT') return 'DECIMAL(38,0)';
  if (AS_TEXT.test(storeType) || HUGE.test(storeType)) return 'VARCHAR';
  const array = FIXED_ARRAY.exec(storeType);
  return array?.[1] === undefined ? storeType : `${array[1]}[]`;
}

/** SELECT list that turns the store's values into the lake's. */
export function lakeValues(columns: readonly LakeColumn[], alias: string): string {
  return columns
    .map((column) => (column.cast ? `CAST(${alias}.${ident(column.name)} AS ${column.type})` : `${alias}.${ident(column.name)}`))
    .join(', ');
}
