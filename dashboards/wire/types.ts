// DuckDB's types as PostgreSQL types: object id, size, modifier. What has no counterpart travels as text, what has structure as JSON.

import { DuckDBDecimalType, DuckDBTypeId, type DuckDBType } from '@duckdb/node-api';

export interface PgType {
  readonly oid: number;
  /** Bytes of the binary form; -1 when it varies. */
  readonly size: number;
  /** Precision and scale of NUMERIC as PostgreSQL packs them; -1 for none. */
  readonly modifier: number;
}

export interface PgColumn {
  readonly name: string;
  readonly type: PgType;
}

export const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  unknown: 705,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  timetz: 1266,
  varbit: 1562,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const;

const SIZES: Readonly<Record<number, number>> = {
  [OID.bool]: 1,
  [OID.int8]: 8,
  [OID.int2]: 2,
  [OID.int4]: 4,
  [OID.float4]: 4,
  [OID.float8]: 8,
  [OID.date]: 4,
  [OID.time]: 8,
  [OID.timestamp]: 8,
  [OID.timestamptz]: 8,
  [OID.interval]: 16,
  [OID.timetz]: 12,
  [OID.uuid]: 16,
};

/** Unsigned and wide integers go one size up, so that no value is ever out of range for the client. */
const OIDS: Readonly<Partial<Record<DuckDBTypeId, number>>> = {
  [DuckDBTypeId.BOOLEAN]: OID.bool,
  [DuckDBTypeId.TINYINT]: OID.int2,
  [DuckDBTypeId.UTINYINT]: OID.int2,
  [DuckDBTypeId.SMALLINT]: OID.int2,
  [DuckDBTypeId.USMALLINT]: OID.int4,
  [DuckDBTypeId.INTEGER]: OID.int4,
  [DuckDBTypeId.UINTEGER]: OID.int8,
  [DuckDBTypeId.BIGINT]: OID.int8,
  [DuckDBTypeId.UBIGINT]: OID.numeric,
  [DuckDBTypeId.HUGEINT]: OID.numeric,
  [DuckDBTypeId.UHUGEINT]: OID.numeric,
  [DuckDBTypeId.BIGNUM]: OID.numeric,
  [DuckDBTypeId.DECIMAL]: OID.numeric,
  [DuckDBTypeId.FLOAT]: OID.float4,
  [DuckDBTypeId.DOUBLE]: OID.float8,
  [DuckDBTypeId.VARCHAR]: OID.text,
  [DuckDBTypeId.ENUM]: OID.text,
  [DuckDBTypeId.BLOB]: OID.bytea,
  [DuckDBTypeId.BIT]: OID.varbit,
  [DuckDBTypeId.DATE]: OID.date,
  [DuckDBTypeId.TIME]: OID.time,
  [DuckDBTypeId.TIME_NS]: OID.time,
  [DuckDBTypeId.TIME_TZ]: OID.timetz,
  [DuckDBTypeId.TIMESTAMP]: OID.timestamp,
  [DuckDBTypeId.TIMESTAMP_S]: OID.timestamp,
  [DuckDBTypeId.TIMESTAMP_MS]: OID.timestamp,
  [DuckDBTypeId.TIMESTAMP_NS]: OID.timestamp,
  [DuckDBTypeId.TIMESTAMP_TZ]: OID.timestamptz,
  [DuckDBTypeId.INTERVAL]: OID.interval,
  [DuckDBTypeId.UUID]: OID.uuid,
  [DuckDBTypeId.LIST]: OID.json,
  [DuckDBTypeId.ARRAY]: OID.json,
  [DuckDBTypeId.STRUCT]: OID.json,
  [DuckDBTypeId.MAP]: OID.json,
  [DuckDBTypeId.UNION]: OID.json,
};

const NUMERIC_HEADER = 4;

/** The PostgreSQL type a column of this DuckDB type is announced and sent as. */
export function pgTypeOf(type: DuckDBType): PgType {
  const oid = type.alias === 'JSON' ? OID.json : (OIDS[type.typeId] ?? OID.text);
  const modifier = type instanceof DuckDBDecimalType ? ((type.width << 16) | type.scale) + NUMERIC_HEADER : -1;
  return { oid, size: SIZES[oid] ?? -1, modifier };
}

export const TEXT_TYPE: PgType = { oid: OID.text, size: -1, modifier: -1 };

/** DuckDB's name for a parameter type a client declares; undefined when the declaration says nothing. */
export function duckTypeOf(oid: number): string | undefined {
  return PARAMETER_TYPES[oid];
}

const PARAMETER_TYPES: Readonly<Record<number, string>> = {
  [OID.bool]: 'BOOLEAN',
  [OID.bytea]: 'BLOB',
  [OID.int8]: 'BIGINT',
  [OID.int2]: 'SMALLINT',
  [OID.int4]: 'INTEGER',
  [OID.oid]: 'BIGINT',
  [OID.text]: 'VARCHAR',
  [OID.varchar]: 'VARCHAR',
  [OID.bpchar]: 'VARCHAR',
  [OID.json]: 'JSON',
  [OID.jsonb]: 'JSON',
  [OID.float4]: 'FLOAT',
  [OID.float8]: 'DOUBLE',
  [OID.date]: 'DATE',
  [OID.time]: 'TIME',
  [OID.timetz]: 'TIMETZ',
  [OID.timestamp]: 'TIMESTAMP',
  [OID.timestamptz]: 'TIMESTAMPTZ',
  [OID.interval]: 'INTERVAL',
  [OID.numeric]: 'DECIMAL(38,10)',
  [OID.uuid]: 'UUID',
  1000: 'BOOLEAN[]',
  1005: 'SMALLINT[]',
  1007: 'INTEGER[]',
  1016: 'BIGINT[]',
  1009: 'VARCHAR[]',
  1015: 'VARCHAR[]',
  1021: 'FLOAT[]',
  1022: 'DOUBLE[]',
  1115: 'TIMESTAMP[]',
  1182: 'DATE[]',
  1185: 'TIMESTAMPTZ[]',
  1231: 'DECIMAL(38,10)[]',
  2951: 'UUID[]',
};
