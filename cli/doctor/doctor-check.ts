// One finding of the doctor, and the guard that turns a failing look into a finding.

import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What is there. */
  readonly found: string;
  /** What to do about it; empty when ok. */
  readonly change: string;
}

export function fine(name: string, found: string): Check {
  return { name, ok: true, found, change: '' };
}

export function wrong(name: string, found: string, change: string): Check {
  return { name, ok: false, found, change };
}

/** The findings of `look`; when it throws, that is the finding. */
export async function guarded(name: string, look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    const change = error instanceof LedgerflowError ? error.remedy : 'See the message.';
    return [wrong(name, messageOf(error), change)];
  }
}
