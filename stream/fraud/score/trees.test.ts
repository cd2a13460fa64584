// The learner on data whose truth is known, and the curve that makes its odds honest.

import { describe, expect, it } from 'vitest';
import { fitCurve, probability } from './calibrate.ts';
import { DEFAULT_OPTIONS, explain, growForest, marginOf, type Rows } from './trees.ts';

/** Numbers in [0, 1) that look random and are the same every time. */
function numbers(count: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  });
}

/** Fraud where both are high, or the third is missing: not to be told by any feature alone. */
function world(count: number, seed: number): Rows {
  const [a, b, c] = [numbers(count, seed), numbers(count, seed + 1), numbers(count, seed + 2).map((value) => (value < 0.05 ? NaN : value))];
  const labels = Uint8Array.from(a, (value, row) => ((value > 0.8 && b[row]! > 0.8) || Number.isNaN(c[row]!) ? 1 : 0));
  return { columns: [a, b, c], labels, weights: new Float64Array(count).fill(1) };
}

const rowAt = ({ columns }: Rows, at: number): number[] => columns.map((column) => column[at]!);

describe('boosted trees', () => {
  const [train, test] = [world(4_000, 1), world(2_000, 99)];
  const forest = growForest(train, { ...DEFAULT_OPTIONS, trees: 60 });

  it('find what features say together, and what a missing value says', () => {
    let wrong = 0;
    for (let row = 0; row < 2_000; row += 1) if (marginOf(forest, rowAt(test, row)) > 0 !== (test.labels[row] === 1)) wrong += 1;
    expect(wrong).toBeLessThan(20);
  });

  it('explain a row by contributions that add up to its log odds', () => {
    for (let row = 0; row < 50; row += 1) {
      const { margin, contributions } = explain(forest, rowAt(test, row));
      expect(margin).toBeCloseTo(marginOf(forest, rowAt(test, row)), 10);
      const first = forest.trees.reduce((sum, tree) => sum + (tree.left === undefined ? tree.value : 0), forest.base);
      expect(first + contributions.reduce((sum, each) => sum + each, 0)).toBeCloseTo(margin, 9);
    }
    const { contributions } = explain(forest, [0.1, 0.1, NaN]);
    expect(contributions.indexOf(Math.max(...contributions))).toBe(2);
  });

  it('are the same for the same rows, and count a row by its weight', () => {
    expect(growForest(train, { ...DEFAULT_OPTIONS, trees: 3 })).toEqual(growForest(train, { ...DEFAULT_OPTIONS, trees: 3 }));
    const twice: Rows = {
      columns: train.columns.map((column) => Float64Array.from([...column, ...column])),
      labels: Uint8Array.from([...train.labels, ...train.labels]),
      weights: new Float64Array(8_000).fill(1),
    };
    const heavy = growForest({ ...train, weights: new Float64Array(4_000).fill(2) }, { ...DEFAULT_OPTIONS, trees: 3 });
    const doubled = growForest(twice, { ...DEFAULT_OPTIONS, trees: 3 });
    for (let row = 0; row < 100; row += 1) expect(marginOf(heavy, rowAt(test, row))).toBeCloseTo(marginOf(doubled, rowAt(test, row)), 9);
  });

  it('say nothing but the share of fraud when no feature tells anything', () => {
    const empty: Rows = {
      columns: [new Float64Array(100).fill(NaN)],
      labels: Uint8Array.from({ length: 100 }, (_, n) => (n < 20 ? 1 : 0)),
      weights: new Float64Array(100).fill(1),
    };
    expect(1 / (1 + Math.exp(-marginOf(growForest(empty), [NaN])))).toBeCloseTo(0.2, 3);
  });
});

describe('calibration', () => {
  it('finds the curve that made the labels', () => {
    const margins = numbers(20_000, 5).map((value) => value * 12 - 6);
    const luck = numbers(20_000, 6);
    const labels = Uint8Array.from(margins, (margin, row) => (luck[row]! < probability({ slope: 0.6, offset: -1 }, margin) ? 1 : 0));
    const { slope, offset } = fitCurve(margins, labels);
    expect(slope).toBeCloseTo(0.6, 1);
    expect(offset).toBeCloseTo(-1, 0);
  });

  it('never turns the order of scores round', () => {
    expect(fitCurve(Float64Array.of(1, -1, 2, -2), Uint8Array.of(0, 1, 0, 1))).toEqual({ slope: 1, offset: 0 });
  });
});
