// Codes of what proves the bank's ledger: the audit chain, the rebuilt balances, the journal export.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const PROOF_CODES = {
  LF_AUDIT_BROKEN: {
    kind: 'fatal',
    cause: 'Posted transactions, or the evidence about them, are not what was sealed: somebody changed them past the triggers.',
    remedy:
      'Treat it as an incident: keep the data folder and binlogs as they are, and follow "The ledger was changed" in docs/bank-audit.md.',
  },
  LF_AUDIT_BUSY: {
    kind: 'retryable',
    cause: 'Another process carries the audit chain on and has not finished in time.',
    remedy: 'Nothing to do: that process seals what there is. `ledgerflow bank audit` without --advance needs no turn.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
