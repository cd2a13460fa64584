// The one error class of the product: a code (error-codes.ts says its kind, cause and remedy), what happened, and where.

import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import type { FailureKind } from './failure-kind.ts';

export interface FailureDetails {
  /** What was being worked on: table, topic/partition@offset, file, setting. */
  readonly where?: string;
  readonly cause?: unknown;
  /** Overrides the code's standard remedy where a better one is known. */
  readonly remedy?: string;
}

/** An error that says what happened, where, and what the caller must do. */
export class LedgerflowError extends Error {
  override readonly name = 'LedgerflowError';
  readonly code: ErrorCode;
  readonly kind: FailureKind;
  readonly where: string | undefined;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.kind = ERROR_CODES[code].kind;
    this.where = details.where;
    this.remedy = details.remedy ?? ERROR_CODES[code].remedy;
  }

  /** One line for a terminal: code, message, place and remedy. */
  toLine(): string {
    const place = this.where === undefined ? '' : ` (${this.where})`;
    return `${this.code}: ${this.message}${place}. ${this.remedy}`;
  }
}

/** Text of anything thrown, without assuming that it is an Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isAborted(error: unknown): boolean {
  if (error instanceof LedgerflowError) return error.kind === 'aborted';
  return error instanceof Error && error.name === 'AbortError';
}
