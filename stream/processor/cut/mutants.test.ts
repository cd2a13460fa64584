// The property test is only worth something if it notices a wrong cut: each of these must fail it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Staging } from './staging.ts';
import { loadMutant, type Mutation } from './testing/mutant.ts';
import { wholeTransactionsInOrder } from './testing/property.ts';

const RUNS_MAX = 3_000;
const SEED = 20_261_121;

const MUTATIONS: readonly Mutation[] = [
  { name: 'cuts inside a transaction', file: 'frontier.ts', original: 'if (got >= wanted) continue;', changed: 'if (got > 0) continue;' },
  {
    name: 'counts messages, not new events',
    file: 'verdict.ts',
    original: 'ord <= log.markOrd)) return DUPLICATE;',
    changed: 'ord <= log.markOrd)) { if (seq === log.markSeq) log.runs.add(seq); return DUPLICATE; }',
  },
  { name: 'ignores gaps', file: 'frontier.ts', original: 'state.emptyThrough < next - 1', changed: 'next < 0' },
  {
    name: 'compares sequences as text',
    file: 'verdict.ts',
    original: 'if (seq < log.markSeq || (seq ===',
    changed: 'if (String(seq) < String(log.markSeq) || (seq ===',
  },
  { name: 'compares orders as text', file: 'verdict.ts', original: 'ord <= log.markOrd)', changed: 'String(ord) <= String(log.markOrd))' },
  {
    name: 'mixes rows before and after a control',
    file: 'cut.ts',
    original: 'if (controlSeq === next && (firstData < next || ddl))',
    changed: 'if (next < 0)',
  },
  {
    name: 'forgets the mark',
    file: 'partition-log.ts',
    original: 'this.raiseTakenMark(page, this.head, this.head + taken);',
    changed: '{}',
  },
  {
    name: 'commits an offset too far',
    file: 'take.ts',
    original: 'BigInt(log.headOffset + count)',
    changed: 'BigInt(log.headOffset + count + 1)',
  },
  {
    name: 'takes by own sequence, not by the running maximum',
    file: 'partition-log.ts',
    original: 'page.effective[index] = this.effective;',
    changed: 'page.effective[index] = this.placeSeq;',
  },
  {
    name: 'takes a repeated END for a new one',
    file: 'verdict.ts',
    original: 'if (seq <= state.through || state.ends.has(seq)) return DUPLICATE;',
    changed: '',
  },
  {
    name: 'does not wait for the other records of a statement',
    file: 'frontier.ts',
    original: 'if (!control.alone && ',
    changed: 'if (seq < 0 && ',
  },
  {
    name: 'truncates before the snapshot is read',
    file: 'frontier.ts',
    original: 'if (state.snapshotOpen) return',
    changed: 'if (seq < 0) return',
  },
  {
    name: 'truncates before incremental rows are read',
    file: 'frontier.ts',
    original: 'if (state.proven < state.signalThrough(seq)) return',
    changed: 'if (seq < 0) return',
  },
  { name: 'passes a barrier', file: 'cut.ts', original: 'barrier ?? Number.POSITIVE_INFINITY', changed: 'Number.POSITIVE_INFINITY' },
];

describe('a broken cut is noticed', () => {
  it('and the right one is not', () => {
    expect(fc.check(wholeTransactionsInOrder({ Staging }), { numRuns: 300, seed: SEED }).failed).toBe(false);
  });

  it.each(MUTATIONS)('$name', async (mutation) => {
    const mutant = await loadMutant(mutation);
    const found = fc.check(wholeTransactionsInOrder({ Staging: mutant }), { numRuns: RUNS_MAX, seed: SEED, endOnFailure: true });
    expect(found.failed).toBe(true);
  });
});
