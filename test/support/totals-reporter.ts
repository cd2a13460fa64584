// A vitest reporter whose one line ends every run: `N passed, N failed`, alone on its line. For .ci/run it also writes
// both numbers into the file TOTALS_FILE.

import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts tests; a file that could not be collected and an error outside any test count as one failure each. */
export function totalsOf(modules: readonly TestModule[], errors: readonly SerializedError[]): Totals {
  let passed = 0;
  let failed = errors.length;
  let skipped = 0;
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const state = test.result().state;
      if (state === 'passed') passed += 1;
      else if (state === 'skipped') skipped += 1;
      else failedHere += 1;
    }
    if (failedHere === 0 && module.state() === 'failed') failedHere = 1;
    failed += failedHere;
  }
  return { passed, failed, skipped };
}

export class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const { passed, failed, skipped } = totalsOf(modules, errors);
    const file = process.env['TOTALS_FILE'];
    if (file !== undefined && file !== '') writeFileSync(file, `${String(passed)} ${String(failed)}\n`);
    if (skipped > 0) process.stdout.write(`${String(skipped)} skipped\n`);
    process.stdout.write(`${String(passed)} passed, ${String(failed)} failed\n`);
  }
}
