// Codes of backfills: tables read again while the stream goes on. Part of ERROR_CODES.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const BACKFILL_CODES = {
  LF_BACKFILL_REFUSED: {
    kind: 'fatal',
    cause: 'A table cannot be read as it was asked for: it is left out, has no key, is being read already, or the condition is none.',
    remedy: 'The message says why; docs/backfill.md has the limits of each mode.',
  },
  LF_BACKFILL_FAILED: {
    kind: 'fatal',
    cause: 'A backfill ended without its rows: it was stopped, the table changed meanwhile, or Debezium gave it up.',
    remedy: 'Silver is as it would be without it. Run the command again when what the message names is over.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
