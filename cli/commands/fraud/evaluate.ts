// `ledgerflow fraud evaluate`: the rules over labelled transactions from a file or a generated world, and how good they are there.

import type { Command } from 'commander';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { parseMapping } from '../../../stream/fraud/evaluate/mapping.ts';
import { evaluateFile, inMemory, type EvaluationSource, type SourceColumns } from '../../../stream/fraud/evaluate/run.ts';
import { chosenRuns } from '../../processor/fraud-rules.ts';
import { instant } from '../../support/arguments.ts';
import { measuresText } from '../../support/fraud-table.ts';
import { printJson, printLine, printNote } from '../../support/output.ts';

const HELP = `
Needs nothing that runs. Columns of a file are recognised by their names, those of the well-known public data sets among them; the note at the end
says what was taken for what. --map column=source says otherwise, where source is a column of the file or an SQL expression over its columns, and
--label COLUMN what is fraud. Needed: event_ts, account_id, amount. docs/fraud-evaluation.md lists the columns and what the figures mean.

Examples:
  $ ledgerflow generate --customers 2500 --history 6 --seed 7 --fraud-rate 0.005 --to world --format parquet
  $ ledgerflow fraud evaluate --generated world
  $ ledgerflow fraud evaluate --transactions cards.csv
  $ ledgerflow fraud evaluate --transactions mine.csv --label chargeback --map event_ts=booked --map account_id=card --map "amount=cents / 100"
  $ ledgerflow fraud evaluate --transactions t.csv --labels labels.csv --from 2026-02-01T00:00:00Z --json`;

export interface SourceOptions {
  readonly transactions?: string;
  readonly labels?: string;
  readonly label?: string;
  readonly typology?: string;
  readonly episode?: string;
  readonly map?: readonly string[];
  readonly generated?: string;
}

interface Options extends SourceOptions {
  readonly rule?: readonly string[];
  readonly set?: readonly string[];
  readonly from?: string;
  readonly json?: boolean;
}

export function registerEvaluate(fraud: Command): void {
  sourceOptions(
    fraud.command('evaluate').description('Measure the rules on labelled transactions: recall, precision, value caught, delay.'),
  )
    .option('--rule <rule>', 'this rule only; may be given several times', collect)
    .option('--set <name=value>', 'a parameter other than its default; with --rule', collect)
    .option('--from <time>', 'transactions before it are history only (ISO 8601)', instant)
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

/** The options that say where labelled transactions are. */
export function sourceOptions(command: Command): Command {
  return command
    .option('--generated <folder>', 'a world written by `ledgerflow generate --to`')
    .option('--transactions <file>', 'a CSV or Parquet file')
    .option('--labels <file>', 'a file with transaction_id and, where known, is_fraud, typology, episode')
    .option('--label <column>', 'column or SQL expression of the transactions that is true or 1 for fraud')
    .option('--typology <column>', 'with --label: column or expression that names the kind of fraud')
    .option('--episode <column>', 'with --label: column or expression that names what belongs together')
    .option('--map <column=source>', 'which column of the file is what; may be given several times', collect);
}

export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** @throws LedgerflowError LF_USAGE, LF_FRAUD_MAPPING */
export function sourceOf(options: SourceOptions): EvaluationSource {
  const { generated, transactions, labels, label, typology, episode, map = [] } = options;
  if ((generated === undefined) === (transactions === undefined))
    throw new LedgerflowError('LF_USAGE', 'say what to read: --generated FOLDER or --transactions FILE');
  if (generated !== undefined) return { kind: 'generated', directory: generated };
  return { kind: 'file', path: transactions ?? '', mapping: parseMapping(map), labels: { file: labels, label, typology, episode } };
}

/** What was taken for what: a guess that is wrong is seen. */
export function printColumns(columns: SourceColumns): void {
  const texts = Object.entries(columns).map(([column, source]) => `${column} = ${source}`);
  if (texts.length > 0) printNote(`columns (--map says otherwise): ${texts.join('; ')}`);
}

async function run(options: Options): Promise<void> {
  const source = sourceOf(options);
  const runs = chosenRuns(options.rule, options.set);
  const { measures, reports, evaluated, seconds, columns } = await inMemory((connection) =>
    evaluateFile(connection, { source, runs, from: options.from }),
  );
  if (options.json === true) {
    printJson({ ...measures, seconds, columns, notApplicable: reports.filter(({ missing }) => missing.length > 0) });
    return;
  }
  printLine(measuresText(measures));
  printColumns(columns);
  for (const { rule, missing } of reports)
    if (missing.length > 0) printNote(`not applicable: ${rule}, the transactions have no ${missing.join(', ')}`);
  printNote(`${evaluated} transactions in ${seconds.toFixed(1)} s (${(evaluated / Math.max(seconds, 0.001)).toFixed(0)}/s)`);
}
