// How good a score is on rows it was not trained on. Pure.

import { cardPrecision } from '../evaluate/card-precision.ts';

export interface ScoredRow {
  readonly score: number;
  readonly fraud: boolean;
  /** Customer, or the account where there is none. */
  readonly holder: string;
  /** YYYY-MM-DD */
  readonly day: string;
}

export interface ScoreMetrics {
  readonly rows: number;
  readonly frauds: number;
  /** Area under precision over recall, by transaction. */
  readonly averagePrecision: number;
  /** The same by customer and day: the greatest score of the day, fraud when any transaction of it is. */
  readonly averagePrecisionCustomerDays: number;
  readonly cardPrecision100: number;
  readonly cardPrecision100Best: number;
}

/** Ties are one step: the order within them says nothing. */
export function averagePrecision(rows: readonly { readonly score: number; readonly fraud: boolean }[]): number {
  const ranked = [...rows].sort((a, b) => b.score - a.score);
  const frauds = ranked.reduce((sum, { fraud }) => sum + Number(fraud), 0);
  let [found, sum, at] = [0, 0, 0];
  while (at < ranked.length) {
    const { score } = ranked[at]!;
    let hits = 0;
    for (; at < ranked.length && ranked[at]!.score === score; at += 1) hits += Number(ranked[at]!.fraud);
    found += hits;
    sum += (hits * found) / at;
  }
  return frauds === 0 ? 0 : sum / frauds;
}

export function scoreMetrics(rows: readonly ScoredRow[]): ScoreMetrics {
  const days = new Map<string, { score: number; fraud: boolean; day: string; holder: string }>();
  for (const { score, fraud, holder, day } of rows) {
    const key = `${day} ${holder}`;
    const known = days.get(key);
    if (known === undefined) days.set(key, { score, fraud, day, holder });
    else {
      known.score = Math.max(known.score, score);
      known.fraud ||= fraud;
    }
  }
  const compromised = new Set([...days].flatMap(([key, { fraud }]) => (fraud ? [key] : [])));
  const scored = [...days.values()].filter(({ score }) => score > 0);
  const card = cardPrecision(scored, compromised, new Set(rows.map(({ day }) => day)).size);
  return {
    ...{ rows: rows.length, frauds: rows.reduce((sum, { fraud }) => sum + Number(fraud), 0) },
    ...{ averagePrecision: averagePrecision(rows), averagePrecisionCustomerDays: averagePrecision([...days.values()]) },
    ...{ cardPrecision100: card.reached, cardPrecision100Best: card.best },
  };
}

export interface Reliability {
  /** Rows with a probability from here to the next line's. */
  readonly from: number;
  readonly rows: number;
  readonly predicted: number;
  readonly observed: number;
}

const STEPS = [0, 0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9];

/** Probabilities beside the share that came true. */
export function reliability(rows: readonly { readonly score: number; readonly fraud: boolean }[]): Reliability[] {
  return STEPS.flatMap((from, index) => {
    const inside = rows.filter(({ score }) => score >= from && score < (STEPS[index + 1] ?? 2));
    if (inside.length === 0) return [];
    const mean = (value: (row: (typeof inside)[number]) => number): number =>
      inside.reduce((sum, row) => sum + value(row), 0) / inside.length;
    return [{ from, rows: inside.length, predicted: mean(({ score }) => score), observed: mean(({ fraud }) => Number(fraud)) }];
  });
}
