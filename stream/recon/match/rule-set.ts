// How a source is matched: gates, weights, thresholds. One reviewed file per source and version; what it leaves out has the defaults below.

import { z } from 'zod';
import { sizeOf, UNITS_PER_ONE } from './row.ts';

const decimal = z.string().regex(/^\d{1,16}(\.\d{1,4})?$/, 'a decimal with at most four fraction digits, such as "0.50"');
const share = z.number().min(0).max(1);
const days = z.number().min(0).max(366);

/** What an amount may differ by: the larger of an absolute amount and a percentage of the internal amount. Both ends are included. */
const toleranceSchema = z.strictObject({ absolute: decimal.default('0'), percent: decimal.default('0') });
/** How many days the external row may lie before and after the internal one. Both ends are included. */
const windowSchema = z.strictObject({ beforeDays: days, afterDays: days });

const regularExpression = z.string().refine(isPattern, 'a regular expression with one group around the number');

export const ruleSetSchema = z.strictObject({
  id: z.string().min(1).max(100),
  version: z.number().int().min(1),
  description: z.string().default(''),
  /** What the external amount may fall short of, and exceed, the internal one by. */
  amount: z
    .strictObject({ below: toleranceSchema.prefault({}), above: toleranceSchema.prefault({}) })
    .prefault({ below: { absolute: '0.01' }, above: { absolute: '0.01' } }),
  window: windowSchema.prefault({ beforeDays: 1, afterDays: 3 }),
  /** For rows that name each other. */
  exactWindow: windowSchema.prefault({ beforeDays: 1, afterDays: 3 }),
  /** `day`: the external side knows days only, so that both sides are compared by their UTC day. */
  timePrecision: z.enum(['instant', 'day']).default('instant'),
  /** `value`: the external value date is the day of our movement, so that dates are scored by it; the windows stay with the booking date. */
  dateBy: z.enum(['booked', 'value']).default('booked'),
  /** Where an external reference or description names an internal number: the first group is the number. */
  idPatterns: z.array(regularExpression).max(20).default([]),
  weights: z
    .strictObject({ amount: share, date: share, reference: share, description: share })
    .refine((it) => Math.abs(it.amount + it.date + it.reference + it.description - 1) < 1e-9, 'the weights must sum to 1')
    .prefault({ amount: 0.4, date: 0.2, reference: 0.25, description: 0.15 }),
  /** A pair at or above is confirmed without a person, if no other pair of its rows comes within `margin`. */
  auto: share.default(0.85),
  /** A pair at or above is shown to a person; below, it is none. */
  suggest: share.default(0.6),
  margin: share.default(0.05),
  /** `weights`: scores as above. `probable`: what speaks for a pair is learnt from the rows themselves. `auto`: `probable` for a source of which no row names one of ours. */
  mode: z.enum(['weights', 'probable', 'auto']).default('weights'),
  /** Chances, 0 to 1, for mode `probable`. */
  probable: z.strictObject({ confirm: share.default(0.5), suggest: share.default(0.2) }).prefault({}),
  groups: z
    .strictObject({
      /** Rows in one group at most; a larger group is left alone, and said so. */
      membersMax: z.number().int().min(2).max(100_000).default(10_000),
      /** Rows that may be combined freely, and how many of them one sum may have. */
      subsetCandidatesMax: z.number().int().min(2).max(64).default(24),
      subsetMembersMax: z.number().int().min(2).max(12).default(6),
    })
    .prefault({}),
  /** Beyond the gates: how far off a row may be to be named as the reason of a break. Never a match. */
  nearMiss: z.strictObject({ amountPercent: decimal.default('10'), days: days.default(30) }).prefault({}),
});

export type RuleSet = z.infer<typeof ruleSetSchema>;
export type Tolerance = z.infer<typeof toleranceSchema>;
export type Window = z.infer<typeof windowSchema>;

function isPattern(text: string): boolean {
  try {
    return new RegExp(`${text}|`, 'iu').exec('')?.length === 2;
  } catch {
    return false;
  }
}

/** Decimal text as ten-thousandths. */
export function unitsOf(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole) * UNITS_PER_ONE + BigInt(fraction.padEnd(4, '0'));
}

/** The largest difference the tolerance allows beside an amount; a percentage is rounded down to a ten-thousandth. */
export function allowedDifference(tolerance: Tolerance, amount: bigint): bigint {
  const absolute = unitsOf(tolerance.absolute);
  const relative = (sizeOf(amount) * unitsOf(tolerance.percent)) / (100n * UNITS_PER_ONE);
  return absolute > relative ? absolute : relative;
}
