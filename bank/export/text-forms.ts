// How an account, an amount and a text look in plain-text accounting. Pure.
// Signs are those of double entry everywhere: a debit is positive, a credit negative, so a customer's money (the bank's liability) is negative.

import type { Cell } from '../audit/encoding.ts';
import type { EntryRecord } from './read-journal.ts';

/** Where each kind of house account belongs among the five kinds of accounts. */
const HOUSE: Readonly<Record<string, string>> = {
  house_float: 'Assets:Float',
  house_settlement: 'Liabilities:Settlement',
  house_fees: 'Income:Fees',
  house_cashback: 'Expenses:Cashback',
  house_fx: 'Equity:Exchange',
  house_equity: 'Equity:Opening',
  house_interest: 'Expenses:Interest',
  house_adjustment: 'Equity:Adjustments',
};

/** `Liabilities:Customers:A1001`, `Assets:Float:A801`. */
export function accountName(accountId: string, houseType: string | undefined): string {
  const group = houseType === undefined ? 'Liabilities:Customers' : (HOUSE[houseType] ?? 'Equity:Other');
  return `${group}:A${accountId}`;
}

/** Amount of a posting, debit positive. */
export function signedAmount({ posting_type: direction, amount }: EntryRecord): string {
  return direction === 'DEBIT' ? amount! : `-${amount}`;
}

/** A balance (credits less debits) in the signs of plain-text accounting. */
export function negated(balance: string): string {
  if (/^-?0*\.?0*$/.test(balance)) return balance.replace('-', '');
  return balance.startsWith('-') ? balance.slice(1) : `-${balance}`;
}

/** One line without control characters. */
export function plainText(text: Cell): string {
  return (text ?? '').replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** `2026-11-21` of `2026-11-21 12:00:00.000000`. */
export function dateOf(timestamp: Cell): string {
  return timestamp!.slice(0, 10);
}

/** The day after `date`. */
export function nextDay(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

const DAY_MS = 86_400_000;
