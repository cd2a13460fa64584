// A store with one captured table and a runner over it, with a clock that tests set.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { pino } from 'pino';
import { STORE_DDL } from '../../lake/store/layout.ts';
import type { Job, JobContext, Outcome } from './job.ts';
import type { RunReport } from './runner-parts.ts';
import { JobRunner } from './runner.ts';

const EVENTS_DDL = `CREATE TABLE IF NOT EXISTS _rows.events (id BIGINT, amount DECIMAL(20,4), _op VARCHAR, _pos BIGINT, _commit BIGINT, _ts TIMESTAMP);
CREATE TABLE IF NOT EXISTS _past.events (id BIGINT, amount DECIMAL(20,4), _op VARCHAR, _pos BIGINT, _commit BIGINT, _ts TIMESTAMP, _gone_commit BIGINT);`;

/** Copies what the commits since its position brought: any run twice, or any gap, shows in its table. */
export function copyJob(more: Partial<Job> = {}): Job {
  return {
    name: 'copy',
    description: 'copies new events',
    version: '1',
    inputs: ['silver.events'],
    outputs: ['ops.copied'],
    trigger: { afterCommit: true, minIntervalMs: 0 },
    prepareSql: 'CREATE TABLE IF NOT EXISTS ops.copied (id BIGINT, run BIGINT)',
    run: copyEvents,
    ...more,
  };
}

export async function copyEvents(context: JobContext): Promise<Outcome> {
  const { connection, runId } = context;
  const result = await connection.run(`INSERT INTO ops.copied SELECT id, ${runId} FROM ${context.changes('events')}`);
  return { summary: { copied: result.rowsChanged } };
}

/** Makes the table and writes commits of one event each, after what is there. */
export async function writeEvents(connection: DuckDBConnection, commits: number): Promise<void> {
  await connection.run(EVENTS_DDL);
  await connection.run(
    `INSERT INTO ops.table_schemas (table_name, version, seq, commit_id, schema_json) SELECT 'events', 1, 0, 0, '{}' WHERE NOT EXISTS (FROM ops.table_schemas)`,
  );
  for (let n = 0; n < commits; n += 1)
    await connection.run(`BEGIN; UPDATE ops.state SET commit_id = commit_id + 1, gtid = 'u:' || (commit_id + 1), phase = 'streaming';
      INSERT INTO _rows.events SELECT commit_id, commit_id, 'c', commit_id << 24, commit_id, TIMESTAMP '2026-11-21' FROM ops.state; COMMIT`);
}

export class JobStand implements AsyncDisposable {
  now = Date.parse('2026-11-21T10:00:00Z');
  readonly reports: RunReport[] = [];
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
  runner!: JobRunner;

  private constructor(instance: DuckDBInstance, writer: DuckDBConnection) {
    [this.instance, this.writer] = [instance, writer];
  }

  static async open(jobs: readonly Job[]): Promise<JobStand> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const stand = new JobStand(instance, await instance.connect());
    await stand.writer.run(STORE_DDL);
    await stand.writer.run(`INSERT INTO ops.state (epoch, commit_id, seq, chain, phase) VALUES (1, 0, -1, '', 'streaming')`);
    await stand.writer.run(`INSERT INTO ops.gold_state VALUES (-1, NULL, NULL, NULL, NULL)`);
    await stand.restart(jobs);
    return stand;
  }

  /** A new runner over the same store, as after a restart of the process. */
  async restart(jobs: readonly Job[]): Promise<void> {
    this.runner = await JobRunner.open(
      {
        connection: await this.instance.connect(),
        ...{ epoch: 1, codeVersion: 'test', random: () => 1, log: pino({ level: 'silent' }) },
        now: () => new Date(this.now),
        onRun: (report) => void this.reports.push(report),
      },
      jobs,
    );
  }

  /** Commits of one event each. */
  async commit(commits = 1): Promise<void> {
    await writeEvents(this.writer, commits);
    this.runner.changed(new Set(['silver.events']));
  }

  /** Runs what is due now. @returns how many runs there were */
  async settle(): Promise<number> {
    for (let runs = 0; ; runs += 1) if (!(await this.runner.step(new AbortController().signal, 0))) return runs;
  }

  async rows(sql: string): Promise<unknown[][]> {
    return (await this.writer.runAndReadAll(sql)).getRowsJson();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner[Symbol.asyncDispose]();
    this.writer.closeSync();
    this.instance.closeSync();
  }
}
