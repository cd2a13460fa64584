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
 * DuckDB infers a parameter's type where its place tells, and gives up on all at the first that does not tell.
 * Those get the type the client declared, or text. As few as possible are guessed: none, one, two, then all.
 */
async function prepareTyped(connection: DuckDBConnection, plan: Plan, declared: readonly number[]): Promise<Typed> {
  const key = declared.join();
  const known = plan.typed.get(key) ?? plan.sql ?? '';
  const first = await connection.prepare(known);
  const untyped = parametersOf(first).filter(({ typed }) => !typed);
  if (untyped.length === 0) return { statement: first, sql: known };
  first.destroySync();
  const told = untyped.filter(({ index }) => duckTypeOf(declared[index - 1] ?? 0) !== undefined);
  for (const guessed of fewest(untyped.filter((parameter) => !told.includes(parameter)))) {
    const casts = new Map([...told, ...guessed].map(({ index }) => [`$${index}`, duckTypeOf(declared[index - 1] ?? 0) ?? 'VARCHAR']));
    const sql = replaceTokens(plan.sql ?? '', ({ kind, text }) => {
      const type = kind === 'parameter' ? casts.get(text) : undefined;
      return type === undefined ? undefined : `CAST(${text} AS ${type})`;
    });
    const statement = await prepareWhole(connection, sql);
    if (statement === undefined) continue;
    plan.typed.set(key, sql);
    return { statement, sql };
  }
  const names = untyped.map(({ index }) => `$${index}`);
  throw new SqlFailure('42P18', `could not determine data type of parameter ${names.join(' or ')}`, {
    hint: `Write its type: ${names[0] ?? '$1'}::BIGINT, ${names[0] ?? '$1'}::DATE, …`,
  });
}

/** Parameters beyond which only none or all are guessed. */
const GUESSED_APART_MAX = 12;

/** Which parameters to guess, few first. */
function* fewest(parameters: readonly Parameter[]): Generator<readonly Parameter[]> {
  yield [];
  const apart = parameters.length <= GUESSED_APART_MAX ? parameters : [];
  for (const one of apart) yield [one];
  for (const [at, one] of apart.entries()) for (const two of apart.slice(at + 1)) yield [one, two];
  yield parameters;
}

/** What DuckDB says when a parameter has a type that does not fit its place; other errors are the client's. */
const WRONG_GUESS = /No function matches|Cannot (compare|mix|combine)|explicit cast|Could not choose|UNNEST|^Conversion Error|^Mismatch/i;

/** The statement, or undefined when it does not bind with all types known. */
async function prepareWhole(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement | undefined> {
  try {
    const statement = await connection.prepare(sql);
    if (parametersOf(statement).every(({ typed }) => typed)) return statement;
    statement.destroySync();
    return undefined;
  } catch (error) {
    if (WRONG_GUESS.test(messageOf(error))) return undefined;
    throw error;
  }
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
