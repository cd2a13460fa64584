// What can be wrong with an input: one line (parked or refused, by setting), or the whole.

import { LedgerflowError } from '../../../infra/runtime/errors.ts';

/** A line that cannot be an entry. The amount is known where the fault lies elsewhere, so that totals still tie. */
export class LineProblem extends Error {
  override readonly name = 'LineProblem';
  readonly amount: string | null;

  constructor(reason: string, amount: string | null = null) {
    super(reason);
    this.amount = amount;
  }
}

/** The whole input is refused; `line` is where it shows. */
export function refusal(line: number, reason: string, cause?: unknown): LedgerflowError {
  return new LedgerflowError('LF_STATEMENT_REFUSED', reason, { where: `line ${line}`, ...(cause === undefined ? {} : { cause }) });
}

/** The input is not of the format it is read as. */
export function notOfFormat(line: number, reason: string, cause?: unknown): LedgerflowError {
  return new LedgerflowError('LF_STATEMENT_FORMAT', reason, { where: `line ${line}`, ...(cause === undefined ? {} : { cause }) });
}
