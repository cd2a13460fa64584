// Runs on a store of their own, in memory, one after the other and without the job runner: for evaluations and benchmarks.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { INCIDENTS_DDL } from '../../../lake/quality/incidents.ts';
import { queueRunSql } from '../run/queue.ts';
import { statementReader } from '../run/read-statement.ts';
import type { Source } from '../run/source.ts';
import { nextRun, rowsOf } from '../run/stage.ts';
import { STAGE_WORK } from '../run/stages.ts';
import { RECON_DDL, STAGES, type Stage } from '../run/tables.ts';

export interface DirectRun {
  readonly source: Source;
  readonly date: string;
  readonly file: string;
}

export type DirectResult = { readonly runId: number; readonly stagesMs: Readonly<Record<Stage, number>>; readonly refused: string | null };

export class PrivateStore implements AsyncDisposable {
  readonly connection: DuckDBConnection;
  private readonly instance: DuckDBInstance;
  private readonly folder: string;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, folder: string) {
    [this.instance, this.connection, this.folder] = [instance, connection, folder];
  }

  /** @param folder where relative locations of sources start @param file `:memory:` or a file of the database */
  static async open(folder: string, settings: Readonly<Record<string, string>> = {}, file = ':memory:'): Promise<PrivateStore> {
    const instance = await DuckDBInstance.create(file, { threads: '2', ...settings });
    const connection = await instance.connect();
    await connection.run(`CREATE SCHEMA ops; CREATE SCHEMA gold; CREATE SCHEMA silver; ${INCIDENTS_DDL}${RECON_DDL}`);
    return new PrivateStore(instance, connection, folder);
  }

  /** @throws anything but a refusal of the statement */
  async run({ source, date, file }: DirectRun): Promise<DirectResult> {
    const { connection } = this;
    const now = new Date(`${date}T23:59:59Z`);
    const request = {
      source,
      date,
      requestedBy: 'evaluation',
      trigger: 'cli',
      filePath: file,
      fileName: file,
      internalPath: null,
    } as const;
    const [[runId]] = (await rowsOf(connection, queueRunSql(request, now))) as [[bigint]];
    const stagesMs: Partial<Record<Stage, number>> = {};
    for (const name of STAGES) {
      const begun = performance.now();
      await connection.run('BEGIN');
      try {
        const run = (await nextRun(connection))!;
        const position = { commitId: 0, gtid: null };
        const read = statementReader({ folder: this.folder });
        await STAGE_WORK[name]({ connection, run, position, now, read, signal: new AbortController().signal });
      } catch (error) {
        await connection.run('ROLLBACK');
        if (name !== 'load' || !(error instanceof LedgerflowError)) throw error;
        await connection.run(`UPDATE ops.recon_runs SET state = 'refused' WHERE run_id = ${runId}`);
        return { runId: Number(runId), stagesMs: { load: 0, match: 0, log: 0, finalise: 0 }, refused: error.toLine() };
      }
      const next = STAGES[STAGES.indexOf(name) + 1];
      if (next !== undefined)
        await connection.run(`UPDATE ops.recon_runs SET stage = '${next}', state = 'running' WHERE run_id = ${runId}`);
      await connection.run('COMMIT');
      stagesMs[name] = performance.now() - begun;
    }
    return { runId: Number(runId), stagesMs: stagesMs as Record<Stage, number>, refused: null };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.connection.closeSync();
    this.instance.closeSync();
    return Promise.resolve();
  }
}
