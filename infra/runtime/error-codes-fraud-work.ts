// Codes of work on fraud alerts, backtests, evaluations and trained scores.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const FRAUD_WORK_CODES = {
  LF_FRAUD_MAPPING: {
    kind: 'fatal',
    cause: 'A file of transactions or labels cannot be read as such: a column is missing, has the wrong type, or is empty in some rows.',
    remedy: 'Say with --map and --label which column is what; docs/fraud-evaluation.md has examples.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
