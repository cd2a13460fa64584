// What a command asks of a store, as one thing that is killed in the middle and asked for again.

import type { DuckDBConnection } from '@duckdb/node-api';
import { armFaultPoint, countFaultPoints } from '../../../../infra/runtime/fault-point.ts';

export interface Place {
  readonly home: string;
  /** File of the DuckLake extension. */
  readonly extension: string;
  /** A planted bug that the judge must find. */
  readonly mutant?: string;
}

export interface Outcome {
  readonly violations: readonly string[];
  /** The same with kills and without. */
  readonly content: unknown;
}

export interface Operation {
  readonly name: string;
  /** Makes the home that each attempt begins with a copy of. */
  prepare(place: Place): Promise<void>;
  /** What somebody does who wants it done, the first time and again after a kill. */
  perform(place: Place): Promise<Outcome>;
}

export async function rowsJson(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

/** @returns a violation with what the query finds; nothing when it finds nothing */
export async function whenAny(connection: DuckDBConnection, what: string, sql: string): Promise<string[]> {
  const found = await rowsJson(connection, sql);
  return found.length === 0 ? [] : [`${what}: ${JSON.stringify(found.slice(0, 3))}`];
}

export interface ChildInput extends Place {
  readonly operation: string;
  /** The home it begins with is made. */
  readonly prepares?: boolean;
  readonly faultPoint?: string;
}

export interface Ended extends Outcome {
  /** Visits of every fault point. */
  readonly visits: readonly (readonly [string, number])[];
}

/** One attempt at the operation that the command line names, until it is done or its fault point kills it. Says what there is in the end. */
export async function attempt(operationOf: (name: string) => Promise<Operation | undefined>): Promise<void> {
  process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume(); // the test that started this is gone
  process.stdin.unref();
  const input = JSON.parse(process.argv[2] ?? '{}') as ChildInput;
  const operation = await operationOf(input.operation);
  if (operation === undefined) throw new Error(`there is no operation ${input.operation}`);
  if (input.prepares === true) {
    await operation.prepare(input);
    return;
  }
  armFaultPoint(input.faultPoint);
  const visits = input.faultPoint === undefined ? countFaultPoints() : new Map<string, number>();
  const outcome = await operation.perform(input);
  process.stdout.write(JSON.stringify({ ...outcome, visits: [...visits] } satisfies Ended));
}
