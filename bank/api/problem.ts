// Errors as answers: one shape for all of them (application/problem+json, RFC 9457), the same as the ledger's refusals have.

import { PROBLEMS, type ProblemCode } from './problem-codes.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The field that is to blame, as a path like `legs.1.amount`; absent where none is. */
  readonly field?: string;
  readonly remedy: string;
}

/** A refusal of the HTTP side, thrown and turned into an answer by the error handler. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly code: ProblemCode;
  readonly field: string | null;
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, message: string, more: { readonly field?: string | null; readonly retryAfter?: number } = {}) {
    super(message);
    this.code = code;
    this.field = more.field ?? null;
    this.retryAfter = more.retryAfter;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  toBody(): ProblemBody {
    const { status, title, remedy } = PROBLEMS[this.code];
    const field = this.field === null ? {} : { field: this.field };
    return { type: `urn:ledgerflow:error:${this.code}`, title, status, code: this.code, message: this.message, ...field, remedy };
  }
}

export function problem(code: ProblemCode, message: string, field: string | null = null): HttpProblem {
  return new HttpProblem(code, message, { field });
}
