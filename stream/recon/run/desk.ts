// Where runs are asked for: keeps the file, writes the run down, has the job take it through its stages, answers when it has ended.

import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { INCIDENTS_DDL } from '../../../lake/quality/incidents.ts';
import type { JobRunner } from '../../jobs/runner.ts';
import { queueRunSql, type RunRequest } from './queue.ts';
import { RECON_JOB } from './recon-job.ts';
import type { Source, Sources } from './source.ts';
import { rowsOf } from './stage.ts';
import { RECON_DDL, type RunTrigger } from './tables.ts';

export interface DeskParts {
  /** Nothing else may use it. */
  readonly connection: DuckDBConnection;
  readonly sources: Sources;
  /** Folder in which every file that is read is kept, by its SHA-256. */
  readonly files: string;
  readonly now: () => Date;
}

export interface Asked {
  readonly source: string;
  readonly date: string;
  readonly by: string;
  readonly trigger: Exclude<RunTrigger, 'schedule'>;
  /** Absolute path on this machine; the source's own place without it. */
  readonly filePath?: string | undefined;
  /** What the file is called; its path's last part without it. */
  readonly fileName?: string | undefined;
  readonly internalPath?: string | undefined;
  /** Customer accounts to compare with instead of the source's. */
  readonly accounts?: readonly string[] | undefined;
}

export class ReconDesk implements AsyncDisposable {
  readonly parts: DeskParts;
  private runner: JobRunner | null = null;
  private waiting = 0;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: DeskParts) {
    this.parts = parts;
  }

  static async open(parts: DeskParts): Promise<ReconDesk> {
    await parts.connection.run(`${INCIDENTS_DDL}${RECON_DDL}`);
    return new ReconDesk(parts);
  }

  /** Unfinished runs of the last process go on. */
  async attach(runner: JobRunner): Promise<void> {
    this.runner = runner;
    const unfinished = await this.query(`SELECT 1 FROM ops.recon_runs WHERE state IN ('queued', 'running')`);
    if (unfinished.length > 0) await runner.ask(RECON_JOB, [null], 'manual');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.turn;
    this.parts.connection.closeSync();
  }

  /** Statements one after the other on the desk's connection, in a transaction. */
  async exclusive<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const { connection } = this.parts;
    const mine = this.turn.then(async () => {
      await connection.run('BEGIN');
      try {
        const answer = await work(connection);
        await connection.run('COMMIT');
        return answer;
      } catch (error) {
        await connection.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
        throw error;
      }
    });
    this.turn = mine.catch(() => undefined); // told to whoever asked
    return await mine;
  }

  /** Rows of a SELECT as values. */
  async query(sql: string): Promise<unknown[][]> {
    return await this.exclusive((connection) => rowsOf(connection, sql));
  }

  /** A stage has ended: whatever waits is next, unless somebody waits for it and asks himself. */
  readonly onStage = (): void => {
    if (this.waiting === 0 && this.runner !== null) void this.goOn(this.runner);
  };

  private async goOn(runner: JobRunner): Promise<void> {
    const unfinished = await this.query(`SELECT 1 FROM ops.recon_runs WHERE state IN ('queued', 'running')`);
    if (unfinished.length > 0) await runner.ask(RECON_JOB, [null], 'manual');
  }

  /** Writes a run down. @throws LedgerflowError LF_RECON_SOURCE, LF_RECON_FILE */
  async ask(asked: Asked): Promise<{ runId: number; attempt: number }> {
    const known = withAccounts(this.parts.sources.get(asked.source), asked.accounts);
    const source = asked.trigger === 'every' ? onceOnly(known) : known;
    const { date, by: requestedBy, trigger } = asked;
    const filePath = asked.filePath === undefined ? null : await this.keep(asked.filePath);
    const internalPath = asked.internalPath === undefined ? null : await this.keep(asked.internalPath);
    const fileName = asked.fileName ?? (asked.filePath === undefined ? null : path.basename(asked.filePath));
    const request: RunRequest = { source, date, requestedBy, trigger, filePath, fileName, internalPath };
    const [[runId, attempt]] = (await this.query(queueRunSql(request, this.parts.now()))) as [[bigint, number]];
    return { runId: Number(runId), attempt };
  }

  /** Takes the run through its stages. @returns when it has ended */
  async finish(runId: number): Promise<void> {
    const { runner } = this;
    if (runner === null) throw new Error('the desk has no runner');
    this.waiting += 1;
    try {
      while (!(await this.hasEnded(runId))) {
        const [jobRun] = await runner.ask(RECON_JOB, [null], 'manual');
        await runner.result(jobRun!);
      }
    } finally {
      this.waiting -= 1;
      this.onStage();
    }
  }

  /** Begins the run without waiting for it. */
  async begin(): Promise<void> {
    if (this.runner !== null) await this.goOn(this.runner);
  }

  private async hasEnded(runId: number): Promise<boolean> {
    const [row] = await this.query(`SELECT state FROM ops.recon_runs WHERE run_id = ${runId}`);
    return row?.[0] !== 'queued' && row?.[0] !== 'running';
  }

  /** Keeps a copy by its content. @returns its path @throws LedgerflowError LF_RECON_FILE */
  async keep(file: string): Promise<string> {
    const { files } = this.parts;
    try {
      if (!(await stat(file)).isFile()) throw new Error('not a file');
      await mkdir(files, { recursive: true, mode: 0o700 });
      const kept = path.join(files, await sha256Of(file));
      if (existsSync(kept)) return kept;
      await copyFile(file, `${kept}.new`);
      await rename(`${kept}.new`, kept);
      return kept;
    } catch (error) {
      throw new LedgerflowError('LF_RECON_FILE', `cannot be read: ${messageOf(error)}`, { where: file, cause: error });
    }
  }
}

function withAccounts(source: Source, accounts: readonly string[] | undefined): Source {
  return accounts === undefined || accounts.length === 0 ? source : { ...source, ledger: { ...source.ledger, accountIds: [...accounts] } };
}

/** A window is asked for again later anyway: waiting inside it would hold up the other runs. */
function onceOnly(source: Source): Source {
  return source.adapter.kind === 'http' ? { ...source, adapter: { ...source.adapter, attemptsMax: 1 } } : source;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
