// `ledgerflow setup`: gets the native parts into the cache and builds the web pages, without starting anything. `npm start` and `npm test` call it first.

import type { Command } from 'commander';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { findStack, obtainStack } from '../../infra/native/obtain/stack.ts';
import { buildPages, pagesAreBuilt } from '../../dashboards/web/build.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { printLine } from '../support/output.ts';
import { stopSignal } from '../support/stop-signal.ts';

const HELP = `
Nothing is installed in the system: all goes to LEDGERFLOW_CACHE (default: the user's cache folder).

Example:
  $ ledgerflow setup`;

export function register(program: Command): void {
  program
    .command('setup')
    .description('Fetch MySQL, Kafka, Debezium, Java and DuckLake into the cache, verified; build the web pages; start nothing.')
    .option('--quiet', 'say nothing when all is there already')
    .addHelpText('after', HELP)
    .action(async (options: { quiet?: boolean }) => {
      const config = loadConfig();
      if (!pagesAreBuilt()) {
        printLine('Building the pages of the web dashboards …');
        await buildPages();
      }
      if (options.quiet === true && (await findStack(config)) !== undefined) return;
      const onProgress = ({ part, text }: { part: string; text: string }): void => printLine(`${part}: ${text}`);
      await obtainStack(config, { onProgress, signal: stopSignal() });
      printLine(`All parts are ready in ${cacheFolder(config.cache)}`);
    });
}
