// A statement ties or is refused: opening + entries = closing, and every control total it gives is equal to what was read. Pure.

import type { Decimal } from 'decimal.js';
import type { StatedTotals } from './events.ts';
import { minorUnitsOf } from './currency.ts';
import { Exact } from './money.ts';
import type { Balance, Proof, Statement } from './port.ts';
import { refusal } from './problem.ts';
import type { Tally } from './tally.ts';

/**
 * The statement, with what was proven of it.
 * @throws LedgerflowError LF_STATEMENT_REFUSED naming the line, what was said, what was read and the difference
 */
export function tie(tally: Tally, stated: StatedTotals, line: number): Statement {
  const proofs: Proof[] = [];
  const currency = tally.currency ?? '';
  const mixed = tally.currency === '';
  const opening = tally.opened.opening ?? null;
  const closing = stated.closing ?? null;
  const says = [stated.credits, stated.debits, stated.net, opening ?? undefined, closing ?? undefined].some((it) => it !== undefined);
  if (mixed && says) throw refusal(line, 'the statement has entries in several currencies and totals in one');
  const counts: [Proof, string, number | undefined, number][] = [
    ['entries', 'entries', stated.entries, tally.entries],
    ['credits', 'credit entries', stated.creditEntries, tally.creditEntries],
    ['debits', 'debit entries', stated.debitEntries, tally.debitEntries],
  ];
  for (const [proof, what, said, read] of counts) if (said !== undefined) equal({ tally, line, what, currency: '' }, new Exact(said), new Exact(read), () => proofs.push(proof)); // prettier-ignore
  const sums: [Proof, string, string | undefined, Decimal][] = [
    ['credits', 'the sum of credits', stated.credits, tally.credits],
    ['debits', 'the sum of debits', stated.debits, tally.debits],
    ['net', 'the net sum', stated.net, tally.credits.minus(tally.debits)],
  ];
  for (const [proof, what, said, read] of sums) if (said !== undefined) equal({ tally, line, what, currency }, new Exact(said), read, () => proofs.push(proof)); // prettier-ignore
  if (opening !== null && closing !== null) {
    const reached = new Exact(opening.amount).plus(tally.booked);
    const what = `the closing balance (opening ${opening.amount} and booked entries ${tally.booked.toFixed()})`;
    equal({ tally, line, what, currency }, new Exact(closing.amount), reached, () => proofs.push('balances'));
  }
  if (stated.controlTotal === true) proofs.push('control_total');
  const running = runningOf(tally, stated);
  if (running !== null) proofs.push('running_balance');
  const written = (sum: Decimal): string => sum.toFixed(Math.max(sum.decimalPlaces(), minorUnitsOf(currency) ?? 0));
  const totals = { entries: tally.entries, credits: written(tally.credits), debits: written(tally.debits) };
  return {
    index: tally.index,
    id: tally.opened.id,
    number: tally.opened.number ?? '',
    account: tally.opened.account,
    currency,
    opening: opening ?? running?.opening ?? null,
    closing: closing ?? running?.closing ?? null,
    controlTotals: mixed || tally.unknown > 0 ? null : totals,
    proofs: [...new Set(proofs)],
    line: tally.line,
  };
}

interface Place {
  readonly tally: Tally;
  readonly line: number;
  readonly what: string;
  readonly currency: string;
}

function equal({ tally, line, what, currency }: Place, said: Decimal, read: Decimal, proven: () => void): void {
  if (said.equals(read)) {
    proven();
    return;
  }
  const unread = tally.unknown === 0 ? '' : `; ${tally.unknown} of its lines have no amount that can be read`;
  const unit = currency === '' ? '' : ` ${currency}`;
  throw refusal(line, `${what} is stated as ${said.toFixed()} and is ${read.toFixed()}: a difference of ${said.minus(read).toFixed()}${unit}, in the statement that begins at line ${tally.line}${unread}`); // prettier-ignore
}

function runningOf({ running }: Tally, { runningBalance: order }: StatedTotals): { opening: Balance; closing: Balance } | null {
  if (order === undefined || running.first === null) return null;
  const fault = running.faults[order];
  if (fault !== null)
    throw refusal(fault.line, `the balance of the line does not follow from its neighbour's: a difference of ${fault.difference.toFixed()} (lines ${order})`); // prettier-ignore
  const { first, last } = { first: running.first, last: running.last! };
  const [start, end] = order === 'oldest-first' ? [first, last] : [last, first];
  const balance = (amount: Decimal): Balance => ({ amount: amount.toFixed(), date: null });
  return { opening: balance(start.balance.minus(start.amount)), closing: balance(end.balance) };
}
