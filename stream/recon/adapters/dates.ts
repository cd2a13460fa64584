// Dates as other people write them: strictly, so that February 30 and hours that a clock change skips are faults and not other days.

import { DateTime } from 'luxon';
import { LineProblem } from './problem.ts';
import { clip } from './money.ts';

/** Distinct texts kept with what they mean: statements repeat their dates. */
const REMEMBERED_MAX = 5_000;
const YEARS: readonly [number, number] = [1970, 2199];

/** Reads dates of one format in one time zone: `YYYY-MM-DD`, or `YYYY-MM-DDThh:mm:ss.sssZ` where the format has a time. */
export class DateReader {
  readonly #format: string;
  readonly #zone: string;
  readonly #remembered = new Map<string, string>();

  constructor(format: string, zone: string) {
    this.#format = format;
    this.#zone = zone;
  }

  /** @throws LineProblem for what is no such date, a day that does not exist, or a year before 1970 or after 2199 */
  read(written: string): string {
    const known = this.#remembered.get(written);
    if (known !== undefined) return known;
    const text = this.#parse(written.trim());
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    this.#remembered.set(written, text);
    return text;
  }

  #parse(written: string): string {
    const at = this.#dateTime(written);
    if (!at.isValid) {
      const why = at.invalidReason === 'unit out of range' ? ': there is no such day or time' : '';
      throw new LineProblem(`"${clip(written)}" is no date of the form ${this.#format}${why}`);
    }
    if (at.year < YEARS[0] || at.year > YEARS[1]) throw new LineProblem(`"${clip(written)}" is in the year ${at.year}`);
    if (!this.#hasTime(written)) return at.toFormat('yyyy-MM-dd');
    if (this.#isLocal(written)) {
      // luxon moves a local time that a clock change skips; such a time never was.
      const clock = this.#dateTime(written, 'utc');
      if (clock.hour !== at.hour || clock.minute !== at.minute)
        throw new LineProblem(`"${clip(written)}" never was in ${this.#zone}: the clock was changed`);
    }
    return at.toJSDate().toISOString();
  }

  #dateTime(written: string, zone = this.#zone): DateTime {
    if (this.#format === 'iso')
      return /^\d{4}-\d\d-\d\d/.test(written) ? DateTime.fromISO(written.replace(' ', 'T'), { zone }) : DateTime.invalid('unparsable');
    if (this.#format === 'unix' || this.#format === 'unix-ms') {
      if (!/^\d{1,14}$/.test(written)) return DateTime.invalid('unparsable');
      return DateTime.fromMillis(Number(written) * (this.#format === 'unix' ? 1_000 : 1), { zone });
    }
    return DateTime.fromFormat(written, this.#format, { zone, locale: 'en' });
  }

  /** Neither the text nor the format says which zone it is in. */
  #isLocal(written: string): boolean {
    if (this.#format === 'iso') return !/(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(written.slice(10));
    return !this.#format.startsWith('unix') && !/[zZ]/.test(this.#format);
  }

  #hasTime(written: string): boolean {
    if (this.#format === 'iso') return /\d[T ]\d/.test(written);
    return this.#format.startsWith('unix') || /[HhSuTtXx]/.test(this.#format.replaceAll(/'[^']*'/g, ''));
  }
}

/** A day written as digits: YYMMDD (70 to 99: 19xx) or YYYYMMDD. */
export function readDigits(written: string): string {
  const parts = /^(\d{2}|\d{4})(\d{2})(\d{2})$/.exec(written);
  if (parts === null) throw new LineProblem(`"${clip(written)}" is no date of the form YYMMDD`);
  const [, head = '', month, day] = parts;
  const year = head.length === 4 ? head : `${Number(head) >= 70 ? '19' : '20'}${head}`;
  return readDay(`${year}-${month}-${day}`);
}

/** @throws LineProblem when there is no such day */
export function readDay(text: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  if (at === null || Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text)
    throw new LineProblem(`"${clip(text)}" is no day: there is no such day`);
  return text;
}
