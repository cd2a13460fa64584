// Codes of Avro and the schema registry. Part of ERROR_CODES.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const REGISTRY_CODES = {
  LF_REGISTRY_UNREACHABLE: {
    kind: 'retryable',
    cause: 'The schema registry does not answer, so messages in Avro whose schema is not known yet cannot be read.',
    remedy:
      'Nothing is lost: reading pauses and goes on by itself. Check that the registry runs and that LEDGERFLOW_REGISTRY_URL is right.',
  },
  LF_REGISTRY_EMPTY: {
    kind: 'retryable',
    cause:
      'The schema registry answers but holds no schema at all, while messages in Kafka name one: it has lost its data, or is another one.',
    remedy: 'Nothing is lost: reading pauses. Restore the registry with its ids, or point LEDGERFLOW_REGISTRY_URL at the right one.',
  },
  LF_REGISTRY_UNSET: {
    kind: 'poison',
    cause: 'A message is in the wire format of a schema registry (Avro), and no registry is set.',
    remedy: 'The record is parked with its bytes. Set LEDGERFLOW_REGISTRY_URL, start again and re-drive the parked records.',
  },
  LF_SCHEMA_UNKNOWN: {
    kind: 'poison',
    cause: 'The schema registry answers, holds other schemas, and does not have the one that the message names.',
    remedy:
      'The record is parked with its bytes. Find out who wrote it and to which registry; restore the schema under its id and re-drive.',
  },
  LF_SCHEMA_UNUSABLE: {
    kind: 'poison',
    cause:
      'The schema of the message is no Avro schema, or one that cannot be carried exactly (a nullable column with a default, a union).',
    remedy:
      'Remove what the message names (for a column: ALTER TABLE … ALTER COLUMN … DROP DEFAULT, or NOT NULL), or use LEDGERFLOW_FORMAT=json.',
  },
  LF_AVRO_UNREADABLE: {
    kind: 'poison',
    cause: 'The bytes of the message are not what its schema says.',
    remedy: 'The record is kept in bronze and in ops.parked with its bytes; find out who wrote it to the topic.',
  },
  LF_SCHEMA_INCOMPATIBLE: {
    kind: 'retryable',
    cause: "The registry refuses the schema of one of LedgerFlow's own topics: an incompatible one is registered under the same subject.",
    remedy:
      'Set the compatibility of the named subject to NONE, or remove the foreign schema; what was to be written is kept and written then.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
