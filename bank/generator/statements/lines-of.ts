// What the other bank books for a movement of ours: usually one line a little later, sometimes with a labelled break. Pure.

import type { Random } from '../random.ts';
import type { Movement } from '../world/event.ts';
import type { BreakKind, BreakTruth, StatementAccount, StatementLine } from './line.ts';

/** Breaks of single movements; each as likely as the other. */
const BREAKS: readonly BreakKind[] = ['missing_external', 'amount', 'date', 'duplicate', 'split'];
const LAG_DAYS: Readonly<Record<StatementAccount, readonly number[]>> = { float: [0, 0, 0, 1], settlement: [0, 1, 1, 2] };
const LATE_DAYS: readonly [number, number] = [8, 12];

/** The external account on which a movement shows, or null: it stays inside the bank. */
export function statementAccountOf({ type }: Movement): StatementAccount | null {
  if (type === 'DEPOSIT' || type === 'WITHDRAWAL') return 'float';
  return type === 'PURCHASE' || type === 'REFUND' ? 'settlement' : null;
}

export interface Booking {
  readonly lines: readonly StatementLine[];
  /** The break, if it is one. */
  readonly found: BreakTruth | null;
}

export interface Booked {
  readonly movement: Movement;
  readonly transactionId: bigint;
  readonly postedDay: number;
  readonly account: StatementAccount;
  /** Prefix of the lines' external numbers. */
  readonly number: string;
}

export function linesOf(random: Random, booked: Booked, breakRate: number): Booking {
  const { movement, transactionId, postedDay, account, number } = booked;
  const kind = random.chance(breakRate) ? random.pick(BREAKS) : null;
  const lag = random.pick(LAG_DAYS[account]);
  const signed = movement.direction === 'CREDIT' ? movement.amount : -movement.amount;
  const line: StatementLine = {
    externalId: number,
    account,
    currency: movement.currency,
    bookedDay: postedDay + lag,
    valueDay: postedDay,
    amount: signed,
    reference: referenceOf(random, transactionId),
    description: movement.description.trim().toUpperCase(),
  };
  const truth = { account, currency: movement.currency, transaction_ids: [transactionId] };
  switch (kind) {
    case null:
      return { lines: [line], found: null };
    case 'missing_external':
      return { lines: [], found: { kind, ...truth } };
    case 'amount': {
      const difference = differenceFor(random, movement.amount);
      const amount = signed < 0n ? signed - difference : signed + difference;
      return { lines: [{ ...line, amount }], found: { kind, ...truth, external_ids: [number], difference_minor: difference } };
    }
    case 'date': {
      const days = random.int(...LATE_DAYS);
      return { lines: [{ ...line, bookedDay: postedDay + days }], found: { kind, ...truth, external_ids: [number], days_late: days } };
    }
    case 'duplicate': {
      const again = { ...line, externalId: `${number}D` };
      return { lines: [line, again], found: { kind, ...truth, external_ids: [number, again.externalId] } };
    }
    default:
      return splitOf(line, truth);
  }
}

/** One movement booked in two parts that sum to it; too small a one is booked whole. */
function splitOf(line: StatementLine, truth: Pick<BreakTruth, 'account' | 'currency' | 'transaction_ids'>): Booking {
  const first = (line.amount * 3n) / 5n;
  if (first === 0n || first === line.amount) return { lines: [line], found: null };
  const parts = [
    { ...line, externalId: `${line.externalId}A`, amount: first },
    { ...line, externalId: `${line.externalId}B`, amount: line.amount - first },
  ];
  return { lines: parts, found: { kind: 'split', ...truth, external_ids: parts.map(({ externalId }) => externalId) } };
}

/** A cent up to five percent more. */
function differenceFor(random: Random, amount: bigint): bigint {
  const share = (amount * BigInt(random.int(1, 50))) / 1_000n;
  return share > 0n ? share : 1n;
}

/** Ours as we gave it, ours as people retype it, or none. */
function referenceOf(random: Random, transactionId: bigint): string {
  const roll = random.unit();
  if (roll < 0.7) return `LF${transactionId}`;
  if (roll < 0.9) return random.pick([`lf ${transactionId}`, `LF-${transactionId}`, `REF LF${transactionId}/1`, `LF0${transactionId}`]);
  return '';
}
