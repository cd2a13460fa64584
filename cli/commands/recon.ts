// `ledgerflow recon`: external statements against the ledger: run, look, explain, decide, check the log.

import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { printJson, printLine } from '../support/output.ts';
import { registerActions } from './recon/actions.ts';
import { registerInspect } from './recon/inspect.ts';
import { registerEvaluate } from './recon/evaluate.ts';
import { registerExport } from './recon/export.ts';
import { registerReads } from './recon/reads.ts';
import { registerRun } from './recon/run.ts';
import { registerSelf } from './recon/self.ts';

const HELP = `
Examples:
  $ ledgerflow recon run --source bank_csv --date 2025-07-13 --file-path ./data/bank_dump.csv
  $ ledgerflow recon status 2025-07-13
  $ ledgerflow recon breaks`;

const sourcesSchema = z.object({ sources: z.array(z.looseObject({ name: z.string(), description: z.string() })) });

export function register(program: Command): void {
  const recon = program.command('recon').description('Reconcile external statements with the ledger.').addHelpText('after', HELP);
  registerRun(recon, 'run');
  registerReads(recon);
  registerActions(recon);
  registerInspect(recon);
  registerEvaluate(recon);
  registerExport(recon);
  registerSelf(recon);
  recon
    .command('sources')
    .description('List the sources of statements.')
    .option('--json', 'print their definitions as one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow recon sources')
    .action(sources);
}

async function sources({ json }: { json?: boolean }): Promise<void> {
  const answer = await callControl(loadConfig().home, 'recon/sources', {});
  if (json === true) {
    printJson(answer);
    return;
  }
  for (const { name, description } of sourcesSchema.parse(answer).sources) printLine(`${name}  ${description}`);
}
