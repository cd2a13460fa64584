// Codes of work on fraud alerts, backtests, evaluations and trained scores.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const FRAUD_WORK_CODES = {
  LF_FRAUD_MAPPING: {
    kind: 'fatal',
    cause: 'A file of transactions or labels cannot be read as such: a column is missing, has the wrong type, or is empty in some rows.',
    remedy: 'Say with --map and --label which column is what; docs/fraud-evaluation.md has examples.',
  },
  LF_FRAUD_ALERT_UNKNOWN: {
    kind: 'fatal',
    cause: 'There is no alert of this id in the queue; alerts of draft rules are not worked on.',
    remedy: '`ledgerflow fraud alerts list --state all` shows their ids.',
  },
  LF_FRAUD_RANGE: {
    kind: 'fatal',
    cause: 'The range of a backtest has no movement in it.',
    remedy: 'Give another range; `ledgerflow sql "SELECT min(event_ts), max(event_ts) FROM silver.transactions"` shows what there is.',
  },
  LF_FRAUD_BACKTEST_BUSY: {
    kind: 'retryable',
    cause: 'A backtest was asked for while another one runs; one at a time uses the processor.',
    remedy: 'Ask again when it has ended.',
  },
  LF_FRAUD_TRAINING: {
    kind: 'fatal',
    cause: 'There are too few labelled frauds to learn a score from, in one of the three parts of the time.',
    remedy: 'Give a longer history or more labels.',
  },
  LF_FRAUD_MODEL: {
    kind: 'fatal',
    cause: 'The file of a trained score is none, was changed after it was written, or was made with other rules or features.',
    remedy: 'Give a file that `ledgerflow fraud train` wrote, or train it anew.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
