// All pairs within the gates as columns of numbers: millions of them fit.

import { AmountIndex, reachOf } from '../candidates.ts';
import type { Prepared } from '../prepared.ts';
import type { RuleSet } from '../rule-set.ts';
import { passesGates } from '../score.ts';
import { COMPONENTS, levelsOf } from './levels.ts';
import type { WordWeights } from './word-weights.ts';

/** Pairs beyond this many are refused: the gates are too wide for the data. */
export const PAIRS_MAX = 20_000_000;

export interface Pairs {
  readonly count: number;
  readonly external: Int32Array;
  readonly internal: Int32Array;
  /** Four levels a pair, in the order of COMPONENTS. */
  readonly levels: Uint8Array;
}

export interface Sides {
  readonly external: readonly Prepared[];
  readonly internal: readonly Prepared[];
}

/** Pairs of rows by their places in the lists given, in canonical order. @throws RangeError when there are more than PAIRS_MAX */
export function pairsWithinGates({ external, internal }: Sides, rules: RuleSet, words: WordWeights): Pairs {
  const index = new AmountIndex(internal);
  const place = new Map(internal.map((row, at) => [row.index, at]));
  const reach = reachOf(rules);
  const columns = new Columns();
  external.forEach((one, at) => {
    for (const other of index.near(one, reach)) {
      if (passesGates(one, other, rules)) columns.add(at, place.get(other.index)!, levelsOf(one, other, words));
    }
  });
  return columns.finish();
}

class Columns {
  private count = 0;
  private external = new Int32Array(1_024);
  private internal = new Int32Array(1_024);
  private levels = new Uint8Array(1_024 * COMPONENTS.length);

  add(external: number, internal: number, levels: readonly number[]): void {
    if (this.count === PAIRS_MAX)
      throw new RangeError(`more than ${PAIRS_MAX} pairs lie within the gates: narrow the amount tolerance or the window`);
    if (this.count === this.external.length) this.grow();
    this.external[this.count] = external;
    this.internal[this.count] = internal;
    this.levels.set(levels, this.count * COMPONENTS.length);
    this.count += 1;
  }

  finish(): Pairs {
    const { count } = this;
    return {
      count,
      external: this.external.subarray(0, count),
      internal: this.internal.subarray(0, count),
      levels: this.levels.subarray(0, count * COMPONENTS.length),
    };
  }

  private grow(): void {
    const size = this.external.length * 2;
    const [external, internal, levels] = [new Int32Array(size), new Int32Array(size), new Uint8Array(size * COMPONENTS.length)];
    external.set(this.external);
    internal.set(this.internal);
    levels.set(this.levels);
    [this.external, this.internal, this.levels] = [external, internal, levels];
  }
}
