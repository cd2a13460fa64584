// Rules over a handful of movements: what is not said of one is that of an ordinary card payment.

import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../infra/runtime/sql-text.ts';
import { CANONICAL_COLUMNS, CANONICAL_NAMES, type CanonicalColumn } from './canonical.ts';
import { evaluate, type RuleReport } from './evaluate.ts';
import type { ParameterValue } from './parameter.ts';
import { loadRules, type FraudRule } from './rule-file.ts';

export type Movement = Partial<Record<Exclude<CanonicalColumn, 'event_ts' | 'transaction_id'>, string | number | boolean | null>> & {
  readonly id: string;
  /** Minutes after 2026-06-01 12:00 UTC. */
  readonly minute: number;
};

const START_MS = Date.parse('2026-06-01T12:00:00Z');
const ORDINARY = {
  ...{
    account_id: 'a1',
    customer_id: 'c1',
    counter_account_id: null,
    counter_customer_id: null,
    merchant_id: 'm1',
    mcc: '5411',
    category: 'groceries',
  },
  ...{ device_id: 'd1', channel: 'online', type: 'PURCHASE', direction: 'debit', status: 'posted', amount: 20, currency: 'USD' },
  ...{
    latitude: null,
    longitude: null,
    country: 'US',
    reference_id: null,
    is_reversal: false,
    balance_before: null,
    account_since: '2020-01-01',
  },
};

export function instant(minute: number): string {
  return new Date(START_MS + Math.round(minute * 60_000)).toISOString().replace('T', ' ').replace('Z', '');
}

/** Movements as rows of the canonical relation: SQL to select from. Arrival is in the order given. */
export function rowsSql(movements: readonly Movement[]): string {
  const rows = movements.map(({ id, minute, ...given }, index) => {
    const row: Record<string, string | number | boolean | null | undefined> = { ...ORDINARY, position: index + 1, ...given };
    [row['transaction_id'], row['event_ts']] = [id, instant(minute)];
    return `(${CANONICAL_NAMES.map((name) => (row[name] === null ? 'NULL' : literal(String(row[name])))).join(', ')})`;
  });
  const columns = CANONICAL_NAMES.map((name) => `CAST(${name} AS ${CANONICAL_COLUMNS[name]}) AS ${name}`);
  return `(SELECT ${columns.join(', ')} FROM (VALUES ${rows.join(', ')}) AS v(${CANONICAL_NAMES.join(', ')}))`;
}

/** Many of a kind: `each` gives what differs. */
export function times(count: number, each: (index: number) => Movement): Movement[] {
  return Array.from({ length: count }, (_, index) => each(index));
}

export interface FoundAlert {
  readonly alert: string;
  readonly trigger: string;
  readonly entity: string;
  readonly explanation: string;
  readonly observed: Readonly<Record<string, unknown>>;
}

export class RuleStand implements AsyncDisposable {
  private readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    [this.instance, this.connection] = [instance, connection];
  }

  static async open(): Promise<RuleStand> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    return new RuleStand(instance, await instance.connect());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.closeSync();
    this.instance.closeSync();
    return Promise.resolve();
  }

  /** @param due movements to evaluate; all of them when not given */
  async report(
    rule: FraudRule,
    movements: readonly Movement[],
    set: Readonly<Record<string, ParameterValue>> = {},
    due: readonly Movement[] = movements,
  ): Promise<RuleReport> {
    await this.connection.run(`CREATE OR REPLACE TEMP TABLE movements AS FROM ${rowsSql(movements)}`);
    const triggers = `(SELECT unnest([${due.map(({ id }) => literal(id)).join(', ')}]) AS transaction_id)`;
    const parameters = new Map(Object.entries(set));
    const [report] = await evaluate(this.connection, [{ rule, parameters }], { transactions: 'movements', triggers });
    return report!;
  }

  async alerts(...of: Parameters<RuleStand['report']>): Promise<FoundAlert[]> {
    await this.report(...of);
    const reader = await this.connection.runAndReadAll(
      'SELECT alert_id, transaction_id, entity_id, explanation, observed FROM fraud_found ORDER BY event_ts, transaction_id',
    );
    return reader.getRows().map(([alert, trigger, entity, explanation, observed]) => ({
      ...{ alert: alert as string, trigger: trigger as string, entity: entity as string, explanation: explanation as string },
      observed: JSON.parse(observed as string) as Record<string, unknown>,
    }));
  }
}

export function ruleNamed(name: string): FraudRule {
  const rule = loadRules().find(({ header }) => header.rule === name);
  if (rule === undefined) throw new Error(`no rule ${name}`);
  return rule;
}
