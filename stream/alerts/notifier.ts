// Looks at the incidents once a second, tells the sinks what is due, and keeps them by hand: acknowledge, silence. One connection, one thing
// at a time; a sink that hangs delays notifications, nothing else.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { backoffMs, type RetryPolicy } from '../../infra/runtime/retry.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { inTransaction } from '../../lake/publish/sql.ts';
import { closeIncidentSql, createIncidents, openIncidentSql, type Finding } from '../../lake/quality/incidents.ts';
import {
  deliveredSql,
  NOTIFICATIONS_DDL,
  PRUNE_NOTIFICATIONS_SQL,
  queueNotice,
  readIncidents,
  readQueued,
  undeliveredSql,
} from './book.ts';
import { INCIDENT_STEPS_DDL, markSql, stepSql, type IncidentStep } from './steps.ts';
import { dueNotices, type NoticePolicy } from './due.ts';
import type { Sink } from './sinks.ts';

export interface NotifierParts {
  /** Nothing else may use it. */
  readonly connection: DuckDBConnection;
  readonly sinks: readonly Sink[];
  readonly policy: NoticePolicy;
  /** What keeps the pipeline from going on; null: nothing. */
  readonly problem: () => string | null;
  readonly now: () => Date;
  readonly random?: () => number;
  readonly onNotice?: (sink: string, state: 'sent' | 'failed' | 'retrying') => void;
  readonly log: Logger;
}

const LOOK_INTERVAL_MS = 1_000;
/** Notifications that wait to be sent; what is due beyond them is due again at the next look. */
const QUEUED_MAX = 100;
const RETRIES: RetryPolicy = { attemptsMax: 6, firstDelayMs: 1_000, delayMaxMs: 60_000 };
const PIPELINE = 'pipeline';

export class Notifier implements AsyncDisposable {
  private readonly parts: NotifierParts;
  private underWay: Promise<unknown> = Promise.resolve();
  private readonly notBefore = new Map<number, number>();
  private problemShown: string | null | undefined;

  private constructor(parts: NotifierParts) {
    this.parts = parts;
  }

  static async open(parts: NotifierParts): Promise<Notifier> {
    await createIncidents(parts.connection);
    await parts.connection.run(`${NOTIFICATIONS_DDL}${INCIDENT_STEPS_DDL}`);
    return new Notifier(parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.underWay.catch(() => undefined); // told where it was awaited
    this.parts.connection.closeSync();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => this.parts.log.warn({ error: messageOf(error) }, 'incidents could not be looked at'));
      await sleep(LOOK_INTERVAL_MS, signal).catch(() => undefined); // aborted: the loop ends
    }
  }

  /** Finds what is due and sends it. */
  async look(): Promise<void> {
    await this.showProblem();
    await this.exclusively(() => this.queueDue());
    const nowMs = this.parts.now().getTime();
    const queued = await this.exclusively(() => readQueued(this.parts.connection, QUEUED_MAX));
    for (const notice of queued) if ((this.notBefore.get(notice.id) ?? 0) <= nowMs) await this.deliver(notice);
    if (queued.length > 0) await this.exclusively(() => this.parts.connection.run(PRUNE_NOTIFICATIONS_SQL));
  }

  async opened(finding: Finding): Promise<void> {
    await this.exclusively(() => this.parts.connection.run(openIncidentSql(finding)));
  }

  async closed(code: Finding['code'], subject: string): Promise<void> {
    await this.exclusively(() => this.parts.connection.run(closeIncidentSql(code, subject)));
  }

  /** Somebody looks after an open incident, or wants to hear nothing of it: a row that stays, and the incident as it is now. @throws LedgerflowError LF_INCIDENT_UNKNOWN */
  async step(step: IncidentStep): Promise<void> {
    const { connection, now } = this.parts;
    await this.exclusively(() =>
      inTransaction(connection, async () => {
        const { rowsChanged } = await connection.run(markSql(step, now()));
        if (rowsChanged === 0) throw new LedgerflowError('LF_INCIDENT_UNKNOWN', `there is no open incident ${step.id}`);
        await connection.run(stepSql(step, now()));
      }),
    );
  }

  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const run = this.underWay.then(work, work);
    this.underWay = run.catch(() => undefined); // told to the caller
    return run;
  }

  /** A pipeline that stands is an incident like any other. */
  private async showProblem(): Promise<void> {
    const line = this.parts.problem();
    if (line === this.problemShown) return;
    if (line === null) await this.closed('LF_PIPELINE_PROBLEM', PIPELINE);
    else {
      const text = { summary: line, detail: 'expected: the pipeline streams; `ledgerflow status` says what keeps it' };
      await this.opened({
        code: 'LF_PIPELINE_PROBLEM',
        severity: 'page',
        subject: PIPELINE,
        ...text,
        rows: [],
        dimension: null,
        table: null,
      });
    }
    this.problemShown = line;
  }

  private async queueDue(): Promise<void> {
    const { connection, sinks, policy } = this.parts;
    const now = this.parts.now();
    let room = QUEUED_MAX - (await readQueued(connection, QUEUED_MAX)).length;
    for (const { name } of sinks) {
      for (const due of dueNotices(await readIncidents(connection, name), policy, now.getTime())) {
        if (room <= 0) return;
        await queueNotice(connection, due, { sink: name, now });
        room -= 1;
      }
    }
  }

  private async deliver(notice: Awaited<ReturnType<typeof readQueued>>[number]): Promise<void> {
    const { sinks, onNotice, log, connection } = this.parts;
    const sink = sinks.find(({ name }) => name === notice.sink);
    try {
      if (sink === undefined) throw new LedgerflowError('LF_WEBHOOK_REFUSED', `the sink ${notice.sink} is not configured any more`);
      const { sink: _, attempts: __, ...content } = notice;
      await sink.send(content);
      await this.exclusively(() => connection.run(deliveredSql(notice.id, this.parts.now())));
      this.notBefore.delete(notice.id);
      onNotice?.(notice.sink, 'sent');
    } catch (error) {
      const attempts = notice.attempts + 1;
      const final = attempts >= RETRIES.attemptsMax || (error instanceof LedgerflowError && error.code === 'LF_WEBHOOK_REFUSED');
      await this.exclusively(() => connection.run(undeliveredSql(notice.id, messageOf(error).slice(0, 500), final)));
      if (final) this.notBefore.delete(notice.id);
      else this.notBefore.set(notice.id, this.parts.now().getTime() + backoffMs(RETRIES, attempts, this.parts.random ?? Math.random));
      onNotice?.(notice.sink, final ? 'failed' : 'retrying');
      log.warn(
        { notification: notice.id, sink: notice.sink, attempts, final, error: messageOf(error) },
        'a notification could not be delivered',
      );
    }
  }
}
