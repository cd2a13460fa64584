// Codes of column policies and their keys.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const PRIVACY_CODES = {
  LF_POLICY_FILE: {
    kind: 'fatal',
    cause: 'privacy.json in the home folder is not what a file of column policies must be; nothing is read without it.',
    remedy: 'Correct the line that is named; docs/privacy.md has every field. `ledgerflow privacy check` looks at the file alone.',
  },
  LF_POLICY_REFUSED: {
    kind: 'fatal',
    cause:
      'A column policy does not fit the tables: a name that MySQL does not have, a key, a column that gold computes with, a type that is no text.',
    remedy: 'Correct the lines that are named; `ledgerflow privacy check` shows all of them with what to do.',
  },
  LF_POLICY_LATE: {
    kind: 'fatal',
    cause: 'A column policy was added after values of the column had been stored: the store and the lake hold them as they were.',
    remedy:
      'Let both be made again from Kafka, through the policy: `ledgerflow down && ledgerflow rebuild --yes && ledgerflow up`, then remove the folder it names and backups: they have the clear values.',
  },
  LF_POLICY_COLUMN: {
    kind: 'fatal',
    cause:
      'The source gave a table or column of a policy another name, or removed it: values might come under a name that no policy speaks of.',
    remedy:
      'Add the new name to privacy.json, let the old one stay with "gone": true (Kafka still has its values), then start the processor again.',
  },
  LF_POLICY_KEYS: {
    kind: 'fatal',
    cause: 'A file of keys in the folder privacy of the home folder cannot be read or written.',
    remedy:
      'Check the disk, its permissions (0600, owner only) and the line that is named. Put the file back from its own backup; never make an empty one: tokens would become others.',
  },
  LF_TOKEN_UNKNOWN: {
    kind: 'fatal',
    cause: 'A token cannot be turned back: it is none, it was altered, or its key was deleted.',
    remedy: 'After an erasure nothing brings the value back; otherwise copy the whole token.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
