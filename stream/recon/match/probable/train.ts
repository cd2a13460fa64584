// Learns, without labels, how levels are distributed among pairs that belong together (m) and pairs that do not (u): expectation
// maximisation as in Fellegi and Sunter (1969) and Winkler (1988), with one change: a row has at most one partner, so the chances of a
// row's pairs and of its being alone are shares of one whole, on both sides.

import { COMPONENTS, LEVELS, SILENT } from './levels.ts';
import type { Pairs } from './pairs.ts';

export interface Model {
  /** Per component and level: log2 of m / u, the evidence of that level. */
  readonly evidence: readonly (readonly number[])[];
  /** Share of the external rows that have a partner. */
  readonly partnered: number;
  readonly rounds: number;
}

const ROUNDS_MAX = 60;
const SETTLED = 1e-5;
/** Scalings of rows and columns in a round; the next round goes on from there. */
const SWEEPS = 3;
const LAST_SWEEPS = 30;
/** Pairs of either kind that each level is given beforehand, so that no level is impossible. */
const PRIOR_PAIRS = 2;
/** The first guess: the best levels are this many times as likely among pairs that belong together. */
const FIRST_GUESS = 8;

/** @returns the model, and the chance of every pair under it */
export function train(
  pairs: Pairs,
  sides: { readonly external: number; readonly internal: number },
): { model: Model; chances: Float64Array } {
  const shares = new Shares(pairs, sides);
  let evidence = firstGuess();
  let partnered = Math.min(0.5, sides.internal / (2 * Math.max(1, sides.external)));
  let rounds = 0;
  for (let change = Infinity; rounds < ROUNDS_MAX && change > SETTLED; rounds += 1) {
    const next = Math.min(0.999, Math.max(0.001, shares.settle(evidence, partnered, SWEEPS) / Math.max(1, sides.external)));
    change = Math.abs(next - partnered);
    partnered = next;
    evidence = evidenceOf(pairs, shares.chances);
  }
  shares.settle(evidence, partnered, LAST_SWEEPS);
  return { model: { evidence, partnered, rounds }, chances: shares.chances };
}

function firstGuess(): number[][] {
  return COMPONENTS.map((component) => {
    const levels = LEVELS[component];
    const speaking = component === 'reference' || component === 'description';
    return Array.from({ length: levels }, (_, level) => {
      if (speaking && level === SILENT) return 0;
      if (component === 'date') return level === 0 ? 1 : 0;
      const first = speaking ? 1 : 0;
      return Math.log2(FIRST_GUESS) * (1 - (2 * (level - first)) / Math.max(1, levels - 1 - first));
    });
  });
}

/**
 * Chances of the pairs, given that no row has two partners: chance = odds of the pair × chance of either row to be alone, with the
 * chances of every row summing to 1. Found by scaling rows and columns in turn (Sinkhorn 1964).
 */
class Shares {
  readonly chances: Float64Array;
  private readonly alone: { readonly external: Float64Array; readonly internal: Float64Array };
  private readonly pairs: Pairs;

  constructor(pairs: Pairs, sides: { readonly external: number; readonly internal: number }) {
    this.pairs = pairs;
    this.chances = new Float64Array(pairs.count);
    this.alone = { external: new Float64Array(sides.external).fill(0.5), internal: new Float64Array(sides.internal).fill(0.5) };
  }

  /** @returns how many pairs belong together, by their chances */
  settle(evidence: Model['evidence'], partnered: number, sweeps: number): number {
    const { pairs, chances, alone } = this;
    const others = Math.min(0.999, (partnered * alone.external.length) / Math.max(1, alone.internal.length));
    const prior = (partnered * alone.external.length) / Math.max(1, pairs.count) / ((1 - partnered) * (1 - others));
    const odds = oddsOf(pairs, evidence, prior);
    for (let sweep = 0; sweep < sweeps; sweep += 1) {
      rescale({ own: alone.external, ofOwn: pairs.external, other: alone.internal, ofOther: pairs.internal }, odds);
      rescale({ own: alone.internal, ofOwn: pairs.internal, other: alone.external, ofOther: pairs.external }, odds);
    }
    let total = 0;
    for (let pair = 0; pair < pairs.count; pair += 1) {
      chances[pair] = Math.min(1, odds[pair]! * alone.external[pairs.external[pair]!]! * alone.internal[pairs.internal[pair]!]!);
      total += chances[pair]!;
    }
    return total;
  }
}

interface Scaling {
  readonly own: Float64Array;
  readonly ofOwn: Int32Array;
  readonly other: Float64Array;
  readonly ofOther: Int32Array;
}

function rescale({ own, ofOwn, other, ofOther }: Scaling, odds: Float64Array): void {
  own.fill(1);
  for (let pair = 0; pair < odds.length; pair += 1) own[ofOwn[pair]!]! += odds[pair]! * other[ofOther[pair]!]!;
  for (let row = 0; row < own.length; row += 1) own[row] = 1 / own[row]!;
}

function oddsOf({ count, levels }: Pairs, evidence: Model['evidence'], prior: number): Float64Array {
  const odds = new Float64Array(count);
  for (let pair = 0; pair < count; pair += 1) {
    let bits = 0;
    for (let component = 0; component < COMPONENTS.length; component += 1) {
      bits += evidence[component]![levels[pair * COMPONENTS.length + component]!]!;
    }
    odds[pair] = prior * 2 ** bits;
  }
  return odds;
}

function evidenceOf({ count, levels }: Pairs, chances: Float64Array): number[][] {
  return COMPONENTS.map((component, at) => {
    const speaking = component === 'reference' || component === 'description';
    const together = new Float64Array(LEVELS[component]);
    const apart = new Float64Array(LEVELS[component]);
    for (let pair = 0; pair < count; pair += 1) {
      const level = levels[pair * COMPONENTS.length + at]!;
      if (speaking && level === SILENT) continue;
      together[level]! += chances[pair]!;
      apart[level]! += 1 - chances[pair]!;
    }
    const [m, u] = [smoothed(together, apart), smoothed(apart, apart)];
    return Array.from(m, (share, level) => (speaking && level === SILENT ? 0 : Math.log2(share / u[level]!)));
  });
}

/** Shares, with a few pairs beforehand spread like all pairs that do not belong together. */
function smoothed(counts: Float64Array, like: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const whole = like.reduce((sum, count) => sum + count, 0);
  const levels = counts.length;
  return counts.map((count, level) => {
    const prior = (like[level]! + 1) / (whole + levels);
    return (count + PRIOR_PAIRS * prior) / (total + PRIOR_PAIRS);
  });
}
