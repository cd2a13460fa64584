// An entry as matching sees it.

import { UNITS_PER_ONE, type MatchRow } from '../match/row.ts';
import type { StatementEntry } from './port.ts';

/** Booked on a day without a time: midnight UTC of that day; such sources are matched with `timePrecision: "day"`. */
export function matchRowOf(entry: StatementEntry): MatchRow {
  const { externalId, amount, currency, bookedAt, reference, description, counterparty, batchKey } = entry;
  return {
    id: externalId,
    amount: unitsOfAmount(amount),
    currency,
    at: Date.parse(bookedAt.length === 10 ? `${bookedAt}T00:00:00Z` : bookedAt),
    reference,
    description: [description, counterparty].filter((text) => text !== '').join(' '),
    ...(batchKey === '' ? {} : { batchKey }),
  };
}

/** Signed decimal text of at most four fraction digits as ten-thousandths. */
export function unitsOfAmount(amount: string): bigint {
  const negative = amount.startsWith('-');
  const [whole = '0', fraction = ''] = (negative ? amount.slice(1) : amount).split('.');
  const units = BigInt(whole) * UNITS_PER_ONE + BigInt(fraction.padEnd(4, '0'));
  return negative ? -units : units;
}
