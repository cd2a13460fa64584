// Tests only: a real store of ledger entries, a source that is a table beside it, Kafka as a list of messages, and the job over all of it.

import { pino } from 'pino';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { openTestStore, ACCOUNTS, type KeyedChange, type TestStore } from '../../../lake/store/testkit.ts';
import { textRows } from '../../../lake/verify/text-rows.ts';
import { VerifySessions } from '../../../lake/verify/sessions.ts';
import { changeValue, TEST_UUID } from '../../../test/support/envelopes.ts';
import type { ColumnSchema } from '../../../cdc/schema/table-schema.ts';
import type { Job } from '../../jobs/job.ts';
import { JobRunner } from '../../jobs/runner.ts';
import type { KafkaReader } from './kafka.ts';
import { SELF_JOB, selfJob, type SelfRequest } from './self-job.ts';

const [id, name, amount] = ACCOUNTS.columns as [ColumnSchema, ColumnSchema, ColumnSchema];
export const TABLE = 'ledger_entries';
const COLUMNS: readonly ColumnSchema[] = [
  { ...id, name: 'entry_id' },
  { ...amount, name: 'amount', position: 2 },
  { ...name, name: 'currency', position: 3, length: 3 },
  { ...name, name: 'created_at', typeName: 'DATETIME', length: 6, position: 4 },
];
const DDL = '(entry_id BIGINT, amount DECIMAL(20,4), currency VARCHAR, created_at TIMESTAMP)';
const SCHEMA = { database: 'bank', table: TABLE, columns: COLUMNS, keyColumns: ['entry_id'] };
const NOW = Date.parse('2026-11-20T10:40:00Z');

export interface Entry {
  readonly id: number;
  readonly amount: string;
  readonly currency?: string;
  /** ISO, UTC. */
  readonly at: string;
}

interface Message {
  readonly tsMs: number;
  readonly value: Buffer;
}

export class SelfStand implements AsyncDisposable {
  readonly test: TestStore;
  readonly messages: Message[] = [];
  now = NOW;
  private seq = 0;
  private runner!: JobRunner;
  private sessions!: VerifySessions;
  /** What happens while the job reads. */
  whileReading: () => Promise<void> = () => Promise.resolve();
  private readonly otherRuns: (() => void)[] = [];
  private readonly requests = new Map<number, SelfRequest>();

  private constructor(test: TestStore) {
    this.test = test;
  }

  static async open(): Promise<SelfStand> {
    const test = await openTestStore();
    const stand = new SelfStand(test);
    test.table = TABLE;
    await test.commit([], [{ kind: 'schema', table: TABLE, seq: -1, ddl: 'CREATE TABLE', schema: SCHEMA }]);
    await stand.run(`UPDATE ops.topics SET table_name = '${TABLE}'; UPDATE ops.state SET server_uuid = ${literal(TEST_UUID)};
      CREATE OR REPLACE VIEW bronze.changes AS FROM _bronze.tail; CREATE SCHEMA source; CREATE TABLE source.${TABLE} ${DDL}; CREATE TABLE gold.fct_ledger_entries ${DDL};
      INSERT INTO ops.gold_state SELECT commit_id, NULL, NULL, NULL, NULL FROM ops.state WHERE NOT EXISTS (FROM ops.gold_state)`);
    await stand.openJob();
    return stand;
  }

  private async openJob(): Promise<void> {
    const { store } = this.test;
    const reader = await store.connect();
    this.sessions = new VerifySessions(() => store.connect(), { sessionsMax: 1, sessionMsMax: 60_000 });
    const snapshot = async () => {
      await this.whileReading();
      return {
        ...{ serverUuid: TEST_UUID, seq: this.seq, gtid: `${TEST_UUID}:${this.seq}`, version: 'test' },
        tables: [{ schema: SCHEMA, columnTypes: [] }],
        extent: () => Promise.resolve({ keys: { low: 1n, high: 10n }, rows: 10 }),
        query: (sql: string) => textRows(reader, sql),
        relationOf: (table: string) => ({ dialect: 'duckdb' as const, from: `source.${table}` }),
        hidden: () => new Set<string>(),
        sideOf: () => Promise.reject(new Error('not compared here')) as never,
        ...{ buckets: () => Promise.resolve([]), rows: () => Promise.resolve([]), cells: () => Promise.resolve([]) },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    };
    const job = selfJob(
      {
        connect: () => store.connect(),
        ...{ source: { snapshot }, sessions: this.sessions, withKafka: (work) => work(this.kafka()), readable: true },
        ...{ throttleRows: null, waitMs: 1_000, now: () => new Date(this.now) },
      },
      this.requests,
    );
    this.runner = await JobRunner.open(
      {
        connection: await store.connect(),
        ...{
          epoch: store.state.epoch,
          codeVersion: 'test',
          random: () => 0,
          now: () => new Date(this.now),
          log: pino({ level: 'silent' }),
        },
      },
      [job, this.other()],
    );
  }

  /** A job after commits, as the fraud rules are. */
  private other(): Job {
    return {
      ...{ name: 'other', description: 'does nothing', version: '1', inputs: [`silver.${TABLE}`], outputs: [] },
      trigger: { afterCommit: true, minIntervalMs: 0 },
      run: () => {
        this.otherRuns.forEach((resolve) => resolve());
        return Promise.resolve({ summary: {} });
      },
    };
  }

  /** Tells the runner of a commit. @returns when the other job has run for it */
  async otherRun(): Promise<void> {
    const run = new Promise<void>((resolve) => this.otherRuns.push(resolve));
    this.runner.changed(new Set([`silver.${TABLE}`]));
    await run;
  }

  private kafka(): KafkaReader {
    const index = (ms: number): bigint => BigInt(this.messages.filter(({ tsMs }) => tsMs < ms).length);
    return {
      ranges: (topic, fromMs, untilMs) => {
        const [from, until] = [index(fromMs), index(untilMs)];
        return Promise.resolve(until > from ? [{ topic, partition: 0, from, until }] : []);
      },
      read: (ranges, onMessage) => {
        for (const range of ranges)
          this.messages.slice(Number(range.from), Number(range.until)).forEach(({ value }) => onMessage(range, { value }));
        return Promise.resolve();
      },
    };
  }

  /** One source transaction of new entries, all the way: source, Kafka, one commit of the store, gold. */
  async post(entries: readonly Entry[], tsMs = this.now - 600_000): Promise<void> {
    this.seq += 1;
    const changes = entries.map(({ id: entryId, amount: sum, currency = 'USD', at }, index): KeyedChange => {
      const after = { entry_id: entryId, amount: sum, currency, created_at: Date.parse(at) * 1_000 };
      return { table: TABLE, op: 'c', seq: this.seq, ord: index + 1, key: { entry_id: entryId }, before: null, after, tsMs };
    });
    for (const change of changes) this.messages.push({ tsMs, value: changeValue(change) });
    await this.test.commit(changes);
    const values = entries.map(
      (entry) => `(${entry.id}, ${entry.amount}, '${entry.currency ?? 'USD'}', TIMESTAMP '${entry.at.replace('Z', '')}')`,
    );
    const time = new Date(tsMs + 1_000).toISOString();
    for (const table of [`source.${TABLE}`, 'gold.fct_ledger_entries']) await this.run(`INSERT INTO ${table} VALUES ${values.join(', ')}`);
    await this
      .run(`UPDATE ops.gold_state SET commit_id = (SELECT commit_id FROM ops.state); UPDATE ops.commits SET committed_at = TIMESTAMPTZ '${time}' WHERE commit_id = (SELECT commit_id FROM ops.state);
      UPDATE _bronze.tail SET kafka_ts = TIMESTAMP '${time.replace('Z', '')}' WHERE commit_id = (SELECT commit_id FROM ops.state)`);
  }

  /** Runs the job. @returns its counts that are not equal, as `leg hour status left-right` with the keys named */
  async reconcile(request: Partial<SelfRequest> = {}): Promise<string[]> {
    const [runId = 0] = await this.runner.ask(SELF_JOB, [null], 'manual');
    if (Object.keys(request).length > 0) this.requests.set(runId, { table: null, hour: null, by: 'test', ...request });
    const result = this.runner.result(runId);
    const waiting = `SELECT error FROM ops.job_runs WHERE state IN ('queued', 'running') ORDER BY error NULLS LAST`;
    for (let rows = [[null]] as (string | null)[][]; rows.length > 0; rows = (await this.test.rows(waiting)) as (string | null)[][]) {
      const broken = rows[0]?.[0] ?? null;
      if (broken !== null) throw new Error(broken);
      await this.runner.step(new AbortController().signal, 1_000); // those of the schedule that are due come too
    }
    const { state, error } = await result;
    if (state !== 'succeeded') throw new Error(error ?? state);
    this.requests.delete(runId);
    const rows = await this.test
      .rows(`SELECT leg, coalesce(strftime(hour, '%H'), 'rest'), status, left_rows, right_rows, named FROM gold.self_reconciliation
      WHERE run_id = (SELECT CAST(outcome->>'$.run' AS BIGINT) FROM ops.job_runs WHERE run_id = ${runId}) AND status <> 'equal' ORDER BY leg, hour NULLS FIRST`);
    return rows.map(([leg, hour, status, left, right, named]) =>
      [
        leg,
        hour,
        status,
        `${String(left)}-${String(right)}`,
        ...(JSON.parse(String(named)) as { key: string; what: string }[]).map(({ key, what }) => `${key} ${what}`),
      ].join(' '),
    );
  }

  async run(sql: string): Promise<void> {
    await this.test.store.writer.run(sql);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner[Symbol.asyncDispose]();
    await this.sessions[Symbol.asyncDispose]();
    await this.test[Symbol.asyncDispose]();
  }
}
