// What the API refuses, as an error that knows its HTTP status and the code the page acts on.

import type { ProblemCode } from './answers/common.ts';

const STATUS_OF: Readonly<Record<ProblemCode, number>> = {
  malformed: 400,
  not_logged_in: 401,
  session_expired: 401,
  login_failed: 401,
  login_locked: 429,
  forbidden: 403,
  not_found: 404,
  refused: 409,
  statement_failed: 422,
  overloaded: 503,
  unavailable: 503,
  internal: 500,
};

export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: ProblemCode;

  constructor(code: ProblemCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return STATUS_OF[this.code];
  }
}
