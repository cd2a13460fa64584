// `ledgerflow bank serve`: the bank API in the foreground. `ledgerflow up` starts it as the part `bank`.

import { once } from 'node:events';
import type { Command } from 'commander';
import { startBank } from '../../../bank/api/serve.ts';
import { createBankMetrics } from '../../../infra/runtime/bank-metrics.ts';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { createLog } from '../../../infra/runtime/log.ts';

import { runBankJobs } from '../../bank/bank-jobs.ts';
import { bankLogin } from '../../bank/bank-login.ts';
import { stopSignal } from '../../support/stop-signal.ts';
import { productVersion } from '../../support/version.ts';

const HELP = `
Listens on LEDGERFLOW_BANK_HOST and LEDGERFLOW_BANK_PORT. Without LEDGERFLOW_MYSQL_URL it uses the MySQL of the run in this home folder.
With LEDGERFLOW_BANK_AUTH=off, the default, requests need no login: keep it to this machine.

Examples:
  $ ledgerflow bank serve
  $ LEDGERFLOW_BANK_AUTH=on LEDGERFLOW_BANK_PORT=8010 ledgerflow bank serve`;

export function registerServe(bank: Command): void {
  bank
    .command('serve')
    .description('Run the bank API in the foreground (part of `ledgerflow up`).')
    .addHelpText('after', HELP)
    .action(async () => {
      const config = loadConfig();
      const log = createLog({ level: config.logLevel, part: 'bank' });
      const signal = stopSignal();
      const { bankHost: host, bankPort: port, bankAuth: auth, bankExecution: execution, home } = config;
      const version = productVersion();
      const metrics = createBankMetrics();
      await using server = await startBank({ host, port, auth, execution, home, login: bankLogin(config), version, log, metrics });
      log.info(
        { url: server.url, docs: `${server.url}/docs`, auth },
        auth === 'off' ? 'bank API started; no login is asked for' : 'bank API started',
      );
      const jobs = runBankJobs(config, { login: bankLogin(config), log, metrics, signal });
      if (!signal.aborted) await once(signal, 'abort');
      await jobs;
    });
}
