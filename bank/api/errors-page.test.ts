// docs/bank-errors.md and the lists in the code say the same.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFUSALS } from '../ledger/refusal.ts';
import { bankErrorsPage } from './errors-page.ts';
import { problem } from './problem.ts';
import { PROBLEMS, type ProblemCode } from './problem-codes.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/bank-errors.md'), 'utf8');

/** `code status` of every row of a table, whatever the formatter made of its blanks. */
function rowsOf(text: string): string[] {
  return [...text.matchAll(/^\| `(\w+)` *\| (\d+) *\|/gm)].map((match) => `${match[1]} ${match[2]}`);
}

describe('docs/bank-errors.md', () => {
  it('lists every code with its status, and no other', () => {
    expect(rowsOf(page)).toEqual(rowsOf(bankErrorsPage()));
    expect(rowsOf(page).sort()).toEqual(Object.entries(PROBLEMS).map(([code, { status }]) => `${code} ${status}`).sort()); // prettier-ignore
  });

  it('states the precedence', () => {
    expect(page.replaceAll(/\s+/g, ' ')).toContain(
      'malformed → identity → unknown → idempotency → status → currency → state → limit → funds',
    );
  });
});

describe('the one list', () => {
  it('holds no code twice with different meanings', () => {
    for (const [code, entry] of Object.entries(REFUSALS)) expect(PROBLEMS[code as ProblemCode]).toBe(entry);
  });

  it('gives every problem one shape', () => {
    for (const code of Object.keys(PROBLEMS) as ProblemCode[]) {
      const body = problem(code, 'why', 'amount').toBody();
      expect(Object.keys(body)).toEqual(['type', 'title', 'status', 'code', 'message', 'field', 'remedy']);
      expect(body.remedy, code).toMatch(/\.$/);
    }
  });
});
