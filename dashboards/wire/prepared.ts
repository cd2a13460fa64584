// A statement made ready: planned, prepared by DuckDB, its parameters and columns described in PostgreSQL's types.

import { DuckDBTypeId, type DuckDBConnection, type DuckDBPreparedStatement } from '@duckdb/node-api';
import { SqlFailure } from './failures.ts';
import { replaceTokens } from './lexer.ts';
import type { Plan } from './planner.ts';
import { duckTypeOf, OID, pgTypeOf, TEXT_TYPE, type PgColumn } from './types.ts';

export interface Prepared {
  readonly plan: Plan;
  /** Types of $1, $2 … as announced to the client. */
  readonly parameters: readonly number[];
  /** Columns of the result; undefined for a command without rows. */
  readonly columns: readonly PgColumn[] | undefined;
  /** What DuckDB runs; undefined for a command the endpoint answers itself. */
  readonly query: PreparedQuery | undefined;
}

export interface PreparedQuery {
  readonly connection: DuckDBConnection;
  readonly statement: DuckDBPreparedStatement;
  readonly sql: string;
  readonly columns: readonly PgColumn[];
}

/** Prepares a query. `declared` are the parameter types the client named in Parse (0: none). */
export async function prepareQuery(connection: DuckDBConnection, plan: Plan, declared: readonly number[]): Promise<PreparedQuery & { parameters: number[] }> {
  const sql = plan.sql ?? '';
  let text = sql;
  let statement = await connection.prepare(text);
  const untyped = parametersOf(statement).filter(({ typeId }) => typeId === undefined);
  if (untyped.length > 0) {
    const casts = new Map(untyped.map(({ name, index }) => [`$${name}`, duckTypeOf(declared[index - 1] ?? 0) ?? 'VARCHAR']));
    text = replaceTokens(sql, ({ kind, text: token }) => (kind === 'parameter' && casts.has(token) ? `CAST(${token} AS ${casts.get(token)})` : undefined));
    statement.destroySync();
    statement = await connection.prepare(text);
  }
  const parameters = parametersOf(statement).map(({ index, typeId }) => {
    const named = declared[index - 1] ?? 0;
    if (named !== 0 && named !== OID.unknown) return named;
    return typeId === undefined ? OID.text : pgTypeOf(statement.parameterType(index)).oid;
  });
  return { connection, statement, sql: text, columns: columnsOf(statement, plan.names), parameters };
}

interface Parameter {
  readonly index: number;
  readonly name: string;
  readonly typeId: DuckDBTypeId | undefined;
}

/** Parameters in the order of their numbers. A type that DuckDB could not infer is undefined. */
function parametersOf(statement: DuckDBPreparedStatement): Parameter[] {
  const found = Array.from({ length: statement.parameterCount }, (_, at) => {
    const index = at + 1;
    const typeId = statement.parameterTypeId(index);
    const unknown = typeId === DuckDBTypeId.INVALID || typeId === DuckDBTypeId.ANY || typeId === DuckDBTypeId.SQLNULL;
    return { index, name: statement.parameterName(index), typeId: unknown ? undefined : typeId };
  });
  if (found.some(({ name, index }) => name !== String(index))) {
    throw new SqlFailure('42P02', 'parameters must be $1, $2 … without gaps');
  }
  return found;
}

function columnsOf(statement: DuckDBPreparedStatement, names: readonly string[] | undefined): PgColumn[] {
  const known = names?.length === statement.columnCount ? names : undefined;
  return Array.from({ length: statement.columnCount }, (_, index) => ({ name: known?.[index] ?? statement.columnName(index), type: pgTypeOf(statement.columnType(index)) }));
}

export function textColumns(...names: string[]): PgColumn[] {
  return names.map((name) => ({ name, type: TEXT_TYPE }));
}
