// Codes of parked records and of the local control door through which they are re-driven.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const PARKED_CODES = {
  LF_ENVELOPE_UNREADABLE: {
    kind: 'poison',
    cause: 'A Kafka message is not a change event as Debezium writes it.',
    remedy:
      'The record is kept with its bytes (`ledgerflow dlq show ID`); find out who wrote it to the topic, then `ledgerflow dlq discard ID --reason …`.',
  },
  LF_RECORD_UNCONVERTIBLE: {
    kind: 'poison',
    cause: "A value of a change event does not fit its column's type, or the event's fields are not those of the table.",
    remedy:
      'The record is kept with the field named; silver stays at its last good version. Mend the column and `ledgerflow dlq redrive ID`, or discard the record.',
  },
  LF_RECORD_WAITS: {
    kind: 'poison',
    cause: 'An earlier change of the same key is parked; this one waits behind it, so that the order of changes is kept.',
    remedy: 'Re-drive or discard the record that it waits behind (`ledgerflow dlq list`); this one follows in the same step.',
  },
  LF_TABLE_UNKNOWN: {
    kind: 'poison',
    cause: 'A topic under the prefix names a table of which no schema was ever captured.',
    remedy:
      'If the table is real, re-drive the records once it has been created or captured (`ledgerflow dlq redrive --table NAME`); otherwise discard them.',
  },
  LF_PARKED_FLOOD: {
    kind: 'retryable',
    cause: 'So many records are parked that ingestion was paused; Kafka keeps what is not read.',
    remedy:
      'Find the cause (`ledgerflow dlq list`), then re-drive or discard (it goes on by itself below the limit), or raise LEDGERFLOW_PARKED_PER_MINUTE_MAX, LEDGERFLOW_PARKED_TOTAL_MAX or LEDGERFLOW_PARKED_MB_MAX.',
  },
  LF_PARKED_UNKNOWN: {
    kind: 'fatal',
    cause: 'There is no open parked record with this number, or none that matches.',
    remedy: '`ledgerflow dlq list` shows the open ones, `ledgerflow dlq list --status all` those already dealt with.',
  },
  LF_PARKED_EDIT: {
    kind: 'fatal',
    cause: 'The new value of a parked record is no change event in JSON, or of another place, operation or table than the old one.',
    remedy: 'Take the value of `ledgerflow dlq show ID --value`, change fields of before and after only, and edit again.',
  },
  LF_REDRIVE_FAILED: {
    kind: 'fatal',
    cause: 'A re-drive was refused by the store as a whole; nothing was changed.',
    remedy: 'Read the cause; re-drive fewer records to find the one that does not fit, and discard it if it cannot be mended.',
  },
  LF_CONTROL_UNREACHABLE: {
    kind: 'retryable',
    cause: 'The running processor does not answer at its local control door.',
    remedy: '`ledgerflow status` tells whether it runs; a starting processor answers as soon as its store is open.',
  },
  LF_CONTROL_DENIED: {
    kind: 'fatal',
    cause: 'A control command came without the token of the running processor, or from another machine.',
    remedy: 'Use `ledgerflow` as the user who owns the home folder, on the same machine: the token is in its control.json.',
  },
  LF_CONTROL_FAILED: {
    kind: 'fatal',
    cause: 'A control command failed for a reason that was not foreseen; nothing was changed.',
    remedy: "Read the message and the processor's log (`.ledgerflow/logs/processor.log`).",
  },
  LF_CONTROL_UNKNOWN: {
    kind: 'fatal',
    cause: 'The running processor does not know this control command.',
    remedy: 'Command line and processor are of different versions: restart with `ledgerflow down` and `ledgerflow up`.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
