// Card Precision@k: what share of the k customers an investigator looks at in a day is really compromised (Le Borgne, Siblini, Lebichot,
// Bontempi: "Reproducible Machine Learning for Credit Card Fraud Detection", chapter on performance metrics). Pure.

import { groupBy } from '../../../infra/runtime/group-by.ts';

export interface DayScore {
  /** YYYY-MM-DD */
  readonly day: string;
  readonly holder: string;
  readonly score: number;
}

const K = 100;

/**
 * @param compromised `day holder` of every day on which a customer has a fraudulent transaction
 * @param days length of the range, days without alerts included
 * @returns the mean over days, and the greatest it could be
 */
export function cardPrecision(
  scores: readonly DayScore[],
  compromised: ReadonlySet<string>,
  days: number,
): { reached: number; best: number } {
  const byDay = groupBy(scores, ({ day }) => day);
  const found = new Set<string>();
  let hits = 0;
  for (const day of [...byDay.keys()].sort()) {
    const ranked = [...byDay.get(day)!]
      .filter(({ holder }) => !found.has(holder))
      .sort((a, b) => b.score - a.score || (a.holder < b.holder ? -1 : 1));
    const caught = ranked.slice(0, K).filter(({ holder }) => compromised.has(`${day} ${holder}`));
    for (const { holder } of caught) found.add(holder);
    hits += caught.length;
  }
  return { reached: hits / (K * days), best: bestOf(compromised) / (K * days) };
}

/** Every customer on the first day with room among the k. */
function bestOf(compromised: ReadonlySet<string>): number {
  const byDay = groupBy([...compromised], (each) => each.slice(0, 10));
  const found = new Set<string>();
  for (const day of [...byDay.keys()].sort()) {
    const fresh = byDay.get(day)!.map((each) => each.slice(11)).filter((holder) => !found.has(holder)); // prettier-ignore
    for (const holder of fresh.slice(0, K)) found.add(holder);
  }
  return found.size;
}
