// The desk where alerts are worked on: takes an order for one alert or many, writes the rows it comes to in one transaction. One order at a
// time, on a connection of its own; only this writes ops.fraud_alert_events, and it only adds rows.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { literal, nullable } from '../../../infra/runtime/sql-text.ts';
import { fencedOr } from '../../../lake/store/aside-commit.ts';
import { decide, type Case, type CaseEvent, type CaseOutcome, type CaseState, type Order } from './case.ts';
import { CASES_DDL } from './tables.ts';

/** Alerts an order is for: these, or those of the queue that are not closed and match. */
export interface Chosen {
  readonly ids?: readonly string[] | undefined;
  readonly rule?: string | undefined;
  readonly entity?: string | undefined;
  /** Of alerts at or before this time (ISO 8601). */
  readonly before?: string | undefined;
}

export interface Worked {
  /** Alerts that have new rows. */
  readonly changed: number;
  /** It was so already. */
  readonly unchanged: number;
  readonly refused: readonly { readonly id: string; readonly because: string }[];
  /** More match than one order takes. */
  readonly remaining: number;
}

export interface DeskParts {
  /** Nothing else may use it. */
  readonly connection: DuckDBConnection;
  /** Fencing epoch of this process. */
  readonly epoch: number;
  readonly now: () => Date;
}

const ALERTS_PER_ORDER_MAX = 10_000;

interface Found extends Case {
  readonly id: string;
  readonly seq: number;
}

export class CaseDesk implements AsyncDisposable {
  private readonly parts: DeskParts;
  private underWay: Promise<unknown> = Promise.resolve();

  private constructor(parts: DeskParts) {
    this.parts = parts;
  }

  static async open(parts: DeskParts): Promise<CaseDesk> {
    await parts.connection.run(CASES_DDL);
    return new CaseDesk(parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.underWay.catch(() => undefined); // told where it was awaited
    this.parts.connection.closeSync();
  }

  /** Carries an order out. @throws LedgerflowError LF_FRAUD_ALERT_UNKNOWN for a given id that is not there, LF_STORE_FENCED */
  work(chosen: Chosen, order: Order, actor: string): Promise<Worked> {
    const run = this.underWay.then(() => this.inTransaction(chosen, order, actor));
    this.underWay = run.catch(() => undefined); // told to the caller
    return run;
  }

  private async inTransaction(chosen: Chosen, order: Order, actor: string): Promise<Worked> {
    const { connection, epoch } = this.parts;
    try {
      await connection.run('BEGIN');
      const found = await this.find(chosen);
      const taken = found.slice(0, ALERTS_PER_ORDER_MAX);
      const decisions = taken.map((one) => ({ one, decision: decide(one, order, actor) }));
      const rows = decisions.flatMap(({ one, decision }) =>
        'events' in decision ? [rowsOf(one, decision.events, this.stamp(actor))] : [],
      );
      if (rows.length > 0) await connection.run(`INSERT INTO ops.fraud_alert_events VALUES ${rows.flat().join(', ')}`);
      await this.label(
        decisions.flatMap(({ one, decision }) =>
          'events' in decision ? [{ id: one.id, outcome: decision.events.at(-1)?.outcome ?? null }] : [],
        ),
      );
      await connection.run(`SELECT CASE WHEN epoch <> ${epoch} THEN error('LF_STORE_FENCED') END FROM ops.state`);
      await connection.run('COMMIT');
      const refused = decisions.flatMap(({ one, decision }) => ('refused' in decision ? [{ id: one.id, because: decision.refused }] : []));
      const unchanged = taken.length - rows.length - refused.length;
      return { changed: rows.length, unchanged, refused, remaining: found.length - taken.length };
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
      throw fencedOr(error);
    }
  }

  /** What is confirmed is known as fraud from now on; what is not any more, is not. */
  private async label(cases: readonly { readonly id: string; readonly outcome: CaseOutcome | null }[]): Promise<void> {
    const { connection, now } = this.parts;
    const sources = (confirmed: boolean): string[] =>
      cases.filter(({ outcome }) => (outcome === 'confirmed') === confirmed).map(({ id }) => literal(`alert ${id}`));
    const [confirmed, others] = [sources(true), sources(false)];
    if (others.length > 0) await connection.run(`DELETE FROM ops.fraud_labels WHERE source IN (${others.join(', ')})`);
    if (confirmed.length === 0) return;
    const columns = (await connection.runAndReadAll('SELECT * FROM silver.transactions LIMIT 0')).columnNames();
    const merchant = columns.includes('merchant_id') ? 'CAST(t.merchant_id AS VARCHAR)' : 'NULL';
    await connection.run(`INSERT INTO ops.fraud_labels SELECT a.transaction_id, ${merchant}, TIMESTAMP ${literal(now().toISOString().replace('Z', ''))}, 'alert ' || a.alert_id
      FROM gold.fraud_alerts a LEFT JOIN silver.transactions t ON CAST(t.transaction_id AS VARCHAR) = a.transaction_id
      WHERE 'alert ' || a.alert_id IN (${confirmed.join(', ')}) AND 'alert ' || a.alert_id NOT IN (SELECT source FROM ops.fraud_labels)`);
  }

  private stamp(actor: string): string {
    return `${literal(actor)}, TIMESTAMPTZ ${literal(this.parts.now().toISOString())}`;
  }

  private async find(chosen: Chosen): Promise<Found[]> {
    const reader = await this.parts.connection.runAndReadAll(
      `SELECT alert_id, state, outcome, assignee, events FROM gold.fraud_queue WHERE ${conditions(chosen)} ORDER BY event_ts, alert_id LIMIT ${ALERTS_PER_ORDER_MAX * 2}`,
    );
    const found = reader.getRows().map(([id, state, outcome, assignee, events]) => ({
      ...{ id: id as string, state: state as CaseState, outcome: outcome as CaseOutcome | null },
      ...{ assignee: assignee as string | null, seq: Number(events) },
    }));
    const missing = (chosen.ids ?? []).filter((id) => !found.some((one) => one.id === id));
    if (missing.length > 0) throw new LedgerflowError('LF_FRAUD_ALERT_UNKNOWN', `there is no alert ${missing.join(', ')} in the queue`);
    return found;
  }
}

function conditions({ ids, rule, entity, before }: Chosen): string {
  const parts = [
    ...(ids === undefined ? [`state <> 'closed'`] : [`alert_id IN (${ids.map(literal).join(', ')})`]),
    ...(rule === undefined ? [] : [`rule_id = ${literal(rule)}`]),
    ...(entity === undefined ? [] : [`entity_id = ${literal(entity)}`]),
    ...(before === undefined ? [] : [`event_ts <= ${literal(before)}::TIMESTAMPTZ AT TIME ZONE 'UTC'`]),
  ];
  return parts.join(' AND ');
}

function rowsOf({ id, seq }: Found, events: readonly CaseEvent[], stamp: string): string[] {
  return events.map(({ action, from, to, outcome, assignee, note }, index) => {
    const states = [action, from, to].map(literal).join(', ');
    return `(${literal(id)}, ${seq + index + 1}, ${stamp}, ${states}, ${nullable(outcome)}, ${nullable(assignee)}, ${nullable(note)})`;
  });
}
