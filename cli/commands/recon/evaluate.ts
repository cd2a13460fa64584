// `ledgerflow recon evaluate`: how good matching is on a generated world, whose truth is known.

import type { Command } from 'commander';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { evaluateWorld, type Score } from '../../../stream/recon/evaluate/evaluate.ts';
import { Sources } from '../../../stream/recon/run/source.ts';
import { printJson, printLine } from '../../support/output.ts';
import { renderTable } from '../../support/table.ts';

const HELP = `
The world's statements are reconciled day by day in a store of their own, with the shipped sources nostro and scheme, and compared with the
world's truth. Nothing has to run. Lines of refused files, and lines booked after the last file, are in no count.

Example:
  $ ledgerflow generate --customers 500 --history 2 --seed 7 --break-rate 0.02 --to world
  $ ledgerflow recon evaluate world`;

export function registerEvaluate(recon: Command): void {
  recon
    .command('evaluate')
    .description('Measure precision and recall on a world that `ledgerflow generate --to` has written.')
    .argument('<folder>', 'folder of the world')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(evaluate);
}

async function evaluate(world: string, { json }: { json?: boolean }): Promise<void> {
  const found = await evaluateWorld({ world, sources: new Sources(loadConfig().home) });
  if (json === true) {
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
  const columns = ['what', 'precision', 'recall', 'found', 'true'].map((name) => ({
    name,
    align: name === 'what' ? ('left' as const) : ('right' as const),
  }));
  printLine(
    renderTable(columns, [
      row('pairs confirmed', confirmed),
      ...Object.entries(breaks).map(([kind, score]) => row(`break: ${kind}`, score)),
    ]),
  );
}
