// What the HTTP side itself refuses, before or beside the ledger: one entry per code. docs/bank-errors.md is generated from here
// and from the ledger's own list (bank/ledger/refusal.ts).

export interface ProblemEntry {
  /** HTTP status. */
  readonly status: number;
  /** What has happened, in a few words; the same for every occurrence. */
  readonly title: string;
  /** What the caller does about it. */
  readonly remedy: string;
}

export const HTTP_PROBLEMS = {
  malformed_request: {
    status: 400,
    title: 'A field is missing or not allowed',
    remedy: 'Correct the named field; /docs shows what every request takes.',
  },
  body_too_large: { status: 413, title: 'The body is too large', remedy: 'Send less at once: split a batch.' },
  unsupported_media_type: {
    status: 415,
    title: 'The body has a content type that is not taken',
    remedy: 'Send the header Content-Type: application/json.',
  },
  not_found: { status: 404, title: 'There is nothing under this address', remedy: 'Check path, method and id; /docs shows them.' },
  unauthenticated: {
    status: 401,
    title: 'The request needs a login',
    remedy: 'Send Authorization: Bearer with the token of POST /auth/login, or a service key.',
  },
  token_invalid: { status: 401, title: 'The token or key is not valid', remedy: 'Log in again with POST /auth/login.' },
  token_expired: { status: 401, title: 'The token has expired', remedy: 'Get a new one with POST /auth/refresh, or log in again.' },
  forbidden: { status: 403, title: 'The caller may not do this', remedy: 'Use your own accounts, or ask an operator.' },
  login_failed: {
    status: 401,
    title: 'E-mail address or password is wrong',
    remedy: 'Correct them; after several failures the login is locked for a while.',
  },
  login_locked: { status: 429, title: 'The login is locked', remedy: 'Wait for as long as Retry-After says.' },
  busy: { status: 503, title: 'The server is at a limit', remedy: 'Wait for as long as Retry-After says and send the same request again.' },
  email_taken: { status: 409, title: 'The e-mail address has a login already', remedy: 'Log in, or register with another address.' },
  name_taken: { status: 409, title: 'The name is in use', remedy: 'Choose another name, or change the record that has it.' },
  unavailable: {
    status: 503,
    title: 'The database does not answer',
    remedy: 'Send the same request again with the same idempotency key: nothing runs twice.',
  },
  internal_error: {
    status: 500,
    title: 'The server has failed',
    remedy: 'Send the same request again with the same idempotency key; if it repeats, the log of the part `bank` says why.',
  },
} as const satisfies Record<string, ProblemEntry>;

export type HttpProblemCode = keyof typeof HTTP_PROBLEMS;
