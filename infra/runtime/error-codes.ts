// Every code a user can meet, with its kind, cause and remedy. docs/errors.md is generated from this table.

import { BACKFILL_CODES } from './error-codes-backfill.ts';
import { GUARD_CODES } from './error-codes-guard.ts';
import { FRAUD_WORK_CODES } from './error-codes-fraud-work.ts';
import { HOST_CODES } from './error-codes-host.ts';
import { PARKED_CODES } from './error-codes-parked.ts';
import { PRIVACY_CODES } from './error-codes-privacy.ts';
import { PROOF_CODES } from './error-codes-proof.ts';
import { QUALITY_CODES } from './error-codes-quality.ts';
import { FRAUD_CODES } from './error-codes-fraud.ts';
import { RECON_CODES } from './error-codes-recon.ts';
import { REGISTRY_CODES } from './error-codes-registry.ts';
import { SOURCE_CODES } from './error-codes-source.ts';
import { STATEMENT_CODES } from './error-codes-statements.ts';
import type { ErrorCodeEntry } from './failure-kind.ts';

export const ERROR_CODES = {
  ...HOST_CODES,
  ...SOURCE_CODES,
  ...PARKED_CODES,
  ...REGISTRY_CODES,
  ...PROOF_CODES,
  ...PRIVACY_CODES,
  ...QUALITY_CODES,
  ...GUARD_CODES,
  ...FRAUD_CODES,
  ...STATEMENT_CODES,
  ...FRAUD_WORK_CODES,
  ...RECON_CODES,
  ...BACKFILL_CODES,
  LF_STORE_LOCKED: {
    kind: 'fatal',
    cause: 'Another process has the working store open; two writers would break exactly-once.',
    remedy: 'Stop the other processor (`ledgerflow down`), or use another LEDGERFLOW_HOME.',
  },
  LF_STORE_OPEN: {
    kind: 'fatal',
    cause: 'The working store file cannot be opened or is damaged.',
    remedy:
      'Check the disk and the permissions of the folder; if the file is damaged, `ledgerflow down && ledgerflow rebuild --yes && ledgerflow up` makes it again from Kafka.',
  },
  LF_STORE_INVALIDATED: {
    kind: 'fatal',
    cause: 'DuckDB has ended its instance after a write that failed in the middle of a checkpoint, usually for want of space.',
    remedy: 'Make room on the disk that the message names; the processor is started again, opens the store at its last commit and goes on.',
  },
  LF_STORE_FENCED: {
    kind: 'fatal',
    cause: 'A newer processor has taken the working store; this one must not commit any more.',
    remedy: 'Nothing to do: the newer processor goes on. Make sure that only one is started.',
  },
  LF_COMMIT_FAILED: {
    kind: 'fatal',
    cause: 'A commit of the working store failed for a reason that parking a record cannot mend.',
    remedy: 'Read the cause; the processor restarts from the last commit and nothing is lost.',
  },
  LF_KAFKA_UNREACHABLE: {
    kind: 'retryable',
    cause: 'No Kafka broker answers at the configured address.',
    remedy: 'Check that the broker runs and that LEDGERFLOW_KAFKA_BROKERS is right.',
  },
  LF_FETCH_ENDED: {
    kind: 'retryable',
    cause: 'The thread of the processor that reads Kafka ended.',
    remedy: 'Start the processor again: it reads on from the last commit. If it ends again, report the message with the log.',
  },
  LF_COLUMN_UNSUPPORTED: {
    kind: 'fatal',
    cause: 'A captured column has a MySQL type whose values cannot be carried exactly.',
    remedy: 'Change the column to a carried type (docs/types.md), or leave the table out of the captured ones.',
  },
  LF_TABLE_REFUSED: {
    kind: 'fatal',
    cause: 'A table of the captured database would stop the connector or lose values (docs/types.md says which do).',
    remedy: 'Change what is named, or leave the table out with LEDGERFLOW_EXCLUDE_TABLES; `ledgerflow doctor` names all of them.',
  },
  LF_TABLE_HELD: {
    kind: 'fatal',
    cause: 'MySQL may have changed rows of the table without change events (docs/schema-changes.md), so silver of it stays as it was.',
    remedy: 'Run `ledgerflow connector resnapshot TABLE`; the other tables go on meanwhile.',
  },
  LF_RESNAPSHOT: {
    kind: 'fatal',
    cause: 'A table cannot be read again by an incremental snapshot, or that has failed.',
    remedy:
      'Remove what the message names and run it again; `ledgerflow down && ledgerflow resnapshot --yes && ledgerflow up` reads everything anew.',
  },
  LF_CONNECT_UNREACHABLE: {
    kind: 'retryable',
    cause: 'Nothing answers at the address of the Kafka Connect REST interface.',
    remedy: 'Check that Connect runs (`ledgerflow status`) and LEDGERFLOW_CONNECT_URL.',
  },
  LF_CONNECTOR_CONFIG: {
    kind: 'fatal',
    cause: 'Kafka Connect refused the configuration of the connector.',
    remedy: 'Correct what the message names; `ledgerflow doctor` checks the MySQL user and its grants.',
  },
  LF_CONNECTOR_FAILED: {
    kind: 'retryable',
    cause: "The connector's task does not run.",
    remedy: 'Remove the cause that the message names, then `ledgerflow connector restart`.',
  },
  LF_MIGRATION_EDITED: {
    kind: 'fatal',
    cause: 'A migration in bank/schema was changed after it had been applied to this database.',
    remedy: 'Restore the named file as it was and put the change into a new, higher-numbered migration.',
  },
  LF_MIGRATION_NEWER: {
    kind: 'fatal',
    cause: 'The database was migrated by a newer LedgerFlow than this one.',
    remedy: 'Update this LedgerFlow, or use another database.',
  },
  LF_MIGRATION_FAILED: {
    kind: 'fatal',
    cause: 'MySQL refused a statement of the named migration.',
    remedy: 'Correct what the message says (often a missing privilege); the migration is repeated as a whole at the next start.',
  },
  LF_MIGRATION_BUSY: {
    kind: 'retryable',
    cause: 'Another process has been migrating the same database for too long.',
    remedy: 'Wait for it or end it, then start again.',
  },
  LF_WIRE_UNREACHABLE: {
    kind: 'retryable',
    cause: 'The PostgreSQL endpoint does not answer.',
    remedy: '`ledgerflow status` tells how far the start is; it listens from the end of the start on.',
  },
  LF_WIRE_LOGIN: {
    kind: 'fatal',
    cause: 'The PostgreSQL endpoint refused user or password.',
    remedy: '`ledgerflow status --json` prints the valid ones under `wire`.',
  },
  LF_WIRE_TLS: {
    kind: 'fatal',
    cause: 'The certificate or the key of the PostgreSQL endpoint cannot be used.',
    remedy:
      'Check LEDGERFLOW_WIRE_TLS_CERT and LEDGERFLOW_WIRE_TLS_KEY (PEM, belonging together, readable), or leave both out for a self-signed one.',
  },
  LF_SQL_FAILED: {
    kind: 'fatal',
    cause: 'The statement was refused or failed.',
    remedy: 'Correct the statement; the endpoint only reads.',
  },
  LF_TOPIC_UNKNOWN: { kind: 'fatal', cause: 'The broker has no such topic.', remedy: '`ledgerflow topics` lists all of them.' },
  LF_CUT_HOLE: {
    kind: 'fatal',
    cause: 'A record belongs to a transaction that is already committed, or records of a transaction are missing for good.',
    remedy:
      'Do not go on: compare the table with MySQL, look for deleted or foreign records in the topic, and rebuild with a new snapshot.',
  },
  LF_CUT_ORDER: {
    kind: 'fatal',
    cause:
      'Transactions came out of GTID order, for example because GTIDs were assigned by hand (gtid_next) or by a multi-threaded replica.',
    remedy: 'Capture from a server that assigns its GTIDs itself (or with replica_preserve_commit_order=ON), then take a new snapshot.',
  },
  LF_LAKE_OPEN: {
    kind: 'retryable',
    cause: "The published lake's catalog cannot be opened.",
    remedy:
      'Ingestion goes on. End other programs that have catalog.ducklake open (readers use ledgerflow.ducklake); publication then starts by itself.',
  },
  LF_LAKE_FENCED: {
    kind: 'fatal',
    cause: 'A newer processor has taken the published lake.',
    remedy: 'Stop this processor; only the newest may publish.',
  },
  LF_LAKE_AHEAD: {
    kind: 'fatal',
    cause: 'The published lake shows commits the working store does not have: the store is an older copy. Publication never goes back.',
    remedy: 'Restore the store the lake was published from, or move the lake folder away to publish a new one.',
  },
  LF_LAKE_BEHIND: {
    kind: 'fatal',
    cause: 'The working store has handed bronze to a lake that no longer has it: the lake is an older copy or was removed.',
    remedy:
      'Restore the lake folder, or make store and lake again from Kafka: `ledgerflow down && ledgerflow rebuild --yes && ledgerflow up`.',
  },
  LF_LAKE_FOREIGN: {
    kind: 'fatal',
    cause: 'The published lake belongs to another history than the working store (their bronze chains differ).',
    remedy: 'Set LEDGERFLOW_HOME to the folder where both belong together, or move the lake folder away.',
  },
  LF_PUBLICATION_FAILED: {
    kind: 'retryable',
    cause: 'A publication of the lake failed and left no trace.',
    remedy: 'Ingestion goes on and publication tries again. If it repeats, check free disk space and the log.',
  },
  LF_WIRE_PORT_TAKEN: {
    kind: 'fatal',
    cause: 'The PostgreSQL endpoint found no free port to listen on.',
    remedy: 'Stop the program that holds the port, or set LEDGERFLOW_WIRE_PORT.',
  },
  LF_BANK_LOAD: {
    kind: 'fatal',
    cause: 'MySQL refused rows of the synthetic world.',
    remedy: 'Read the message: the schema may be older than this program (run `npx ledgerflow up` once), or the login lacks a right.',
  },
  LF_BANK_API: {
    kind: 'fatal',
    cause: 'The bank API refused a request of the synthetic world for a reason that is not money.',
    remedy:
      'Read the message: 401 and 403 need --api-key (`npx ledgerflow bank key create`); anything else may be a world of another bank.',
  },
  LF_BANK_API_DOWN: {
    kind: 'retryable',
    cause: 'The bank API did not answer, or could not reach its database, for longer than the retries last.',
    remedy: 'Start it (`npm start`, or `npx ledgerflow bank`), then run the same command: it goes on where it stopped and doubles nothing.',
  },
  LF_BANK_REFERENCES: {
    kind: 'fatal',
    cause: 'After a load of the synthetic world, rows refer to rows that do not exist.',
    remedy:
      'The message names the foreign key and the rows. Somebody deleted or changed rows during the load: `npx ledgerflow reset` and load again.',
  },
  LF_GOLD_MODEL: {
    kind: 'fatal',
    cause: 'A gold model or check file is not what its loader expects.',
    remedy: 'Correct the named file; the other files in its folder show the form.',
  },
  LF_GOLD_AHEAD: {
    kind: 'fatal',
    cause: 'Gold contains commits that the working store does not have: the store was replaced by an older copy.',
    remedy:
      'Restore the newer store, or make store and lake again from Kafka: `ledgerflow down && ledgerflow rebuild --yes && ledgerflow up`. Gold never goes back by itself (G9).',
  },
  LF_ABORTED: { kind: 'aborted', cause: 'The work was cancelled on request.', remedy: 'Nothing to do.' },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
