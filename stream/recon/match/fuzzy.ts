// The fuzzy tier: candidates by gates, the best one-to-one assignment, and what of it is certain enough to be confirmed without a person.

import { assign } from './assign.ts';
import { candidatePairs, type Candidate } from './candidates.ts';
import type { OpenRows } from './open-rows.ts';
import type { Prepared } from './prepared.ts';
import type { RuleSet } from './rule-set.ts';

/** A pair that a person has to look at. */
export interface Suggestion extends Candidate {
  readonly verdict: 'suggested' | 'ambiguous';
  readonly margin: number | null;
  /** What the score is made of, where it is not the weighted mean of the components. */
  readonly why?: string;
}

/** Confirms what is certain; answers the rest of the assignment. */
export function matchFuzzy(open: OpenRows, rules: RuleSet): Suggestion[] {
  const candidates = candidatePairs(open.external, open.internal, rules);
  const rivals = new Rivals(candidates);
  const suggestions: Suggestion[] = [];
  for (const pair of assign(candidates, rules)) {
    const margin = rivals.marginOf(pair);
    if (pair.score >= rules.auto && (margin === null || (margin > 0 && margin >= rules.margin))) {
      const { score, components } = pair;
      open.take([pair.external], [pair.internal], { tier: 'fuzzy', score, components, margin, why: whyConfirmed(score, margin, rules) });
    } else {
      suggestions.push({ ...pair, margin, verdict: margin !== null && Math.abs(margin) < EQUAL ? 'ambiguous' : 'suggested' });
    }
  }
  return suggestions;
}

const EQUAL = 1e-9;

function whyConfirmed(score: number, margin: number | null, rules: RuleSet): string {
  const next = margin === null ? 'no other pair comes near' : `the next best pair is ${margin.toFixed(4)} below`;
  return `score ${score.toFixed(4)} reaches ${rules.auto}; ${next}`;
}

/**
 * The two best scores of each row, to tell how far a pair is ahead of its rows' other pairs. External rows that say the same but for their
 * own number stand for each other: whichever is taken, the others were booked twice; so they are no rivals for an internal row.
 */
class Rivals {
  private readonly best = { external: new Map<number, Candidate[]>(), internal: new Map<number, Candidate[]>() };

  constructor(candidates: readonly Candidate[]) {
    for (const candidate of candidates) {
      for (const side of ['external', 'internal'] as const) {
        const top = this.best[side].get(candidate[side].index) ?? [];
        if (side === 'internal' && top.some((each) => isTwin(each.external, candidate.external))) continue;
        top.push(candidate);
        top.sort((one, other) => other.score - one.score);
        this.best[side].set(candidate[side].index, top.slice(0, 2));
      }
    }
  }

  /** Score of the pair minus the best score of another pair of either row; null when its rows have no other. */
  marginOf(pair: Candidate): number | null {
    const ofExternal = this.best.external.get(pair.external.index) ?? [];
    const ofInternal = this.best.internal.get(pair.internal.index) ?? [];
    const others = [
      ...ofExternal.filter((candidate) => candidate !== pair),
      ...ofInternal.filter((candidate) => candidate !== pair && !isTwin(candidate.external, pair.external)),
    ];
    return others.length === 0 ? null : pair.score - Math.max(...others.map(({ score }) => score));
  }
}

function isTwin(one: Prepared, other: Prepared): boolean {
  const same = one.row.amount === other.row.amount && one.at === other.at && one.dated === other.dated && one.reference === other.reference;
  return same && one.tokens.length === other.tokens.length && one.tokens.every((token, at) => token === other.tokens[at]);
}
