// Words that few rows use say more than words that many use: inverse document frequency over both sides (Spärck Jones 1972).

import type { Prepared } from '../prepared.ts';

/** A word that begins another one counts as that word from this length on: memos are cut off. */
const CUT_WORD_MIN = 3;

export class WordWeights {
  private readonly weights = new Map<string, number>();

  constructor(rows: readonly Prepared[]) {
    const counts = new Map<string, number>();
    for (const { tokens } of rows) for (const word of tokens) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const [word, count] of counts) this.weights.set(word, Math.log(1 + rows.length / count));
  }

  /** Weight of the shared words over the mean weight of both sets; 0 to 1. A word that was cut off counts by the share that is left. */
  likeness(one: readonly string[], other: readonly string[]): number {
    const all = this.weightOf(one) + this.weightOf(other);
    if (all === 0) return 0;
    const left = new Set(other);
    const rest = one.filter((word) => !left.delete(word));
    let shared = 0;
    for (const word of one) shared += 2 * (this.weights.get(word) ?? 0);
    for (const word of rest) shared -= 2 * (this.weights.get(word) ?? 0);
    for (const word of rest) shared += this.cutOff(word, left);
    return Math.min(1, shared / all);
  }

  private cutOff(word: string, left: Set<string>): number {
    for (const candidate of left) {
      const [short, long] = word.length < candidate.length ? [word, candidate] : [candidate, word];
      if (short.length < CUT_WORD_MIN || !long.startsWith(short)) continue;
      left.delete(candidate);
      return ((this.weights.get(word) ?? 0) + (this.weights.get(candidate) ?? 0)) * (short.length / long.length);
    }
    return 0;
  }

  private weightOf(words: readonly string[]): number {
    return words.reduce((sum, word) => sum + (this.weights.get(word) ?? 0), 0);
  }
}
