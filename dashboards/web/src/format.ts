// Numbers and times for people. Amounts stay decimal text until the formatter, which takes text exactly; only pixels use floats.

const LOCALE = 'en';

/** An amount in its currency: every digit of the text counts. */
export function money(text: string, currency: string, options: { readonly signed?: boolean } = {}): string {
  const { signed = false } = options;
  const format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency, ...(signed ? { signDisplay: 'exceptZero' } : {}) });
  return format.format(text as Intl.StringNumericLiteral);
}

/** A whole or decimal number with separators. */
export function count(text: string | number | null, digitsMax = 0): string {
  if (text === null) return '–';
  return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digitsMax }).format(text as Intl.StringNumericLiteral);
}

/** A quantity of an instrument: trailing zeros say nothing. */
export function quantity(text: string): string {
  return count(text, 8);
}

/** A share such as 0.125 as 12.5 %. */
export function percent(text: string | number | null, digits = 1, signed = false): string {
  if (text === null) return '–';
  const options = { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(LOCALE, { ...options, ...(signed ? { signDisplay: 'exceptZero' } : {}) }).format(
    text as Intl.StringNumericLiteral,
  );
}

/** For the length of a bar or the height of a line, never for a figure. */
export function pixels(text: string | null): number {
  return text === null ? 0 : Number(text);
}

/** Exact sum of decimal texts with at most four fraction digits. */
export function sum(texts: readonly string[]): string {
  const total = texts.reduce((before, text) => before + scaled(text), 0n);
  const sign = total < 0n ? '-' : '';
  const digits = (total < 0n ? -total : total).toString().padStart(5, '0');
  return `${sign}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

function scaled(text: string): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const value = BigInt(`${whole}${fraction.padEnd(4, '0').slice(0, 4)}`);
  return sign === '-' ? -value : value;
}

export function isNegative(text: string): boolean {
  return text.startsWith('-') && /[1-9]/.test(text);
}

export function isZero(text: string): boolean {
  return !/[1-9]/.test(text);
}

const DAY_MS = 86_400_000;

/** 2026-11-21 as 21 Nov; with the year when it is another one. */
export function day(text: string | null): string {
  if (text === null) return '–';
  const at = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  const sameYear = at.getUTCFullYear() === new Date().getUTCFullYear();
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }), timeZone: 'UTC' });
}

/** In how many days, in words. */
export function inDays(text: string): string {
  const days = Math.round(
    (Date.parse(`${text.slice(0, 10)}T00:00:00Z`) - Date.parse(`${new Date().toISOString().slice(0, 10)}T00:00:00Z`)) / DAY_MS,
  );
  if (days === 0) return 'today';
  if (days === 1) return 'tomorrow';
  return days < 0 ? `${-days} days ago` : `in ${days} days`;
}

export function month(text: string): string {
  return new Date(`${text.slice(0, 10)}T00:00:00Z`).toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
}

/** A time of day with seconds, UTC like everything here. */
export function clock(text: string | null): string {
  return text === null ? '–' : `${new Date(text).toISOString().slice(11, 19)} UTC`;
}

/** Date and time for a list. */
export function moment(text: string | null): string {
  if (text === null) return '–';
  const iso = new Date(text).toISOString();
  return `${day(iso)}, ${iso.slice(11, 16)}`;
}

export function milliseconds(value: number | null): string {
  if (value === null) return 'unknown';
  return value < 10_000 ? `${Math.round(value)} ms` : `${Math.round(value / 1_000)} s`;
}

/** The number of a GTID with the first letters of its server. */
export function shortGtid(gtid: string | null): string {
  if (gtid === null) return 'snapshot';
  const [server = '', ...rest] = gtid.split(':');
  return `${server.slice(0, 8)}…:${rest.join(':')}`;
}

export function title(text: string): string {
  const words = text.replaceAll('_', ' ').toLowerCase();
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

/** An amount whose currency stands beside it: two to four fraction digits. */
export function decimal(text: string | null, signed = false): string {
  if (text === null) return '–';
  const options = { minimumFractionDigits: 2, maximumFractionDigits: 4, ...(signed ? { signDisplay: 'exceptZero' as const } : {}) };
  return new Intl.NumberFormat(LOCALE, options).format(text as Intl.StringNumericLiteral);
}
