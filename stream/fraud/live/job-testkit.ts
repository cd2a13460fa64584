// The fraud job over a small store: movements are committed as the bank's rows, the job is run, its tables are read.

import { pino } from 'pino';
import { FixtureStore, type Change, type Row } from '../../../lake/gold/testkit-store.ts';
import type { RunReport } from '../../jobs/runner-parts.ts';
import { JobRunner } from '../../jobs/runner.ts';
import { loadRules, type FraudRule } from '../rule-file.ts';
import { instant, type Movement } from '../testkit.ts';
import { fraudJob, type FraudParts } from './fraud-job.ts';

const OPENED = '2020-01-01 00:00:00';

/** A movement of the testkit as a row of the bank; ids are numbers here: a1 is 1001, c1 is 1, t12 is 12. */
export function bankRow(movement: Movement): Row {
  const number = (text: unknown, base: number): number | null => (typeof text === 'string' ? base + Number(text.replace(/\D/g, '')) : null);
  const {
    direction = 'debit',
    type = 'PURCHASE',
    counter_account_id: counter,
    merchant_id: merchant = 'm1',
    device_id: device = 'd1',
  } = movement;
  const at = instant(movement.minute).slice(0, 23);
  return {
    transaction_id: Number(movement.id.replace(/\D/g, '')),
    account_id: number(movement.account_id ?? 'a1', 1_000),
    customer_id: number(movement.customer_id ?? 'c1', 0),
    merchant_id: number(merchant, 0),
    amount: String(movement.amount ?? 20),
    currency: String(movement.currency ?? 'USD'),
    status: String(movement.status ?? 'posted'),
    ...{ event_ts: at, created_at: at, type: String(type), direction: String(direction).toUpperCase() },
    counter_account_id: number(counter, 1_000) ?? 802,
    ...{
      reference_id: null,
      reversal_of: null,
      device_id: number(device, 0),
      channel: String(movement.channel ?? 'online'),
      metadata: null,
    },
  };
}

export class FraudStand implements AsyncDisposable {
  readonly store: FixtureStore;
  private readonly score: FraudParts['score'];
  private runner!: JobRunner;
  readonly reports: RunReport[] = [];
  now = Date.parse('2026-06-01T12:00:00Z');

  private constructor(store: FixtureStore, score: FraudParts['score']) {
    [this.store, this.score] = [store, score];
  }

  /** The stand of another process. */
  static async reopen(file: string, rules: readonly FraudRule[]): Promise<FraudStand> {
    const stand = new FraudStand(await FixtureStore.reopen(file), undefined);
    await stand.restart(rules);
    return stand;
  }

  static async open(rules: readonly FraudRule[] = loadRules(), score?: FraudParts['score'], file = ':memory:'): Promise<FraudStand> {
    const stand = new FraudStand(await FixtureStore.open(file, ['accounts', 'transactions', 'ledger_entries', 'merchants']), score);
    await stand.store.writer.run(`INSERT INTO ops.gold_state VALUES (-1, NULL, NULL, NULL, NULL)`);
    await stand.restart(rules);
    const account = (id: number, customer: number, type: string): Change => ({
      ...{ table: 'accounts', op: 'c' },
      row: {
        account_id: id,
        customer_id: customer,
        account_type: type,
        balance: null,
        status: 'active',
        created_at: OPENED,
        currency: 'USD',
        overdraft_limit: '0',
        entry_seq: 0,
      },
    });
    const customers = Array.from({ length: 20 }, (_, index) => account(1_001 + index, 1 + index, 'checking'));
    const shop = (id: number, mcc: string, category: string): Change => ({
      ...{ table: 'merchants', op: 'c' },
      row: { merchant_id: id, name: `M${id}`, mcc, category, city: null, country: 'US', created_at: OPENED },
    });
    const shops = Array.from({ length: 20 }, (_, index) => shop(1 + index, '5411', 'groceries'));
    await stand.store.commit([account(802, 800, 'house_settlement'), ...customers, ...shops]);
    return stand;
  }

  /** A runner over the same store, as after a restart of the process. */
  async restart(rules: readonly FraudRule[] = loadRules()): Promise<void> {
    await this.runner?.[Symbol.asyncDispose]();
    this.runner = await JobRunner.open(
      {
        connection: await this.store.instance.connect(),
        ...{ epoch: 1, codeVersion: 'test', log: pino({ level: 'silent' }), now: () => new Date(this.now), random: () => 0 },
        onRun: (report) => void this.reports.push(report),
      },
      [fraudJob({ rules, score: this.score })],
    );
  }

  async commit(movements: readonly Movement[], op: Change['op'] = 'c'): Promise<void> {
    await this.store.commit(movements.map((movement) => ({ table: 'transactions', op, row: bankRow(movement) })));
  }

  /** Runs the job over what was committed. */
  async settle(): Promise<void> {
    this.now += 1_000;
    this.runner.changed(null);
    while (await this.runner.step(new AbortController().signal, 0));
    const failed = this.reports.find(({ error }) => error !== null);
    if (failed !== undefined) throw new Error(failed.error ?? '');
  }

  async play(movements: readonly Movement[]): Promise<void> {
    await this.commit(movements);
    await this.settle();
  }

  async rows(sql: string): Promise<unknown[][]> {
    return (await this.store.writer.runAndReadAll(sql)).getRowsJson();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

/** Seeded movements of few customers, accounts, shops and devices, so that they have much to do with each other; every fifth comes late. */
export class FraudWorld {
  private state: number;
  private next = 0;

  constructor(seed: number) {
    this.state = seed;
  }

  private below(bound: number): number {
    this.state = (this.state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(this.state / 65_536) % bound;
  }

  movements(count: number): Movement[] {
    return Array.from({ length: count }, () => {
      this.next += 1;
      const [owner, other] = [1 + this.below(3), 1 + this.below(4)];
      const own = {
        id: `t${this.next}`,
        account_id: `a${owner}`,
        customer_id: `c${owner}`,
        device_id: `d${1 + this.below(3)}`,
        amount: [1, 3, 40, 400, 9_000][this.below(5)]!,
      };
      const minute = this.next * 4 - (this.below(5) === 0 ? 60 : 0);
      if (this.below(3) > 0)
        return { ...own, minute, merchant_id: `m${1 + this.below(4)}`, status: this.below(4) === 0 ? 'failed' : 'posted' };
      const transfer = { type: 'TRANSFER', merchant_id: null, counter_account_id: `a${other === owner ? 5 : other}` };
      return { ...own, minute, ...transfer };
    });
  }
}
