// Codes of what proves the bank's ledger: the audit chain, the rebuilt balances, the journal export, the lake's equality with MySQL.

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
  LF_VERIFY_DIFFERENT: {
    kind: 'fatal',
    cause: 'Rows of the lake differ from those of MySQL at the same transaction, or published files from the working store.',
    remedy:
      'Read which in ops.verifications; `ledgerflow repair --table … --keys …` reads rows of the working store again from MySQL. docs/verify.md has the rest.',
  },
  LF_REPLAY_STUCK: {
    kind: 'fatal',
    cause: 'A replay has read all of bronze, and messages are left that belong to no complete transaction.',
    remedy:
      '`ledgerflow certify check` or the chain over bronze says whether messages are missing; replay up to an earlier commit with --to.',
  },
  LF_REBUILD_REFUSED: {
    kind: 'fatal',
    cause: 'Store and lake cannot be made again from Kafka alone: some rows are in no topic.',
    remedy: 'Run it with --without-bulk, and after the start `ledgerflow backfill --table TABLE` for each table that the message names.',
  },
  LF_REPLAY_REFUSED: {
    kind: 'fatal',
    cause: 'A replay cannot be promoted or rolled back as it is.',
    remedy:
      'The message says why; make a new replay when the live tables have changed meanwhile. docs/replay.md describes the states of a replay.',
  },
  LF_CERTIFICATE_REFUSED: {
    kind: 'fatal',
    cause: 'Nothing can be certified: the lake does not equal MySQL, or it does not hold what a certificate is about.',
    remedy: 'Read what differs in the message and in `ledgerflow verify`; mend it, then certify again.',
  },
  LF_CERTIFICATE_INVALID: {
    kind: 'fatal',
    cause:
      'A certificate, or what it certifies, is not what it was: the file, the entries, the balances or bronze were altered, or another key signed it.',
    remedy:
      'Treat it as an incident: keep the home folder as it is. The message names what differs; docs/certificates.md says how to go on.',
  },
  LF_CERTIFICATE_LATE: {
    kind: 'retryable',
    cause: 'The lake stands before the commit that a certificate is about: it is not published yet, or the lake is an older copy.',
    remedy:
      'Nothing is proven and nothing refuted. Wait longer with --wait (`ledgerflow status` shows the last publication), or check a newer copy.',
  },
  LF_VERIFY_SOURCE_BUSY: {
    kind: 'retryable',
    cause: 'MySQL commits so much that no snapshot could be taken exactly between two transactions.',
    remedy: 'Try again, or at a quieter time.',
  },
  LF_VERIFY_LATE: {
    kind: 'retryable',
    cause: 'The working store has not reached the transaction that a comparison or certificate is for.',
    remedy: '`ledgerflow status` shows the lag; try again when it is small, or wait longer with --wait.',
  },
  LF_VERIFY_BUSY: {
    kind: 'retryable',
    cause: 'As many comparisons are under way as may be at a time.',
    remedy: 'Try again when they have ended.',
  },
  LF_VERIFY_ENDED: {
    kind: 'retryable',
    cause: 'The reading session of a comparison lasted longer than it may, or the processor was started again.',
    remedy: 'Try again; with --tables, a few tables at a time.',
  },
  LF_VERIFY_SOURCE: {
    kind: 'fatal',
    cause: 'The MySQL server of the comparison is not the one the lake was captured from.',
    remedy: 'Compare with the server whose UUID `ledgerflow status` shows in the last cut.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
