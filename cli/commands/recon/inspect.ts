// `ledgerflow recon inspect`: how a statement file is written, and how it would be read, before anything is made of it.

import path from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { inspectFile, type Inspection } from '../../../stream/recon/adapters/inspect.ts';
import { Sources } from '../../../stream/recon/run/source.ts';
import { EXIT } from '../../exit-codes.ts';
import { wholeOrZero } from '../../support/arguments.ts';
import { printJson, printLine } from '../../support/output.ts';
import { renderTable } from '../../support/table.ts';

const HELP = `
Format, encoding, delimiter, decimal mark and date format are found by looking at the file, and said before it is used. What could be read in
two ways is not guessed: it stays "auto" in the proposed source, and is refused until a person sets it. Nothing is kept and nothing needs to run.
Exit code: 0 when the file can be read and ties, ${EXIT.FAILED} when not.

Examples:
  $ ledgerflow recon inspect statement.csv
  $ ledgerflow recon inspect 2026-08-20.csv --source scheme`;

interface InspectOptions {
  readonly source?: string;
  readonly skipLines: number;
  readonly json?: boolean;
}

export function registerInspect(recon: Command): void {
  recon
    .command('inspect')
    .description('Show how a statement file is written and would be read; propose a source for it.')
    .argument('<file>', 'the statement')
    .option('--source <name>', 'read it as this source says')
    .option('--skip-lines <n>', 'CSV: lines before the one with the names of the columns', wholeOrZero, 0)
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (file: string, { source, skipLines, json }: InspectOptions) => {
      const configured = source === undefined ? null : new Sources(path.resolve(loadConfig().home)).get(source);
      const found = await inspectFile(file, configured, skipLines);
      if (json === true) printJson(found);
      else show(found);
      if (found.end === null) process.exitCode = EXIT.FAILED;
    });
}

function show({ format, survey, csv, source, problem, end, statements, entries }: Inspection): void {
  const facts = [
    ['format', format],
    ['encoding', `${survey.encoding} (${survey.encodingBy})`],
    ['size', `${survey.bytes} bytes, sha256 ${survey.sha256}`],
  ];
  if (csv !== null) {
    facts.push(['delimiter', JSON.stringify(csv.delimiter)], ['columns', csv.columns.join(', ')]);
    facts.push(['decimal', choiceText(csv.decimal)], ['date format', choiceText(csv.dateFormat)]);
  }
  for (const [name = '', value = ''] of facts) printLine(`${name.padEnd(12)} ${value}`);
  for (const { account, currency, opening, closing, controlTotals, proofs } of statements) {
    const sums =
      controlTotals === null ? '' : `; ${controlTotals.entries} entries, ${controlTotals.credits} in, ${controlTotals.debits} out`;
    const balances = `opening ${opening?.amount ?? 'not stated'}, closing ${closing?.amount ?? 'not stated'}`;
    printLine(
      `statement    ${account || '(no account)'} ${currency}: ${balances}${sums}; proven: ${proofs.join(', ') || 'nothing is stated to prove'}`,
    );
  }
  const names = ['line', 'number', 'booked', 'amount', 'reference', 'description'];
  const rows = entries.map(({ line, externalId, bookedAt, amount, currency, reference, description }) => [String(line), externalId, bookedAt, `${amount} ${currency}`, reference, description.slice(0, 40)]); // prettier-ignore
  if (rows.length > 0) printLine(`\n${renderTable(names.map((name) => ({ name })), rows)}`); // prettier-ignore
  if (source !== null) printLine(`\nas a source (recon.sources.json):\n${JSON.stringify(source, null, 2)}`);
  printLine(problem === null ? `\nread whole: ${end?.entries ?? 0} entries, ${end?.parked ?? 0} lines parked` : `\nnot read: ${problem}`);
}

function choiceText({ value, others, by }: { value: string | null; others: readonly string[]; by: string }): string {
  if (value === null) return `unknown (${by})`;
  return others.length === 0 ? `${value} (${by})` : `either ${[value, ...others].join(' or ')} (${by}): set it`;
}
