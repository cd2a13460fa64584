// Running sums of one statement, exact, in the sender's own signs.

import type { Decimal } from 'decimal.js';
import type { OpenedStatement } from './events.ts';
import { Exact, negated } from './money.ts';
import type { StatementEntry } from './port.ts';

export class Tally {
  readonly index: number;
  readonly line: number;
  readonly opened: OpenedStatement;
  /** Our signs are the other way round than the sender's. */
  readonly inverted: boolean;
  /** Entries of the statement, parked lines among them; an entry told in parts is one. */
  entries = 0;
  creditEntries = 0;
  debitEntries = 0;
  credits: Decimal = new Exact(0);
  debits: Decimal = new Exact(0);
  /** Of what is in the balance: pending entries are not. */
  booked: Decimal = new Exact(0);
  /** Parked lines whose amount cannot be read. */
  unknown = 0;
  /** The currency of all entries, '' when they differ. */
  currency: string | null;
  readonly running = new RunningBalance();

  constructor(index: number, line: number, opened: OpenedStatement, inverted: boolean) {
    this.index = index;
    this.line = line;
    this.opened = opened;
    this.inverted = inverted;
    this.currency = opened.currency === '' ? null : opened.currency;
  }

  /** @param parts the rows of one entry */
  add(parts: readonly StatementEntry[], line: number, balance: string | undefined): void {
    const [first] = parts;
    if (first === undefined) return;
    const whole = parts.reduce((sum, { amount }) => sum.plus(this.inverted ? negated(amount) : amount), new Exact(0));
    if (this.currency === null) this.currency = first.currency;
    else if (this.currency !== first.currency) this.currency = '';
    this.#count(whole, first.status === 'booked');
    this.running.step(line, whole, balance);
  }

  park(amount: string | null, line: number): void {
    if (amount === null) {
      this.entries += 1;
      this.unknown += 1;
      this.running.gap();
      return;
    }
    const whole = new Exact(amount);
    this.#count(whole, true);
    this.running.step(line, whole, undefined);
  }

  #count(amount: Decimal, isBooked: boolean): void {
    this.entries += 1;
    if (amount.isNegative() && !amount.isZero()) {
      this.debitEntries += 1;
      this.debits = this.debits.minus(amount);
    } else {
      this.creditEntries += 1;
      this.credits = this.credits.plus(amount);
    }
    if (isBooked) this.booked = this.booked.plus(amount);
  }
}

interface Step {
  readonly balance: Decimal;
  readonly amount: Decimal;
}

interface Fault {
  readonly line: number;
  readonly difference: Decimal;
}

/** Balances that stand beside the entries: each must follow from its neighbour, in whichever order the lines are. */
export class RunningBalance {
  /** Of lines without a balance of their own since `last`. */
  #between: Decimal = new Exact(0);
  #broken = false;
  first: Step | null = null;
  last: Step | null = null;
  /** The first line whose balance does not follow, by order of lines. */
  readonly faults: { 'oldest-first': Fault | null; 'newest-first': Fault | null } = { 'oldest-first': null, 'newest-first': null };

  /** A line without readable amount: what comes after cannot be proven from what was before. */
  gap(): void {
    this.#broken = true;
  }

  step(line: number, amount: Decimal, text: string | undefined): void {
    if (text === undefined) {
      this.#between = this.#between.plus(amount);
      return;
    }
    const now = { balance: new Exact(text), amount };
    this.first ??= now;
    if (this.last !== null && !this.#broken) this.#compare(line, this.last, now);
    this.last = now;
    this.#between = new Exact(0);
    this.#broken = false;
  }

  #compare(line: number, before: Step, now: Step): void {
    const older = now.balance.minus(before.balance.plus(this.#between).plus(now.amount));
    const newer = before.balance.minus(before.amount).minus(this.#between).minus(now.balance);
    if (!older.isZero()) this.faults['oldest-first'] ??= { line, difference: older };
    if (!newer.isZero()) this.faults['newest-first'] ??= { line, difference: newer };
  }
}
