// What a stage of a run is given, and what the store knows of the run.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { InputPosition } from '../../jobs/job.ts';
import type { StatementPart } from '../adapters/port.ts';
import { sourceSchema, type Source } from './source.ts';
import type { ReconState, RunTrigger, Stage } from './tables.ts';

export interface Run {
  readonly runId: number;
  readonly source: Source;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly attempt: number;
  readonly stage: Stage;
  readonly state: ReconState;
  readonly requestedBy: string;
  readonly trigger: RunTrigger;
  /** Absolute path of the statement; null: the source is not a file. */
  readonly filePath: string | null;
  readonly fileName: string | null;
  /** Our side as a file instead of the lake's tables. */
  readonly internalPath: string | null;
}

/** A statement, part by part. @throws LedgerflowError that refuses the whole of it */
export type ReadStatement = (asked: {
  readonly source: Source;
  readonly date: string;
  readonly file: string | null;
  /** How far the source has been read; null when it does not say. */
  readonly position: string | null;
  readonly signal: AbortSignal;
}) => AsyncIterable<StatementPart>;

export interface StageContext {
  /** In the transaction of the stage. */
  readonly connection: DuckDBConnection;
  readonly run: Run;
  readonly position: InputPosition;
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly read: ReadStatement;
}

const RUN_COLUMNS = `run_id, definition, business_date::VARCHAR, attempt, stage, state, requested_by, file_path, file_name, internal_path, trigger`;

/** The oldest run that has not ended. */
export async function nextRun(connection: DuckDBConnection): Promise<Run | null> {
  const sql = `SELECT ${RUN_COLUMNS} FROM ops.recon_runs WHERE state IN ('queued', 'running') ORDER BY run_id LIMIT 1`;
  const [row] = (await connection.runAndReadAll(sql)).getRows();
  if (row === undefined) return null;
  const text = (at: number): string | null => row[at] as string | null;
  return {
    runId: Number(row[0]),
    source: sourceSchema.parse(JSON.parse(text(1)!)),
    ...{ date: text(2)!, attempt: Number(row[3]), stage: text(4) as Stage, state: text(5) as ReconState, requestedBy: text(6)! },
    ...{ filePath: text(7), fileName: text(8), internalPath: text(9), trigger: text(10) as RunTrigger },
  };
}

/** Rows of a statement as arrays of values. */
export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

/** The whole number of days that a share of a day needs. */
export function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + Math.ceil(days) * 86_400_000).toISOString().slice(0, 10);
}
