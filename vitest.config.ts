// Three test projects, told apart by the file's suffix (the suffix is the cost): unit (pure, ms), int (one real service), e2e (whole stack).
// They run in that order; int runs two files at a time and e2e one, because each starts real servers on a machine with few cores.

import { defineConfig } from 'vitest/config';
import { TotalsReporter } from './test/support/totals-reporter.ts';

const SECOND = 1_000;
const ignored = ['**/node_modules/**', '**/.ledgerflow/**', '**/dist/**'];

export default defineConfig({
  test: {
    teardownTimeout: 120 * SECOND,
    reporters: ['default', new TotalsReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.int.test.ts', '**/*.e2e.test.ts'],
          testTimeout: 20 * SECOND,
          hookTimeout: 20 * SECOND,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'int',
          include: ['**/*.int.test.ts'],
          exclude: ignored,
          testTimeout: 120 * SECOND,
          hookTimeout: 300 * SECOND,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['**/*.e2e.test.ts'],
          exclude: ignored,
          testTimeout: 300 * SECOND,
          hookTimeout: 600 * SECOND,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
