// `ledgerflow doctor`: looks at everything that can be wrong and says OK or what to change.

import type { Command } from 'commander';
import { loadConfig } from '../../infra/runtime/config.ts';
import type { Check } from '../doctor/doctor-check.ts';
import { hostChecks } from '../doctor/doctor-host.ts';
import { runChecks } from '../doctor/doctor-run.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLine } from '../support/output.ts';

const HELP = `
Exit code: 0 when all is well, ${EXIT.FAILED} when something must change.

Examples:
  $ ledgerflow doctor
  $ ledgerflow doctor --json | jq '.[] | select(.ok == false)'`;

export function register(program: Command): void {
  program
    .command('doctor')
    .description('Check Node, Java, disk, ports, MySQL, connector, topics, extension and clock; say what to change.')
    .option('--json', 'print one JSON array of {name, ok, found, change}')
    .addHelpText('after', HELP)
    .action(async (options: { json?: boolean }) => {
      const config = loadConfig();
      const checks = [...(await hostChecks(config)), ...(await runChecks(config))];
      if (options.json === true) printJson(checks);
      else for (const check of checks) printLine(lineOf(check));
      process.exitCode = checks.every((check) => check.ok) ? EXIT.OK : EXIT.FAILED;
    });
}

function lineOf({ name, ok, found, change }: Check): string {
  return ok ? `OK      ${name}: ${found}` : `CHANGE  ${name}: ${found}. ${change}`;
}
