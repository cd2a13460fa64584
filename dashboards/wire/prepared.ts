// A statement made ready: planned, prepared by DuckDB, its parameters and columns described in PostgreSQL's types.

import { DuckDBTypeId, type DuckDBConnection, type DuckDBPreparedStatement } from '@duckdb/node-api';
import { messageOf } from '../../infra/runtime/errors.ts';
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
export async function prepareQuery(
  connection: DuckDBConnection,
  plan: Plan,
  declared: readonly number[],
): Promise<PreparedQuery & { parameters: number[] }> {
  const { statement, sql } = await prepareTyped(connection, plan, declared);
  const parameters = parametersOf(statement).map(({ index }) => {
    const named = declared[index - 1] ?? 0;
    return named !== 0 && named !== OID.unknown ? named : pgTypeOf(statement.parameterType(index)).oid;
  });
  return { connection, statement, sql, columns: columnsOf(statement, plan.names), parameters };
}

interface Typed {
  readonly statement: DuckDBPreparedStatement;
  readonly sql: string;
}

/**
 * DuckDB infers a parameter's type only where its place tells, and stops at the first that does not tell.
 * Such a parameter gets the type the client declared, or text, one after the other until all have one.
 */
async function prepareTyped(connection: DuckDBConnection, plan: Plan, declared: readonly number[]): Promise<Typed> {
  const key = declared.join();
  const casts = new Map<string, string>();
  let sql = plan.typed.get(key) ?? plan.sql ?? '';
  for (;;) {
    const statement = await prepareOrExplain(connection, sql, [...casts.keys()].at(-1));
    const untyped = parametersOf(statement).find(({ typed }) => !typed);
    if (untyped === undefined) {
      if (casts.size > 0) plan.typed.set(key, sql);
      return { statement, sql };
    }
    statement.destroySync();
    const name = `$${untyped.index}`;
    if (casts.has(name)) throw undetermined(name);
    casts.set(name, duckTypeOf(declared[untyped.index - 1] ?? 0) ?? 'VARCHAR');
    sql = replaceTokens(plan.sql ?? '', ({ kind, text }) =>
      kind === 'parameter' && casts.has(text) ? `CAST(${text} AS ${casts.get(text) ?? ''})` : undefined,
    );
  }
}

async function prepareOrExplain(connection: DuckDBConnection, sql: string, guessed: string | undefined): Promise<DuckDBPreparedStatement> {
  try {
    return await connection.prepare(sql);
  } catch (error) {
    if (guessed !== undefined && messageOf(error).startsWith('Binder Error')) throw undetermined(guessed, error);
    throw error;
  }
}

function undetermined(parameter: string, cause?: unknown): SqlFailure {
  return new SqlFailure('42P18', `could not determine data type of parameter ${parameter}`, {
    hint: `Write its type: ${parameter}::BIGINT, ${parameter}::DATE, …`,
    cause,
  });
}

interface Parameter {
  readonly index: number;
  readonly typed: boolean;
}

const UNTYPED: ReadonlySet<DuckDBTypeId> = new Set([DuckDBTypeId.INVALID, DuckDBTypeId.ANY, DuckDBTypeId.SQLNULL]);

function parametersOf(statement: DuckDBPreparedStatement): Parameter[] {
  return Array.from({ length: statement.parameterCount }, (_, at) => {
    const index = at + 1;
    if (statement.parameterName(index) !== String(index)) throw new SqlFailure('42P02', 'parameters must be $1, $2 … without gaps');
    return { index, typed: !UNTYPED.has(statement.parameterTypeId(index)) };
  });
}

function columnsOf(statement: DuckDBPreparedStatement, names: readonly string[] | undefined): PgColumn[] {
  const known = names?.length === statement.columnCount ? names : undefined;
  return Array.from({ length: statement.columnCount }, (_, index) => ({
    name: known?.[index] ?? statement.columnName(index),
    type: pgTypeOf(statement.columnType(index)),
  }));
}

export function textColumns(...names: string[]): PgColumn[] {
  return names.map((name) => ({ name, type: TEXT_TYPE }));
}
