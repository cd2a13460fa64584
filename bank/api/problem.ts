// Errors as answers: one shape for all of them (application/problem+json, RFC 9457), made here and nowhere else.

import { HTTP_PROBLEMS, type HttpProblemCode } from './problem-codes.ts';

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
  readonly code: HttpProblemCode;
  readonly field: string | null;
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;

  constructor(code: HttpProblemCode, message: string, more: { readonly field?: string | null; readonly retryAfter?: number } = {}) {
    super(message);
    this.code = code;
    this.field = more.field ?? null;
    this.retryAfter = more.retryAfter;
  }

  get status(): number {
    return HTTP_PROBLEMS[this.code].status;
  }

  toBody(): ProblemBody {
    const { status, title, remedy } = HTTP_PROBLEMS[this.code];
    const field = this.field === null ? {} : { field: this.field };
    return { type: typeOf(this.code), title, status, code: this.code, message: this.message, ...field, remedy };
  }
}

export function problem(code: HttpProblemCode, message: string, field: string | null = null): HttpProblem {
  return new HttpProblem(code, message, { field });
}

/** The `type` of RFC 9457: a name, not an address. */
export function typeOf(code: string): string {
  return `urn:ledgerflow:error:${code}`;
}
