// `ledgerflow dashboards`: the web dashboards in the foreground. `ledgerflow up` starts them as the part `dashboards`.

import { once } from 'node:events';
import type { Command } from 'commander';
import { startDashboards } from '../../dashboards/api/serve.ts';
import { buildPages } from '../../dashboards/web/build.ts';
import { requireRunning } from '../../infra/native/run-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { createLog } from '../../infra/runtime/log.ts';
import { stopSignal } from '../support/stop-signal.ts';
import { productVersion } from '../support/version.ts';

const HELP = `
Listens on LEDGERFLOW_DASHBOARDS_HOST and LEDGERFLOW_DASHBOARDS_PORT and shows the run of this home folder. The pages are built first
where their sources changed. With LEDGERFLOW_BANK_AUTH=off, the default, they can be opened without a password: keep them to this machine.

Examples:
  $ ledgerflow dashboards
  $ LEDGERFLOW_DASHBOARDS_PORT=3011 ledgerflow dashboards`;

export function register(program: Command): void {
  program
    .command('dashboards')
    .description('Serve the web dashboards in the foreground (part of `ledgerflow up`).')
    .addHelpText('after', HELP)
    .action(async () => {
      const config = loadConfig();
      const log = createLog({ level: config.logLevel, part: 'dashboards' });
      const signal = stopSignal();
      const { wire, bank, connect, kafka, metrics, recon } = requireRunning(config.home).endpoints;
      if (wire === undefined || bank === undefined || connect === undefined || kafka === undefined || metrics === undefined)
        throw new LedgerflowError('LF_NOT_RUNNING', 'the parts that the dashboards show are not up yet', { where: config.home });
      const { dashboardsHost: host, dashboardsPort: port, bankAuth: auth, home } = config;
      const pages = await buildPages();
      await using server = await startDashboards({
        ...{ host, port, auth, home, wire, pages, log },
        bankUrl: bank.url,
        endpoints: { connect, kafka, metrics, ...(recon === undefined ? {} : { recon }) },
        version: productVersion(),
      });
      log.info({ url: server.url, auth }, auth === 'off' ? 'dashboards started; no login is asked for' : 'dashboards started');
      if (!signal.aborted) await once(signal, 'abort');
    });
}
