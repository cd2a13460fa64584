// What `npm run faults` has found so far, one file in a folder: a run that was ended goes on with --resume, and two runs may add to it.

import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readIfExists, writeFileAtomic } from '../../infra/native/files.ts';
import { commitOf, type FaultRow } from './table.ts';

interface Saved {
  readonly seed: number;
  readonly rows: readonly FaultRow[];
}

export class RunState {
  readonly seed: number;
  private readonly file: string;

  /** @param keeps what runs of the same seed left in the folder; otherwise that is forgotten */
  constructor(folder: string, seed: number, keeps: boolean) {
    this.seed = seed;
    this.file = path.join(folder, 'results.json');
    if (!keeps) rmSync(this.file, { force: true });
  }

  /** As they are now, one per fault. Rows of another seed do not count. */
  get rows(): readonly FaultRow[] {
    const text = readIfExists(this.file);
    const saved = text === undefined ? null : (JSON.parse(text) as Saved);
    return saved?.seed === this.seed ? saved.rows : [];
  }

  /** Done and in order: what was violated is run again. */
  isDone(name: string): boolean {
    return this.rows.some((row) => row.name === name && row.violations.length === 0);
  }

  keep(row: Omit<FaultRow, 'commit' | 'endedAt'>): void {
    this.write([{ ...row, commit: commitOf(), endedAt: new Date().toISOString() }]);
  }

  /** Takes the rows of another run; of two that are in order the newer one stays. */
  merge(file: string): void {
    const { seed, rows } = JSON.parse(readFileSync(file, 'utf8')) as Saved;
    if (seed !== this.seed) throw new Error(`${file} is of seed ${seed}, this run of ${this.seed}`);
    const kept = new Map(this.rows.map((row) => [row.name, row]));
    this.write(rows.filter((row) => isBetter(row, kept.get(row.name))));
  }

  private write(rows: readonly FaultRow[]): void {
    const names = new Set(rows.map(({ name }) => name));
    const others = this.rows.filter(({ name }) => !names.has(name));
    writeFileAtomic(this.file, `${JSON.stringify({ seed: this.seed, rows: [...others, ...rows] }, null, 2)}\n`);
  }
}

function isBetter(row: FaultRow, kept: FaultRow | undefined): boolean {
  if (kept === undefined) return true;
  const [inOrder, keptInOrder] = [row.violations.length === 0, kept.violations.length === 0];
  return inOrder === keptInOrder ? row.endedAt > kept.endedAt : inOrder;
}
