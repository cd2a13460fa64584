// Which rows make two places differ: both sides' rows of an hour through the engine that matches statements, with nothing left to likeness.
// Pure.

import { matchRows } from '../match/engine.ts';
import { unitsText } from '../match/breaks.ts';
import type { MatchRow } from '../match/row.ts';
import { ruleSetSchema } from '../match/rule-set.ts';
import type { TextRow } from '../../../lake/verify/side.ts';
import { units } from './tally.ts';

/** A row that is not the same on both sides. */
export interface NamedKey {
  readonly key: string;
  /** `missing`: on the left side only; `extra`: on the right side only; `doubled`: more than once; else what differs. */
  readonly what: 'missing' | 'extra' | 'doubled' | 'amount' | 'currency';
  readonly left: string | null;
  readonly right: string | null;
}

export const NAMED_MAX = 20;

/** Equal number, amount and currency, or no match. */
const RULES = ruleSetSchema.parse({
  ...{ id: 'self', version: 1, description: 'the pipeline against itself', auto: 1, suggest: 1, margin: 1 },
  amount: { below: { absolute: '0' }, above: { absolute: '0' } },
  window: { beforeDays: 0, afterDays: 0 },
  exactWindow: { beforeDays: 0, afterDays: 0 },
  nearMiss: { amountPercent: '0', days: 0 },
});

/** @param left,right `[key, currency, amount]` */
export function nameKeys(left: readonly TextRow[], right: readonly TextRow[]): NamedKey[] {
  const { matches, breaks } = matchRows(left.map(rowOf), right.map(rowOf), RULES);
  const found: NamedKey[] = [];
  // Whatever is not equal by its number is a difference here, though sums of other rows may tie by chance.
  for (const { tier, external, internal } of matches) if (tier !== 'exact_id') found.push(...external.map(missing), ...internal.map(extra));
  for (const { reason, external, internal } of breaks) {
    const [one, other] = [external[0], internal[0]];
    if (reason === 'duplicate') found.push(...[...external, ...internal].map((row) => doubled(row, external.includes(row))));
    else if (one !== undefined && other !== undefined && one.id === other.id)
      found.push({
        key: one.description,
        what: one.currency === other.currency ? 'amount' : 'currency',
        left: shown(one),
        right: shown(other),
      });
    else found.push(...external.map(missing), ...internal.map(extra));
  }
  return found.sort((one, other) => (one.key < other.key ? -1 : 1)).slice(0, NAMED_MAX);
}

/** The engine compares numbers without their punctuation: here every character counts. */
const encoded = (key: string): string => key.replace(/[^A-Y1-9]/g, (character) => `Z${character.charCodeAt(0).toString(16)}Z`);

/** The number is the reference too: a row whose other half is missing must not pass for a double of one with the same amount. */
function rowOf([key, currency, amount]: TextRow): MatchRow {
  const id = key ?? '';
  return { id: encoded(id), currency: currency ?? '', amount: units(amount ?? '0'), at: 0, reference: encoded(id), description: id };
}
const shown = ({ amount, currency }: MatchRow): string => `${unitsText(amount)} ${currency}`.trim();
const missing = (row: MatchRow): NamedKey => ({ key: row.description, what: 'missing', left: shown(row), right: null });
const extra = (row: MatchRow): NamedKey => ({ key: row.description, what: 'extra', left: null, right: shown(row) });
const doubled = (row: MatchRow, isLeft: boolean): NamedKey => ({
  ...{ key: row.description, what: 'doubled', left: isLeft ? shown(row) : null, right: isLeft ? null : shown(row) },
});
