// Values as SQL text, fast: rows are built by the hundred thousand.

import { escape } from 'mysql2';

/** Minor units of a two-digit currency as a decimal literal. */
export function moneyText(minor: bigint): string {
  const text = minor.toString();
  if (minor >= 100n) return `${text.slice(0, -2)}.${text.slice(-2)}`;
  const digits = (minor < 0n ? text.slice(1) : text).padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

let second = Number.NaN;
let secondText = '';

/** Milliseconds since 1970 as DATETIME(6) text in UTC, without quotes. `n` makes the microseconds, so that events of one millisecond differ. */
export function instantText(ms: number, n = 0): string {
  const whole = Math.floor(ms / 1_000);
  if (whole !== second) {
    second = whole;
    secondText = new Date(whole * 1_000).toISOString().slice(0, 19).replace('T', ' ');
  }
  return `${secondText}.${String(ms - whole * 1_000).padStart(3, '0')}${String(n % 1_000).padStart(3, '0')}`;
}

/** A text as a quoted SQL literal. */
export function textLiteral(text: string): string {
  return escape(text);
}

/** The escaped text, remembered: descriptions are few. */
export function rememberedLiterals(entriesMax: number): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const literal = textLiteral(text);
    if (known.size < entriesMax) known.set(text, literal);
    return literal;
  };
}
