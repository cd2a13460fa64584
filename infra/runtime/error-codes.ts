// Every code a user can meet, with its kind, cause and remedy. docs/errors.md is generated from this table.

import type { FailureKind } from './errors.ts';

interface ErrorCodeEntry {
  readonly kind: FailureKind;
  readonly cause: string;
  readonly remedy: string;
}

export const ERROR_CODES = {
  LF_CONFIG_INVALID: {
    kind: 'fatal',
    cause: 'A setting has a value that is not allowed, or its name is unknown.',
    remedy: 'Correct the named setting; `ledgerflow up --help` and docs/configuration.md list all of them.',
  },
  LF_ABORTED: { kind: 'aborted', cause: 'The work was cancelled on request.', remedy: 'Nothing to do.' },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
