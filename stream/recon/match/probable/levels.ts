// How a pair compares, as a few levels per component: what Fellegi and Sunter (1969) call its comparison vector.

import type { Prepared } from '../prepared.ts';
import { sizeOf } from '../row.ts';
import { lagDays } from '../score.ts';
import { referenceLikeness } from '../text.ts';
import type { WordWeights } from './word-weights.ts';

export const COMPONENTS = ['amount', 'date', 'reference', 'description'] as const;
export type Component = (typeof COMPONENTS)[number];

/** Level 0 of reference and description: one of the rows says nothing, which is no evidence either way. */
export const SILENT = 0;

/** Upper ends of the relative difference in parts per 100,000, the first for equal amounts. */
const AMOUNT_ENDS = [0, 50, 200, 500, 1_000, 1_500, 2_000, 3_000, 5_000];
/** Upper ends of the lag in days, either way. */
const LAG_ENDS = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 17, 20];
/** Lower ends of likeness, the best first. */
const REFERENCE_ENDS = [1, 0.95, 0.88, 0.75];
const DESCRIPTION_ENDS = [0.98, 0.85, 0.7, 0.5, 0.3, 0.1];

export const LEVELS: Readonly<Record<Component, number>> = {
  amount: AMOUNT_ENDS.length + 1,
  date: 2 * LAG_ENDS.length + 1,
  reference: REFERENCE_ENDS.length + 2,
  description: DESCRIPTION_ENDS.length + 2,
};

/** Levels of the components, in the order of COMPONENTS. */
export function levelsOf(external: Prepared, internal: Prepared, words: WordWeights): readonly [number, number, number, number] {
  const silentReference = external.reference === '' || internal.reference === '';
  const silentText = external.tokens.length === 0 || internal.tokens.length === 0;
  return [
    amountLevel(external.row.amount, internal.row.amount),
    lagLevel(lagDays(external, internal)),
    silentReference ? SILENT : 1 + downLevel(referenceLikeness(external.reference, internal.reference), REFERENCE_ENDS),
    silentText ? SILENT : 1 + downLevel(words.likeness(external.tokens, internal.tokens), DESCRIPTION_ENDS),
  ];
}

function amountLevel(external: bigint, internal: bigint): number {
  const difference = sizeOf(sizeOf(external) - sizeOf(internal));
  if (difference === 0n) return 0;
  const parts = Number((difference * 100_000n) / (sizeOf(internal) === 0n ? 1n : sizeOf(internal)));
  return Math.max(1, upLevel(parts, AMOUNT_ENDS));
}

/** Later on odd, earlier on even levels above the first. */
function lagLevel(lag: number): number {
  const level = upLevel(Math.abs(lag), LAG_ENDS);
  return level === 0 ? 0 : 2 * level - (lag > 0 ? 1 : 0);
}

function upLevel(value: number, ends: readonly number[]): number {
  const level = ends.findIndex((end) => value <= end);
  return level === -1 ? ends.length : level;
}

function downLevel(value: number, ends: readonly number[]): number {
  const level = ends.findIndex((end) => value >= end);
  return level === -1 ? ends.length : level;
}
