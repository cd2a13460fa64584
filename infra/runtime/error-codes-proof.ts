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
  LF_AUDIT_UNSEALED: {
    kind: 'retryable',
    cause: 'The transaction is in no block of the audit chain yet, or there is no such posted transaction.',
    remedy: 'Check the number; `ledgerflow bank audit --advance` seals what is settled.',
  },
  LF_LEDGER_DRIFT: {
    kind: 'fatal',
    cause: 'Cached balances differ from the sums of the ledger entries.',
    remedy:
      'Treat it as an incident: the entries are the truth. Stop writers of the named accounts and follow "A balance drifted" in docs/bank-audit.md.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
