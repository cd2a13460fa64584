// Codes of what waits for a person: changes of whole tables, changes of schema, backups.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const GUARD_CODES = {
  LF_CHANGE_WAITS: {
    kind: 'retryable',
    cause:
      'A transaction of the source deletes more of a table than LEDGERFLOW_GUARD_DELETES_MAX allows without asking, or brings many small deletes of a table over LEDGERFLOW_GUARD_WINDOW_DELETES_MAX, or changes a schema that gold depends on. Nothing behind it is taken.',
    remedy: '`ledgerflow guard list` shows it; then `ledgerflow guard approve NUMBER` or `ledgerflow guard reject NUMBER --reason …`.',
  },
  LF_CHANGE_HELD: {
    kind: 'poison',
    cause:
      'A transaction of the source deletes much of the table or changes its schema, and it was rejected or waits for approval; silver keeps the rows from before it.',
    remedy:
      '`ledgerflow guard list`; approve it, or put the rows back in MySQL. Then `ledgerflow connector resnapshot TABLE` reads the table again.',
  },
  LF_GUARD_UNKNOWN: {
    kind: 'fatal',
    cause: 'No guarded change has this number, or it was decided already.',
    remedy: '`ledgerflow guard list --all` shows all of them with their states.',
  },
  LF_BACKUP_FAILED: {
    kind: 'retryable',
    cause: 'A backup could not be taken or tried; what was begun is no backup.',
    remedy: 'Read the cause; give another folder, make room, or try again.',
  },
  LF_BACKUP_BROKEN: {
    kind: 'fatal',
    cause: 'A backup is not what was written: a file is missing or changed, or its content differs from the manifest.',
    remedy: 'Use another backup. Nothing was changed. `ledgerflow restore DIR --drill` tries a backup before it is needed.',
  },
  LF_RESTORE_UNFINISHED: {
    kind: 'fatal',
    cause: 'A restore into this home folder was broken off: store and lake may be of different times, so neither is opened.',
    remedy: 'Run the same `ledgerflow restore DIR --yes` again: it ends what was begun.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
