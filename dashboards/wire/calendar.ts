// Dates and times as PostgreSQL prints them, computed from DuckDB's integers: no Date object, no zone, no rounding.

const MICROS_PER_SECOND = 1_000_000n;
const MICROS_PER_DAY = 86_400n * MICROS_PER_SECOND;
const SECOND = Number(MICROS_PER_SECOND);
const DAY = Number(MICROS_PER_DAY);
/** Days of 400 years: the Gregorian calendar repeats. */
const ERA_DAYS = 146_097;

/** Neighbouring rows mostly share their day. */
const last = { days: NaN, text: '' };

/** Days since 1970-01-01 as `YYYY-MM-DD`, with ` BC` where the year needs it. */
export function dateText(days: number): string {
  if (days === last.days) return last.text;
  const { year, month, day } = civil(days);
  last.text = `${String(year > 0 ? year : 1 - year).padStart(4, '0')}-${two(month)}-${two(day)}${year > 0 ? '' : ' BC'}`;
  last.days = days;
  return last.text;
}

/** Microseconds since 1970-01-01 as `YYYY-MM-DD HH:MM:SS[.ffffff]` followed by `zone`. */
export function timestampText(micros: bigint, zone = ''): string {
  const exact = Number(micros);
  // Between the years 1684 and 2255 a number holds the microseconds exactly and is many times faster.
  const ofDay = Number.isSafeInteger(exact) ? modulo(exact, DAY) : Number(((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY);
  const days = Number.isSafeInteger(exact) ? (exact - ofDay) / DAY : Number((micros - BigInt(ofDay)) / MICROS_PER_DAY);
  const date = dateText(days);
  const split = date.endsWith(' BC') ? -' BC'.length : date.length;
  return `${date.slice(0, split)} ${clock(ofDay)}${zone}${date.slice(split)}`;
}

/** Microseconds of a day, or of an interval, as `HH:MM:SS[.ffffff]`, without trailing zeros. */
export function timeText(micros: bigint): string {
  const exact = Number(micros);
  if (Number.isSafeInteger(exact)) return clock(exact);
  const seconds = micros / MICROS_PER_SECOND;
  return `${seconds / 3600n}${clock(Number(micros - (seconds / 3600n) * 3600n * MICROS_PER_SECOND)).slice(2)}`;
}

function clock(micros: number): string {
  const seconds = Math.floor(micros / SECOND);
  const fraction = micros % SECOND;
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
}

/** An interval in PostgreSQL's own style: `1 year 2 mons -3 days 04:05:06.7`. */
export function intervalText(months: number, days: number, micros: bigint): string {
  const parts: string[] = [];
  const years = Math.trunc(months / 12);
  const rest = months % 12;
  if (years !== 0) parts.push(`${years} ${years === 1 ? 'year' : 'years'}`);
  if (rest !== 0) parts.push(`${rest} ${rest === 1 ? 'mon' : 'mons'}`);
  if (days !== 0) parts.push(`${days} ${days === 1 ? 'day' : 'days'}`);
  if (micros !== 0n || parts.length === 0) parts.push(micros < 0n ? `-${timeText(-micros)}` : timeText(micros));
  return parts.join(' ');
}

/** Seconds east of UTC as `+HH[:MM[:SS]]`. */
export function offsetText(seconds: number): string {
  const size = Math.abs(seconds);
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop();
  return `${seconds < 0 ? '-' : '+'}${parts.map(two).join(':')}`;
}

/** Algorithm: Howard Hinnant, civil from days. */
function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const cycle = Math.floor(shifted / ERA_DAYS);
  const ofCycle = shifted - cycle * ERA_DAYS;
  const yearOfCycle = Math.floor(
    (ofCycle - Math.floor(ofCycle / 1460) + Math.floor(ofCycle / 36_524) - Math.floor(ofCycle / 146_096)) / 365,
  );
  const ofYear = ofCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const march = Math.floor((5 * ofYear + 2) / 153);
  const month = march < 10 ? march + 3 : march - 9;
  return { year: yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0), month, day: ofYear - Math.floor((153 * march + 2) / 5) + 1 };
}

function modulo(value: number, by: number): number {
  const rest = value % by;
  return rest < 0 ? rest + by : rest;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
