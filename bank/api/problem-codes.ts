// Every code an answer of the API can have: the ledger's one list and what only the HTTP side can refuse. docs/bank-errors.md is
// generated from here.

import { REFUSALS, type RefusalCode, type Stage } from '../ledger/refusal.ts';

export interface ProblemEntry {
  /** HTTP status. */
  readonly status: number;
  /** Place in the documented precedence. */
  readonly stage: Stage;
  /** What has happened, in a few words; the same for every occurrence. */
  readonly title: string;
  /** What the caller does about it. */
  readonly remedy: string;
}

const HTTP_REFUSALS = {
  token_invalid: { status: 401, stage: 'identity', title: 'The token or key is not valid.', remedy: 'Log in again with POST /auth/login.' },
  token_expired: {
    status: 401,
    stage: 'identity',
    title: 'The token has expired.',
    remedy: 'Get a new one with POST /auth/refresh, or log in again.',
  },
  login_failed: {
    status: 401,
    stage: 'identity',
    title: 'The e-mail address or the password is wrong.',
    remedy: 'Correct them; after several failures the login is locked for a while.',
  },
  login_locked: { status: 429, stage: 'identity', title: 'The login is locked.', remedy: 'Wait for as many seconds as Retry-After says.' },
  email_taken: {
    status: 409,
    stage: 'state',
    title: 'The e-mail address has a login already.',
    remedy: 'Log in, or register with another address.',
  },
  name_taken: {
    status: 409,
    stage: 'state',
    title: 'The name is in use.',
    remedy: 'Choose another name, or change the record that has it.',
  },
} as const satisfies Record<string, ProblemEntry>;

export type ProblemCode = RefusalCode | keyof typeof HTTP_REFUSALS;

export const PROBLEMS: Readonly<Record<ProblemCode, ProblemEntry>> = { ...REFUSALS, ...HTTP_REFUSALS };
