// `ledgerflow features`: the feature set of movements, for training elsewhere.

import path from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { loadFeatures } from '../../stream/fraud/features.ts';
import { instant } from '../support/arguments.ts';
import { printJson, printLine } from '../support/output.ts';
import { renderTable } from '../support/table.ts';

const HELP = `
A feature of a movement knows only what came before it. docs/fraud.md says what the features are.

Examples:
  $ ledgerflow features
  $ ledgerflow features export --from 2026-11-01 --to 2026-11-21 --out november.parquet`;

interface ExportOptions {
  readonly from: string;
  readonly to: string;
  readonly out: string;
}

export function register(program: Command): void {
  const features = program
    .command('features')
    .description('List the features of movements; export them as Parquet.')
    .addHelpText('after', HELP);
  features
    .command('list', { isDefault: true })
    .description('List the features with type and meaning.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow features list --json')
    .action(({ json }: { json?: boolean }) => {
      const set = loadFeatures();
      if (json === true) printJson({ featureSet: set.name, features: set.features });
      else printLine(renderTable(['feature', 'type', 'meaning'].map((name) => ({ name })), set.features.map(({ name, type, about }) => [name, type, about]))); // prettier-ignore
    });
  features
    .command('export')
    .description('Write the features of movements of a range of event time as one Parquet file, with position and feature set.')
    .requiredOption('--from <time>', 'first instant (ISO 8601, UTC)', instant)
    .requiredOption('--to <time>', 'first instant after the range', instant)
    .option('--out <file>', 'the file', 'features.parquet')
    .addHelpText('after', '\nExample:\n  $ ledgerflow features export --from 2026-11-01 --to 2026-11-21 --out november.parquet')
    .action(async ({ from, to, out }: ExportOptions) =>
      printJson(await callControl(loadConfig().home, 'fraud/export-features', { from, to, file: path.resolve(out) })),
    );
}
