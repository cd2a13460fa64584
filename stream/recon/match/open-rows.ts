// The rows that no match has taken yet, by side. One row is never in two matches.

import type { Match } from './match.ts';
import type { Prepared } from './prepared.ts';

export class OpenRows {
  readonly matches: Match[] = [];
  private readonly taken = { external: new Set<number>(), internal: new Set<number>() };
  private readonly all: { readonly external: readonly Prepared[]; readonly internal: readonly Prepared[] };

  constructor(external: readonly Prepared[], internal: readonly Prepared[]) {
    this.all = { external, internal };
  }

  get external(): Prepared[] {
    return this.all.external.filter((row) => this.isOpen(row));
  }

  get internal(): Prepared[] {
    return this.all.internal.filter((row) => this.isOpen(row));
  }

  isOpen({ side, index }: Prepared): boolean {
    return !this.taken[side].has(index);
  }

  /** @throws Error when a row has been taken: a defect of the caller */
  take(external: readonly Prepared[], internal: readonly Prepared[], match: Omit<Match, 'external' | 'internal'>): void {
    for (const row of [...external, ...internal]) {
      if (!this.isOpen(row)) throw new Error(`${row.side} row ${row.row.id} is in a match already`);
      this.taken[row.side].add(row.index);
    }
    this.matches.push({ ...match, external: external.map(({ row }) => row), internal: internal.map(({ row }) => row) });
  }

  /** Takes a row out without a match: it is a break for good. */
  setAside(row: Prepared): void {
    this.taken[row.side].add(row.index);
  }
}
