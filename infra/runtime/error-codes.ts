// Every code a user can meet, with its kind, cause and remedy. docs/errors.md is generated from this table.

/** Retryable: the same call may succeed later. Poison: park this record. Fatal: stop, a person must act. Aborted: not an error. */
export type FailureKind = 'retryable' | 'poison' | 'fatal' | 'aborted';

interface ErrorCodeEntry {
  readonly kind: FailureKind;
  readonly cause: string;
  readonly remedy: string;
}

export const ERROR_CODES = {
  LF_CONFIG_INVALID: {
    kind: 'fatal',
    cause: 'A setting has a value that is not allowed, or its name is unknown.',
    remedy: 'Correct the named setting; `ledgerflow up --help` and docs/configuration.md list all of them.',
  },
  LF_ALREADY_RUNNING: {
    kind: 'fatal',
    cause: 'Another `ledgerflow up` works in the same home folder.',
    remedy: 'Use that one (`ledgerflow status`), stop it with `ledgerflow down`, or set LEDGERFLOW_HOME to another folder.',
  },
  LF_NOT_RUNNING: {
    kind: 'fatal',
    cause: 'No `ledgerflow up` runs in this home folder.',
    remedy: 'Start it with `npm start` or `npx ledgerflow up`.',
  },
  LF_RUN_FILE: {
    kind: 'fatal',
    cause: 'A record in the home folder was damaged from outside.',
    remedy: 'Stop LedgerFlow, move the named file away and start again; a lost secrets.json also needs `ledgerflow reset --yes`.',
  },
  LF_PLATFORM_UNSUPPORTED: {
    kind: 'fatal',
    cause: 'A native part cannot be obtained on this system.',
    remedy: 'Run `docker compose up` (docker-compose.yml) instead, or install the named program yourself.',
  },
  LF_PART_DOWNLOAD: {
    kind: 'retryable',
    cause: 'A package could not be obtained after several attempts.',
    remedy: 'Check the network, proxy and mirror settings of the named package tool, then run `npx ledgerflow setup` again.',
  },
  LF_PART_CHECKSUM: {
    kind: 'fatal',
    cause: 'A downloaded file is not the one that infra/native/parts.lock.json names.',
    remedy: 'Nothing was installed. Run `npx ledgerflow setup` again; if it repeats, your mirror serves something else: report it.',
  },
  LF_JAVA_MISSING: {
    kind: 'fatal',
    cause: 'Kafka and Kafka Connect need Java 17 or newer.',
    remedy: 'Install a JRE (17 or newer) or set JAVA_HOME to one.',
  },
  LF_PORT_TAKEN: {
    kind: 'fatal',
    cause: 'The preferred port and the ones after it are in use.',
    remedy: 'Stop what uses them or choose another with the LEDGERFLOW_…_PORT setting.',
  },
  LF_PART_START: {
    kind: 'fatal',
    cause: 'A part ended or did not become healthy in time after it was started.',
    remedy: 'Its log file says why; `ledgerflow doctor` checks the usual causes.',
  },
  LF_MYSQL_LOGIN: {
    kind: 'fatal',
    cause: 'MySQL refused the user or password.',
    remedy: 'Correct LEDGERFLOW_MYSQL_URL, or restore secrets.json of the home folder the database was made with.',
  },
  LF_MYSQL_UNREACHABLE: {
    kind: 'retryable',
    cause: 'Nothing answers at the address of the MySQL server.',
    remedy: 'Check host and port of LEDGERFLOW_MYSQL_URL and that the server runs.',
  },
  LF_MYSQL_SETTINGS: {
    kind: 'fatal',
    cause: 'The MySQL server lacks a setting or privilege that change capture needs.',
    remedy: 'Change what is named (infra/mysql/my.cnf shows all of it), restart MySQL, and run `ledgerflow doctor`.',
  },
  LF_HTTP_START: {
    kind: 'fatal',
    cause: 'The HTTP side (/metrics, /health, /status) cannot listen at its address.',
    remedy: 'Choose an address of this machine with LEDGERFLOW_METRICS_HOST and LEDGERFLOW_METRICS_PORT.',
  },
  LF_STOP_DEADLINE: {
    kind: 'fatal',
    cause: 'A task did not end in time while the program stopped.',
    remedy: 'Nothing committed is lost; start again. If it repeats, report it with the log.',
  },
  LF_STORE_LOCKED: {
    kind: 'fatal',
    cause: 'Another process has the working store open; two writers would break exactly-once.',
    remedy: 'Stop the other processor (`ledgerflow down`), or use another LEDGERFLOW_HOME.',
  },
  LF_STORE_OPEN: {
    kind: 'fatal',
    cause: 'The working store file cannot be opened or is damaged.',
    remedy: 'Check the disk and the permissions of the folder; if the file is damaged, `ledgerflow reset --yes` rebuilds it from Kafka.',
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
  LF_ENVELOPE_UNREADABLE: {
    kind: 'poison',
    cause: 'A Kafka message is not a change event as Debezium writes it.',
    remedy: 'The record is kept in bronze and in ops.parked with its bytes; find out who wrote it to the topic.',
  },
  LF_COLUMN_UNSUPPORTED: {
    kind: 'fatal',
    cause: 'A captured column has a MySQL type whose values cannot be carried exactly.',
    remedy: 'Change the column to a carried type (docs/types.md), or leave the table out of the captured ones.',
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
  LF_USAGE: { kind: 'fatal', cause: 'The command was called with arguments it cannot use.', remedy: '`ledgerflow <command> --help` shows examples.' },
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
  LF_SQL_FAILED: { kind: 'fatal', cause: 'The statement was refused or failed.', remedy: 'Correct the statement; the endpoint only reads.' },
  LF_TOPIC_UNKNOWN: { kind: 'fatal', cause: 'The broker has no such topic.', remedy: '`ledgerflow topics` lists all of them.' },
  LF_OFFSET_HOLE: {
    kind: 'fatal',
    cause: 'A partition continues at a later offset than the last one read: records are missing (retention, compaction, or a topic made anew).',
    remedy: 'Check retention and cleanup policy of the topic; restore the records, or rebuild with a new snapshot (`ledgerflow reset --yes`).',
  },
  LF_CUT_HOLE: {
    kind: 'fatal',
    cause: 'A record belongs to a transaction that is already committed, or records of a transaction are missing for good.',
    remedy: 'Do not go on: compare the table with MySQL, look for deleted or foreign records in the topic, and rebuild with a new snapshot.',
  },
  LF_CUT_ORDER: {
    kind: 'fatal',
    cause: 'Transactions came out of GTID order, for example because GTIDs were assigned by hand (gtid_next) or by a multi-threaded replica.',
    remedy: 'Capture from a server that assigns its GTIDs itself (or with replica_preserve_commit_order=ON), then take a new snapshot.',
  },
  LF_LAKE_OPEN: {
    kind: 'retryable',
    cause: "The published lake's catalog cannot be opened.",
    remedy: 'Ingestion goes on. End other programs that have catalog.ducklake open (readers use ledgerflow.ducklake); publication then starts by itself.',
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
    remedy: 'Restore the lake folder, or rebuild everything from Kafka with `ledgerflow reset --yes`.',
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
  LF_UP_FAILED: { kind: 'fatal', cause: 'A detached start ended before it was streaming.', remedy: 'Its log file tells the whole story.' },
  LF_CONFIRMATION_NEEDED: { kind: 'fatal', cause: 'The command destroys data.', remedy: 'Repeat it with --yes if that is what you want.' },
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
  LF_SERVER_CHANGED: {
    kind: 'fatal',
    cause: 'The MySQL server behind the connector is another one than before (its server UUID changed): transaction numbers start anew.',
    remedy: 'Nothing was applied from the new server. Restore the old server, or start a new history with `ledgerflow reset --yes`.',
  },
  LF_GOLD_MODEL: {
    kind: 'fatal',
    cause: 'A gold model or check file is not what its loader expects.',
    remedy: 'Correct the named file; the other files in its folder show the form.',
  },
  LF_GOLD_AHEAD: {
    kind: 'fatal',
    cause: 'Gold contains commits that the working store does not have: the store was replaced by an older copy.',
    remedy: 'Restore the newer store, or start from empty with `ledgerflow reset --yes`. Gold never goes back by itself (G9).',
  },
  LF_RECORD_UNCONVERTIBLE: {
    kind: 'poison',
    cause: "A value of a change event does not fit its column's type, or the event's fields are not those of the table.",
    remedy: 'The record is kept in ops.parked with the field named; the row in silver stays at its last good version.',
  },
  LF_ABORTED: { kind: 'aborted', cause: 'The work was cancelled on request.', remedy: 'Nothing to do.' },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
