// Codes of the machine's side: settings, the command line, the native parts, starting and stopping.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const HOST_CODES = {
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
    remedy:
      'Stop LedgerFlow, move the named file away and start again; a lost secrets.json has to be put back from a copy, since MySQL knows its passwords only (`ledgerflow reset --yes` removes the bank with all else).',
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
  LF_DASHBOARDS_START: {
    kind: 'fatal',
    cause: 'The web dashboards cannot listen at their address.',
    remedy: 'Choose an address of this machine with LEDGERFLOW_DASHBOARDS_HOST and LEDGERFLOW_DASHBOARDS_PORT.',
  },
  LF_WEB_BUILD: {
    kind: 'fatal',
    cause: 'The pages of the web dashboards could not be built from their sources.',
    remedy: 'Run `npm ci`, then `npx ledgerflow setup`; the message says which file is wrong.',
  },
  LF_BANK_START: {
    kind: 'fatal',
    cause: 'The bank API cannot listen at its address.',
    remedy: 'Choose an address of this machine with LEDGERFLOW_BANK_HOST and LEDGERFLOW_BANK_PORT.',
  },
  LF_STOP_DEADLINE: {
    kind: 'fatal',
    cause: 'A task did not end in time while the program stopped.',
    remedy: 'Nothing committed is lost; start again. If it repeats, report it with the log.',
  },
  LF_USAGE: {
    kind: 'fatal',
    cause: 'The command was called with arguments it cannot use.',
    remedy: '`ledgerflow <command> --help` shows examples.',
  },
  LF_WAIT_OVER: {
    kind: 'retryable',
    cause: 'The lake does not include the transaction within the given time, or it is of another MySQL server.',
    remedy: 'Wait longer (--timeout); `ledgerflow status` says how far the lake is and what holds it.',
  },
  LF_UP_FAILED: { kind: 'fatal', cause: 'A detached start ended before it was streaming.', remedy: 'Its log file tells the whole story.' },
  LF_CONFIRMATION_NEEDED: { kind: 'fatal', cause: 'The command destroys data.', remedy: 'Repeat it with --yes if that is what you want.' },
} as const satisfies Record<string, ErrorCodeEntry>;
