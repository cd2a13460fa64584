// Codes of reconciliation: runs, files, breaks, its log and its HTTP API.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const RECON_CODES = {
  LF_RECON_SOURCE: {
    kind: 'fatal',
    cause: 'There is no source of this name, or its file is not valid.',
    remedy: 'Name one of those listed, or correct the field named; docs/reconciliation.md says what a source file holds.',
  },
  LF_RECON_FILE: {
    kind: 'fatal',
    cause: 'The file of a statement cannot be read.',
    remedy: 'Check the path and its permissions; the processor reads it, on the machine it runs on.',
  },
  LF_RECON_COLUMNS: {
    kind: 'fatal',
    cause: 'A file that is compared has no column that is known to be what matching needs.',
    remedy: 'Name the columns: `--map date=posted,amount=value,text=memo`, with `external.` or `internal.` before a role of one side only.',
  },
  LF_RECON_FILE_REPEATED: {
    kind: 'fatal',
    cause: 'The same file was read for another day of the source.',
    remedy: 'Run the day with its own file. The same day may be run again with the same file.',
  },
  LF_RECON_REFUSED: {
    kind: 'fatal',
    cause: 'A statement was refused as a whole, so nothing of it was compared.',
    remedy: 'Correct what the message names, or ask the other side for a new file, and run the day again.',
  },
  LF_RECON_TOO_MANY: {
    kind: 'fatal',
    cause: 'More rows than fit in memory are not settled by their numbers.',
    remedy: 'Give the source patterns for our numbers (rules.idPatterns), or run shorter periods.',
  },
  LF_RECON_FAILED: {
    kind: 'fatal',
    cause: 'A stage of a reconciliation run failed again and again.',
    remedy: 'Read the error; when its cause is mended, run the day again: it is the next attempt.',
  },
  LF_RECON_UNKNOWN: {
    kind: 'fatal',
    cause: 'There is no such run, match, row or break.',
    remedy: '`ledgerflow recon status`, `ledgerflow recon logs` and `ledgerflow recon breaks` show their names.',
  },
  LF_RECON_NOT_ALLOWED: {
    kind: 'fatal',
    cause: 'The change is not one that the state of the break or match allows, or the person may not make it.',
    remedy: 'Look at its events (`ledgerflow recon explain`); an approval needs somebody other than who asked.',
  },
  LF_RECON_LOGIN: {
    kind: 'fatal',
    cause: 'The bank asks for logins, and a correcting journal was asked for or approved without a valid operator token.',
    remedy: 'Log in: `--login <email>` with the password on standard input, or an access token in LEDGERFLOW_BANK_TOKEN.',
  },
  LF_RECON_BANK: {
    kind: 'fatal',
    cause: 'The bank did not take the correcting journal of a break.',
    remedy: 'Mend what the bank names and approve again: the key of the request is the break, so it is posted once at most.',
  },
  LF_RECON_CHAIN: {
    kind: 'fatal',
    cause: 'A log of reconciliation is not what was written: an entry was changed, removed or added.',
    remedy: 'Compare with the exports of the day and the backups of the store; the message names the first entry that differs.',
  },
  LF_RECON_SERVE: {
    kind: 'fatal',
    cause: 'The HTTP API of reconciliation cannot listen.',
    remedy: 'Read the cause; choose another port with LEDGERFLOW_RECON_PORT.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
