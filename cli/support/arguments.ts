// Values of the command line that many commands read: whole numbers, days, times.

import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

/** A whole number from 1. */
export function whole(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 is needed.');
  return Number(text);
}

/** A whole number from 0. */
export function wholeOrZero(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number is needed.');
  return Number(text);
}

/** A day of the calendar. @returns YYYY-MM-DD */
export function day(text: string): string {
  if (!z.iso.date().safeParse(text).success) throw new InvalidArgumentError('a day such as 2026-11-20 is needed.');
  return text;
}

/** A day (its midnight, UTC) or a time. @returns ISO 8601, UTC */
export function instant(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('a day or a time is needed, such as 2026-11-01 or 2026-11-01T12:00:00Z.');
  return new Date(ms).toISOString();
}
