// Money inside the ledger: whole ten-thousandths as bigint, the scale of DECIMAL(20,4). Exact by construction; text at both ends.

import { Decimal } from 'decimal.js';

/** Amount in ten-thousandths of the currency's major unit. */
export type Money = bigint;

export const MONEY_DIGITS = 4;
const UNIT = 10_000n;
/** The largest DECIMAL(20,4). */
export const MONEY_MAX: Money = 10n ** 20n - 1n;
/** The text of an amount as clients write it: a JSON number's literal without exponent, or the same as a string. */
export const AMOUNT_PATTERN = /^-?(?:0|[1-9]\d{0,39})(?:\.\d{1,40})?$/;

export type ParsedMoney =
  | { readonly ok: true; readonly money: Money }
  | { readonly ok: false; readonly why: 'amount_invalid' | 'amount_not_positive' | 'amount_too_precise' | 'amount_overflow' };

/**
 * Reads an amount of a currency with `digits` fraction digits; nothing is rounded.
 * More fraction digits than the currency has are refused even if they are zeros: the literal says what the client meant.
 */
export function parseAmount(text: string, digits: number): ParsedMoney {
  if (!AMOUNT_PATTERN.test(text)) return { ok: false, why: 'amount_invalid' };
  const point = text.indexOf('.');
  const fraction = point < 0 ? '' : text.slice(point + 1);
  const positive = !text.startsWith('-') && /[1-9]/.test(text);
  if (!positive) return { ok: false, why: 'amount_not_positive' };
  if (fraction.length > digits) return { ok: false, why: 'amount_too_precise' };
  const whole = point < 0 ? text : text.slice(0, point);
  const money = BigInt(whole) * UNIT + BigInt(fraction.padEnd(MONEY_DIGITS, '0'));
  return money > MONEY_MAX ? { ok: false, why: 'amount_overflow' } : { ok: true, money };
}

/** Money as MySQL's DECIMAL(20,4) text, for example `-12.3400`, read back exactly. @throws on anything else */
export function moneyFromSql(text: string): Money {
  const match = /^(-?)(\d{1,20})(?:\.(\d{1,4}))?$/.exec(text);
  if (match === null) throw new RangeError(`not a DECIMAL(20,4): ${text}`);
  const size = BigInt(match[2]!) * UNIT + BigInt((match[3] ?? '').padEnd(MONEY_DIGITS, '0'));
  return match[1] === '-' ? -size : size;
}

/** Money with `digits` fraction digits (4 for SQL). @throws RangeError when digits would be lost */
export function moneyText(money: Money, digits = MONEY_DIGITS): string {
  const size = money < 0n ? -money : money;
  const fraction = (size % UNIT).toString().padStart(MONEY_DIGITS, '0');
  if (/[1-9]/.test(fraction.slice(digits))) throw new RangeError(`${money} ten-thousandths do not fit ${digits} fraction digits`);
  const sign = money < 0n ? '-' : '';
  return digits === 0 ? `${sign}${size / UNIT}` : `${sign}${size / UNIT}.${fraction.slice(0, digits)}`;
}

/** The smallest amount of a currency with `digits` fraction digits: one cent is 100 ten-thousandths. */
export function minorUnit(digits: number): Money {
  return 10n ** BigInt(MONEY_DIGITS - digits);
}

export type Rounding = 'half_even' | 'floor' | 'ceil';

const ROUNDINGS: Readonly<Record<Rounding, Decimal.Rounding>> = {
  half_even: Decimal.ROUND_HALF_EVEN,
  floor: Decimal.ROUND_FLOOR,
  ceil: Decimal.ROUND_CEIL,
};

/** Precise enough for DECIMAL(20,4) times a rate of 20 digits without any rounding before the one that is asked for. */
const Exact = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_EVEN });

/** `money × rate` in a currency with `digits` fraction digits: computed exactly, rounded once. */
export function timesRate(money: Money, rate: string, as: { readonly digits: number; readonly rounding: Rounding }): Money {
  const unit = minorUnit(as.digits);
  const units = new Exact(money.toString()).times(rate).div(unit.toString()).toDecimalPlaces(0, ROUNDINGS[as.rounding]);
  return BigInt(units.toFixed(0)) * unit;
}

/**
 * Splits `whole` by weights: every part is floored to the minor unit, left-over units go to the largest remainders, ties to the earlier part.
 * The parts always sum to the whole. @throws RangeError without a positive weight
 */
export function splitByWeights(whole: Money, weights: readonly bigint[], digits: number): Money[] {
  const unit = minorUnit(digits);
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total <= 0n || weights.some((weight) => weight < 0n)) throw new RangeError('weights must be positive');
  const units = whole / unit;
  const floors = weights.map((weight) => (units * weight) / total);
  let left = units - floors.reduce((sum, part) => sum + part, 0n);
  const order = weights
    .map((weight, index) => ({ index, remainder: (units * weight) % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of order) {
    if (left === 0n) break;
    floors[index] = floors[index]! + 1n;
    left -= 1n;
  }
  return floors.map((part) => part * unit);
}
