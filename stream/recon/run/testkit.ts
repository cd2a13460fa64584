// A store with the ledger's tables, the job of reconciliation and its desk: what tests and evaluations run statements against.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { pino } from 'pino';
import { STORE_DDL } from '../../../lake/store/layout.ts';
import { JobRunner } from '../../jobs/runner.ts';
import { ReconDesk } from './desk.ts';
import { statementReader } from './read-statement.ts';
import { reconJob } from './recon-job.ts';
import { runReport, type Json } from './report.ts';
import { Sources } from './source.ts';
import { rowsOf } from './stage.ts';

const LEDGER_DDL = `
CREATE TABLE silver.transactions (transaction_id BIGINT, account_id BIGINT, merchant_id BIGINT, amount DECIMAL(20,4), currency VARCHAR, status VARCHAR, type VARCHAR, direction VARCHAR,
  posted_at TIMESTAMP, description VARCHAR);
CREATE TABLE silver.ledger_entries (entry_id BIGINT, transaction_id BIGINT, account_id BIGINT, posting_type VARCHAR, amount DECIMAL(20,4), currency VARCHAR);
INSERT INTO ops.table_schemas (table_name, version, seq, commit_id, schema_json) VALUES ('transactions', 1, 0, 0, '{}'), ('ledger_entries', 1, 0, 0, '{}');
INSERT INTO ops.state (epoch, commit_id, seq, chain, phase) VALUES (1, 7, -1, '', 'streaming'); INSERT INTO ops.gold_state VALUES (-1, NULL, NULL, NULL, NULL);`;

export class ReconStand implements AsyncDisposable {
  now = Date.parse('2025-07-14T06:00:00Z');
  readonly folder: string;
  readonly store: DuckDBConnection;
  readonly instance: DuckDBInstance;
  desk!: ReconDesk;
  runner!: JobRunner;
  private readonly stop = new AbortController();
  private running: Promise<void> = Promise.resolve();

  private constructor(instance: DuckDBInstance, store: DuckDBConnection) {
    [this.instance, this.store] = [instance, store];
    this.folder = mkdtempSync(path.join(tmpdir(), 'lf-recon-'));
  }

  /** @param ledger false: silver is made by the caller */
  static async open(settings: Readonly<Record<string, string>> = { threads: '2' }, ledger = LEDGER_DDL): Promise<ReconStand> {
    const instance = await DuckDBInstance.create(':memory:', settings);
    const stand = new ReconStand(instance, await instance.connect());
    await stand.store.run(`${STORE_DDL}${ledger}`);
    const sources = new Sources(stand.folder);
    const now = (): Date => new Date(stand.now);
    stand.desk = await ReconDesk.open({ connection: await instance.connect(), sources, files: path.join(stand.folder, 'files'), now });
    const log = pino({ level: 'silent' });
    const job = reconJob({ sources, read: statementReader({ folder: stand.folder }), onStage: stand.desk.onStage });
    stand.runner = await JobRunner.open(
      { connection: await instance.connect(), epoch: 1, codeVersion: 'test', random: () => 0, now, log },
      [job],
    );
    await stand.desk.attach(stand.runner);
    stand.running = stand.runner.run(stand.stop.signal);
    return stand;
  }

  file(name: string, text: string): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  /** A run as `ledgerflow recon run` asks for it. */
  async run(source: string, date: string, filePath: string, more: { internalPath?: string } = {}): Promise<Json> {
    const { runId } = await this.desk.ask({ source, date, by: 'test', trigger: 'cli', filePath, ...more });
    await this.desk.finish(runId);
    return await runReport(this.desk, runId);
  }

  async rows(sql: string): Promise<unknown[][]> {
    return await rowsOf(this.store, sql);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.running.catch(() => undefined);
    await this.desk[Symbol.asyncDispose]();
    await this.runner[Symbol.asyncDispose]();
    this.store.closeSync();
    this.instance.closeSync();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
