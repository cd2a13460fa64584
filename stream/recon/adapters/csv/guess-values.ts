// The decimal mark and the date format of a column, from its values: only what all of them allow, and all that they allow. Pure.

import { DateReader } from '../dates.ts';
import type { DecimalMark } from '../money.ts';
import { LineProblem } from '../problem.ts';

export interface Choice<T> {
  /** Null when nothing fits. */
  readonly value: T | null;
  /** What fits as well and would mean something else. */
  readonly others: readonly T[];
  readonly by: string;
}

/** The mark of amounts such as `1.234,50`: whichever stands before one, two or more than three last digits, or last of the two. */
export function decimalOf(values: readonly string[]): Choice<DecimalMark> {
  const votes = { '.': 0, ',': 0 };
  let unclear = 0;
  for (const value of values) {
    const text = value.replaceAll(/[^\d.,]/g, '');
    const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
    if (last < 0) continue;
    const mark = text[last] as DecimalMark;
    const other: DecimalMark = mark === '.' ? ',' : '.';
    const digitsAfter = text.length - last - 1;
    if (text.indexOf(mark) !== last)
      votes[other] += 1; // twice or more: it groups
    else if (text.includes(other) || digitsAfter !== 3 || text.startsWith('0')) votes[mark] += 1;
    else unclear += 1;
  }
  if (votes['.'] > 0 && votes[','] > 0)
    return { value: null, others: ['.', ','], by: `${votes['.']} values say "." and ${votes[',']} say ","` };
  if (votes['.'] > 0) return { value: '.', others: [], by: `${votes['.']} values` };
  if (votes[','] > 0) return { value: ',', others: [], by: `${votes[',']} values` };
  if (unclear > 0) return { value: '.', others: [','], by: `${unclear} values such as 1.234 or 1,234 could be either` };
  return { value: '.', others: [], by: 'no value has a mark' };
}

/** In the words of luxon; the first that fits is taken where several mean the same days. */
const DATE_FORMATS: readonly string[] = [
  'iso',
  'yyyyMMdd',
  'yyyy/M/d',
  'yyyy.M.d',
  ...['/', '.', '-'].flatMap((mark) => ['d@M@yyyy', 'M@d@yyyy', 'd@M@yy', 'M@d@yy'].map((it) => it.replaceAll('@', mark))),
  'd-MMM-yyyy',
  'd MMM yyyy',
  'd-MMM-yy',
  'MMM d, yyyy',
  'd MMMM yyyy',
];
const TIMES: readonly string[] = ['', ' H:mm:ss', ' H:mm', ' h:mm:ss a', ' h:mm a', ' H:mm:ss.SSS'];
/** So many values at least must be days: the rest may be bad lines. */
const SHARE_MIN = 0.8;
const VALUES_MAX = 500;

/** The formats that read the most values, told apart by what they read. */
export function dateFormatOf(all: readonly string[]): Choice<string> {
  const values = [...new Set(all)].slice(0, VALUES_MAX);
  let most = 0;
  let fitting: { format: string; days: string }[] = [];
  for (const format of DATE_FORMATS.flatMap((day) => (day === 'iso' ? [day] : TIMES.map((time) => day + time)))) {
    const days = readAll(values, format);
    const count = days.filter((day) => day !== '').length;
    if (count < most || count === 0) continue;
    if (count > most) fitting = [];
    most = count;
    fitting.push({ format, days: days.join() });
  }
  if (most < values.length * SHARE_MIN || most === 0)
    return { value: null, others: [], by: `at most ${most} of ${values.length} different values fit a known format` };
  const [first] = fitting;
  const others = fitting.filter(({ days }, index) => days !== first!.days && fitting.findIndex((it) => it.days === days) === index);
  return { value: first!.format, others: others.map(({ format }) => format), by: `${most} of ${values.length} different values` };
}

function readAll(values: readonly string[], format: string): string[] {
  const reader = new DateReader(format, 'UTC');
  // A format that does not fit the first values is not tried on all.
  let misses = 0;
  return values.map((value) => {
    if (misses > 20 && misses > values.length / 5) return '';
    try {
      return reader.read(value);
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      misses += 1;
      return '';
    }
  });
}
