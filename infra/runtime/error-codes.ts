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
  LF_ABORTED: { kind: 'aborted', cause: 'The work was cancelled on request.', remedy: 'Nothing to do.' },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
