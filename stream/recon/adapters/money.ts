// Amounts as other people write them, read exactly: text in, decimal text out, no float.

import { Decimal } from 'decimal.js';
import { minorUnitsOf } from './currency.ts';
import { LineProblem } from './problem.ts';

/** Sums of statements stay exact: 40 digits are more than any sum of amounts of at most 18 + 12 digits. */
export const Exact = Decimal.clone({ precision: 60, toExpNeg: -40, toExpPos: 60 });

const WHOLE_DIGITS_MAX = 18;
const FRACTION_DIGITS_MAX = 12;
/** What may stand between groups of digits besides the other one of `.` and `,`. */
const SPACES = /[\s\u00a0\u202f\u2009'’]/g;
/** Three digits a group, or two but for the last, as in India. */
const GROUPED = /^\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*$|^\d{1,2}(?:,\d{2})*,\d{3}$/;

export type DecimalMark = '.' | ',';

/**
 * Reads a written amount: `-1,234.50`, `1.234,50-`, `(12.00)`, `€ 3`, `5.00 CR`, `1’000.05`, `1,00,000.00`.
 * @returns plain decimal text with as many fraction digits as were written
 * @throws LineProblem for anything else, scientific notation and ambiguous grouping among it
 */
export function readAmount(written: string, mark: DecimalMark): string {
  const { sign, digits } = signOf(written.trim().normalize('NFKC').replaceAll('\u2212', '-'));
  const at = digits.lastIndexOf(mark);
  const whole = at < 0 ? digits : digits.slice(0, at);
  const fraction = at < 0 ? '' : digits.slice(at + 1);
  const plain = /^\d*$/.test(whole) ? whole : ungrouped(whole, mark);
  if (plain === null || !/^\d*$/.test(fraction) || plain + fraction === '')
    throw new LineProblem(`"${clip(written)}" is no amount with the decimal mark "${mark}"`);
  const short = plain.replace(/^0+(?=\d)/, '') || '0';
  if (short.length > WHOLE_DIGITS_MAX || fraction.length > FRACTION_DIGITS_MAX)
    throw new LineProblem(`"${clip(written)}" has more digits than an amount may have (${WHOLE_DIGITS_MAX} and ${FRACTION_DIGITS_MAX})`);
  const text = fraction === '' ? short : `${short}.${fraction}`;
  return sign === '-' && /[1-9]/.test(text) ? `-${text}` : text;
}

function signOf(text: string): { sign: '' | '-'; digits: string } {
  const bare = text.replaceAll(SPACES, '');
  const parts = /^(\()?([+-])?(?:\p{Sc}|[A-Z]{3})?([+-])?([\d.,]+)(?:\p{Sc}|[A-Z]{3})?([+-])?(\))?(CR|DR|Cr|Dr)?$/u.exec(bare);
  if (parts === null) throw new LineProblem(`"${clip(text)}" is no amount`);
  const [, open, before, between, digits = '', after, close, side] = parts;
  const signs = [before, between, after, open === undefined ? undefined : '-', side === undefined ? undefined : side.toUpperCase() === 'DR' ? '-' : '+']; // prettier-ignore
  const given = signs.filter((it) => it !== undefined);
  if (given.length > 1 || (open === undefined) !== (close === undefined)) throw new LineProblem(`"${clip(text)}" has more than one sign`);
  return { sign: given[0] === '-' ? '-' : '', digits };
}

function ungrouped(whole: string, mark: DecimalMark): string | null {
  if (whole.includes(mark) || !GROUPED.test(whole)) return null;
  return whole.replaceAll(/[.,]/g, '');
}

/**
 * The amount with exactly the currency's fraction digits.
 * @throws LineProblem when the currency is none of ISO 4217, or the amount has digits that the currency does not have: nothing is rounded
 */
export function inCurrency(amount: string, currency: string): string {
  const digits = minorUnitsOf(currency);
  if (currency === '')
    throw new LineProblem('no currency is known: neither the entry, nor its statement, nor the source names one', amount);
  if (digits === undefined) throw new LineProblem(`"${clip(currency)}" is no currency of ISO 4217`, amount);
  const [whole = '', fraction = ''] = amount.split('.');
  if (/[1-9]/.test(fraction.slice(digits)))
    throw new LineProblem(`${amount} has ${fraction.replace(/0+$/, '').length} decimals, ${currency} has ${digits}`, amount);
  return digits === 0 ? whole.replace(/^-0$/, '0') : `${whole}.${fraction.slice(0, digits).padEnd(digits, '0')}`;
}

/** A whole number of minor units as decimal text; an explicit sign may stand before it. */
export function fromMinorUnits(written: string, currency: string): string {
  const parts = /^([+-]?)(\d{1,30})$/.exec(written.trim());
  if (parts === null) throw new LineProblem(`"${clip(written)}" is no whole number of minor units`);
  const digits = minorUnitsOf(currency);
  if (digits === undefined) throw new LineProblem(`"${clip(currency)}" is no currency of ISO 4217`);
  const padded = parts[2]!.padStart(digits + 1, '0');
  const text = digits === 0 ? padded : `${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
  return readAmount(`${parts[1] === '-' ? '-' : ''}${text}`, '.');
}

export function negated(amount: string): string {
  if (!/[1-9]/.test(amount)) return amount.replace('-', '');
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
}

/** A written text in a message: never longer than a line. */
export function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
