// `ledgerflow processor` (internal): the processor as the supervisor and the compose file start it.

import type { Command } from 'commander';
import { loadConfig } from '../../infra/runtime/config.ts';
import { runProcessor } from '../processor/processor-run.ts';
import { stopSignal } from '../support/stop-signal.ts';

export function register(program: Command): void {
  program
    .command('processor', { hidden: true })
    .description('Run the stream processor in the foreground against running MySQL, Kafka and Connect (started by `ledgerflow up`).')
    .addHelpText('after', '\nExample:\n  $ LEDGERFLOW_KAFKA_BROKERS=127.0.0.1:9092 LEDGERFLOW_MYSQL_URL=mysql://… ledgerflow processor')
    .action(async () => {
      await runProcessor(loadConfig(), stopSignal());
    });
}
