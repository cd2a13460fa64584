// What a run of `npm run faults` has done so far, in a file: a run that was ended goes on with --resume.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeFileAtomic } from '../../infra/native/files.ts';
import { commitOf, type FaultRow } from './table.ts';

const STATE_FILE = path.join(tmpdir(), 'ledgerflow-faults.json');

export interface Run {
  readonly seed: number;
  readonly startedAt: string;
  readonly rows: readonly FaultRow[];
}

export class RunState {
  readonly seed: number;
  private readonly fresh: Run;

  /** @param resume goes on with what a run of the same seed left; otherwise that is forgotten */
  constructor(seed: number, resume: boolean) {
    this.seed = seed;
    this.fresh = { seed, startedAt: new Date().toISOString(), rows: [] };
    if (!resume) rmSync(STATE_FILE, { force: true });
  }

  /** As it is now: two runs may add to it at once. */
  get run(): Run {
    if (!existsSync(STATE_FILE)) return this.fresh;
    const saved = JSON.parse(readFileSync(STATE_FILE, 'utf8')) as Run;
    return saved.seed === this.seed ? saved : this.fresh;
  }

  /** Done and in order: what was violated is run again. */
  isDone(name: string): boolean {
    return this.run.rows.some((row) => row.name === name && row.violations.length === 0);
  }

  keep(row: Omit<FaultRow, 'commit'>): void {
    const { run } = this;
    const others = run.rows.filter(({ name }) => name !== row.name);
    writeFileAtomic(STATE_FILE, JSON.stringify({ ...run, rows: [...others, { ...row, commit: commitOf() }] }), 0o600);
  }
}
