// What keeps the pipeline from going on, by who says so (stream, connector, disk, MySQL): shown in status and /health, logged when it
// begins and when it ends. A healthy pipeline has none.

import type { Logger } from 'pino';
import { SOURCE_CODES } from '../../infra/runtime/error-codes-source.ts';
import type { LedgerflowError } from '../../infra/runtime/errors.ts';

/** Who says so, most telling first: a stream that stands has a reason that a failed connector may only be a part of. */
const REPORTERS = ['stream', 'disk', 'server', 'connector'] as const;
export type Reporter = (typeof REPORTERS)[number];

export class Problems {
  private readonly open = new Map<Reporter, LedgerflowError>();
  private readonly log: Logger;

  constructor(log: Logger) {
    this.log = log;
  }

  /** Sets or, with null, ends the problem of one reporter. */
  set(reporter: Reporter, problem: LedgerflowError | null): void {
    const before = this.open.get(reporter);
    if (problem === null) this.open.delete(reporter);
    else this.open.set(reporter, problem);
    if (before?.code === problem?.code) return;
    if (problem === null) this.log.info({ reporter, code: before?.code }, 'the problem is over');
    else
      this.log.error(
        { reporter, code: problem.code, where: problem.where, remedy: problem.remedy, reason: problem.message },
        'a problem that wants a person',
      );
  }

  /** The one to show: code, message, place and remedy in one line; null when there is none. */
  get line(): string | null {
    for (const reporter of REPORTERS) {
      const problem = this.open.get(reporter);
      if (problem !== undefined) return problem.toLine();
    }
    return null;
  }
}

/**
 * Faults after which the processor stands still and goes on serving what it has: reading on would hide them, and a restart would meet
 * them again.
 */
export function isStandstill({ code, kind }: LedgerflowError): boolean {
  return (code in SOURCE_CODES && kind === 'fatal') || code === 'LF_CUT_HOLE' || code === 'LF_CUT_ORDER';
}
