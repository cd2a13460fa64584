// `ledgerflow recon evaluate`: how good matching is where the truth is known: on a generated world, or on any two files of rows.

import { InvalidArgumentError, type Command } from 'commander';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { evaluateWorld, type Score } from '../../../stream/recon/evaluate/evaluate.ts';
import { Sources } from '../../../stream/recon/run/source.ts';
import { printJson, printLine } from '../../support/output.ts';
import { renderTable, type Column } from '../../support/table.ts';
import { evaluateFiles, type FilesOptions } from './evaluate-files.ts';

const HELP = `
With a folder, the world's statements are reconciled day by day in a store of their own, with the shipped sources nostro and scheme, and
compared with the world's truth. Lines of refused files, and lines booked after the last file, are in no count.

With --external and --internal, two files (CSV, Parquet, NDJSON) are matched by their rows alone. Columns are found by their names and shown;
--map names them where they are not. The truth is a column that both files share or a file of two numbers a line, and is never matched by.
Where no number ties the rows, what speaks for a pair is learnt from the rows (rule set payments); otherwise the rule set default is used.

Nothing has to run.

Examples:
  $ ledgerflow generate --customers 500 --history 2 --seed 7 --break-rate 0.02 --to world
  $ ledgerflow recon evaluate world
  $ ledgerflow recon evaluate --external bank.parquet --internal books.parquet --truth-column ground_truth
  $ ledgerflow recon evaluate --external bank.csv --internal books.csv --labels pairs.csv --map date=posted,internal.amount=value --json`;

interface Options extends Partial<FilesOptions> {
  readonly json?: boolean;
}

export function registerEvaluate(recon: Command): void {
  recon
    .command('evaluate')
    .description('Measure precision and recall on a generated world, or on two files and their labels.')
    .argument('[folder]', 'folder of a world that `ledgerflow generate --to` has written')
    .option('--external <file>', 'rows of the other side')
    .option('--internal <file>', 'our rows')
    .option('--labels <file>', 'pairs that belong together: the external number, then the internal one')
    .option('--truth-column <name>', 'column of both files whose equal values belong together')
    .option('--map <role=column,…>', 'id, date, amount, credit, debit, direction, currency, text; of one side: external.date=…')
    .option('--rules <name>', 'rule set to match by, instead of default or payments')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(evaluate);
}

async function evaluate(world: string | undefined, options: Options): Promise<void> {
  const { external, internal, labels, truthColumn, json } = options;
  if (world !== undefined) {
    if (external !== undefined || internal !== undefined)
      throw new InvalidArgumentError('give a folder, or --external and --internal, not both');
    await evaluateFolder(world, json === true);
    return;
  }
  if (external === undefined || internal === undefined)
    throw new InvalidArgumentError('give the folder of a world, or two files: --external and --internal');
  if ((labels === undefined) === (truthColumn === undefined))
    throw new InvalidArgumentError('say what is true with --labels or --truth-column, one of them');
  await evaluateFiles({ ...options, external, internal }, json === true);
}

async function evaluateFolder(world: string, json: boolean): Promise<void> {
  const found = await evaluateWorld({ world, sources: new Sources(loadConfig().home) });
  if (json) {
    printJson(found);
    return;
  }
  const { runs, externalRows, internalRows, confirmed, breaks, ms } = found;
  printLine(`${runs} runs, ${externalRows} external and ${internalRows} internal rows, ${(ms / 1_000).toFixed(1)} s`);
  const row = (name: string, score: Score): string[] => [
    name,
    score.precision.toFixed(4),
    score.recall.toFixed(4),
    String(score.found),
    String(score.expected),
  ];
  const columns = ['what', 'precision', 'recall', 'found', 'true'].map((name): Column => ({
    name,
    align: name === 'what' ? 'left' : 'right',
  }));
  printLine(
    renderTable(columns, [
      row('pairs confirmed', confirmed),
      ...Object.entries(breaks).map(([kind, score]) => row(`break: ${kind}`, score)),
    ]),
  );
}
