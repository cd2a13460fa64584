// The fuzzy tier for sources without numbers: pairs are weighed by what the data itself says about agreeing by chance.

import { assign } from '../assign.ts';
import type { Candidate } from '../candidates.ts';
import type { Suggestion } from '../fuzzy.ts';
import type { OpenRows } from '../open-rows.ts';
import type { RuleSet } from '../rule-set.ts';
import { scorePair } from '../score.ts';
import { COMPONENTS } from './levels.ts';
import { pairsWithinGates, type Pairs, type Sides } from './pairs.ts';
import { train, type Model } from './train.ts';
import { WordWeights } from './word-weights.ts';

/** Confirms pairs whose chance reaches `rules.probable.confirm`; answers those that reach `rules.probable.suggest`. */
export function matchProbable(open: OpenRows, rules: RuleSet): Suggestion[] {
  const sides = { external: open.external, internal: open.internal };
  const pairs = pairsWithinGates(sides, rules, new WordWeights([...sides.external, ...sides.internal]));
  if (pairs.count === 0) return [];
  const { model, chances } = train(pairs, { external: sides.external.length, internal: sides.internal.length });
  const candidates = candidatesOf({ pairs, chances, model }, sides, rules);
  const suggestions: Suggestion[] = [];
  for (const candidate of assign(candidates, rules)) {
    const { external, internal, score, components, why } = candidate as ProbableCandidate;
    if (score >= rules.probable.confirm) open.take([external], [internal], { tier: 'fuzzy', score, components, margin: null, why });
    else suggestions.push({ ...candidate, margin: null, verdict: 'suggested' });
  }
  return suggestions;
}

interface ProbableCandidate extends Candidate {
  readonly why: string;
}

interface Weighed {
  readonly pairs: Pairs;
  readonly chances: Float64Array;
  readonly model: Model;
}

function candidatesOf(weighed: Weighed, sides: Sides, rules: RuleSet): ProbableCandidate[] {
  const { pairs, chances } = weighed;
  const found: ProbableCandidate[] = [];
  for (let pair = 0; pair < pairs.count; pair += 1) {
    const chance = chances[pair]!;
    if (chance < rules.probable.suggest) continue;
    const external = sides.external[pairs.external[pair]!]!;
    const internal = sides.internal[pairs.internal[pair]!]!;
    const { components } = scorePair(external, internal, rules);
    found.push({ external, internal, score: Math.round(chance * 1e9) / 1e9, components, why: waterfall(weighed, pair) });
  }
  return found;
}

/** What each component adds, in bits: positive speaks for the pair. */
function waterfall({ pairs, chances, model }: Weighed, pair: number): string {
  const steps = COMPONENTS.map((component, at) => {
    const bits = model.evidence[at]![pairs.levels[pair * COMPONENTS.length + at]!]!;
    return `${component} ${bits >= 0 ? '+' : ''}${bits.toFixed(2)}`;
  });
  return `chance ${chances[pair]!.toFixed(4)} from ${steps.join(', ')} bits, beside all other pairs of both rows`;
}
