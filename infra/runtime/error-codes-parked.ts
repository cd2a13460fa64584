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
} as const satisfies Record<string, ErrorCodeEntry>;
