// `ledgerflow fraud backtest`: rules over a range of the lake's history, compared with what the live job found and with each other.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { callControl } from '../../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { instant } from '../../support/arguments.ts';
import { delayText } from '../../support/fraud-table.ts';
import { printJson, printLine, printNote } from '../../support/output.ts';
import { renderTable } from '../../support/table.ts';
import { collect } from './evaluate.ts';

const HELP = `
The rules run in the processor, over one snapshot of its store, by the SQL of the live job; nothing is written. Movements with from <= time < to are
evaluated, with all history before them that the rules look back to. live: alerts the live job keeps for this version in the range; only live and
only here: those that one of both lacks (none of either for the live version with its defaults). more, fewer: against the first line.
What is fraud: confirmed cases, or a file (--labels).

--rule and --draft may be given several times; each line has its own --set, which belongs to the --rule before it as rule:name=value.

Examples:
  $ ledgerflow fraud backtest --rule velocity_count --from 2026-10-01 --to 2026-11-01
  $ ledgerflow fraud backtest --rule structuring --set structuring:min_count=4 --from 2026-10-01 --to 2026-11-01 --labels truth/labels.csv
  $ ledgerflow fraud backtest --rule structuring --draft drafts/structuring.sql --from 2026-10-01 --to 2026-11-01 --json`;

interface Options {
  readonly rule?: readonly string[];
  readonly draft?: readonly string[];
  readonly set?: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly labels?: string;
  readonly json?: boolean;
}

const number = z.number().nullable();
const measureSchema = z.object({ precision: number, recall: z.number(), f1: number, episodeRecall: z.number(), valueCaught: z.number(), cardPrecision100: z.number(), delayMinutes: number }); // prettier-ignore
const reportSchema = z.looseObject({
  lines: z.array(
    z.looseObject({
      ...{ name: z.string(), alerts: z.number(), alertsPerDay: z.number(), missing: z.array(z.string()) },
      ...{ live: z.number(), onlyLive: z.number(), onlyBacktest: z.number(), more: z.number(), fewer: z.number() },
      measure: measureSchema.nullable(),
    }),
  ),
  ...{ transactions: z.number(), labelled: z.number(), seconds: z.number() },
});
type Report = z.infer<typeof reportSchema>;

export function registerBacktest(fraud: Command): void {
  fraud
    .command('backtest')
    .description('Run rules over a range of history and compare: with the live alerts, with labels, with each other.')
    .option('--rule <rule>', 'a rule, or one version of it (rule@version)', collect)
    .option('--draft <file>', 'a rule file that is not among the rules', collect)
    .option('--set <rule:name=value>', 'a line more: the rule with this parameter other than its default', collect)
    .requiredOption('--from <time>', 'first instant (ISO 8601)', instant)
    .requiredOption('--to <time>', 'end, not included', instant)
    .option('--labels <file>', 'CSV with transaction_id and, where known, is_fraud, typology, episode')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

interface Run {
  readonly name: string;
  readonly rule: string;
  readonly version?: number;
  readonly set?: Readonly<Record<string, string>>;
  readonly file?: string;
}

async function run({ rule = [], draft = [], set = [], from, to, labels, json }: Options): Promise<void> {
  const runs: Run[] = [...rule.map(ofRule), ...(await Promise.all(draft.map(ofDraft))), ...set.map(ofSetting)];
  if (runs.length === 0) throw new LedgerflowError('LF_USAGE', 'say what to run: --rule, --draft or --set');
  const body = { runs, from, to, ...(labels === undefined ? {} : { labels: path.resolve(labels) }) };
  const report = reportSchema.parse(await callControl(loadConfig().home, 'fraud/backtest', body));
  if (json === true) {
    printJson(report);
    return;
  }
  printLine(reportText(report));
  for (const { name, missing } of report.lines)
    if (missing.length > 0) printNote(`not applicable: ${name}, no movement has ${missing.join(', ')}`);
  const rate = (report.transactions * report.lines.length) / Math.max(report.seconds, 0.001);
  printNote(`${report.transactions} transactions in ${report.seconds.toFixed(1)} s, ${rate.toFixed(0)} rule evaluations/s`);
}

function ofRule(text: string): Run {
  const [, rule, version] = /^(\w+)(?:@(\d+))?$/.exec(text) ?? [];
  if (rule === undefined) throw new LedgerflowError('LF_USAGE', `${text} names no rule`);
  return { name: text, rule, ...(version === undefined ? {} : { version: Number(version) }) };
}

async function ofDraft(file: string): Promise<Run> {
  return { name: file, rule: path.basename(file, '.sql'), file: await readFile(file, 'utf8') };
}

function ofSetting(text: string): Run {
  const [, rule, settings] = /^(\w+):(\w+=[^,]+(?:,\w+=[^,]+)*)$/.exec(text) ?? [];
  if (rule === undefined || settings === undefined) throw new LedgerflowError('LF_USAGE', `${text}: rule:name=value is needed`);
  return {
    name: `${rule} ${settings}`,
    rule,
    set: Object.fromEntries(settings.split(',').map((each) => each.split('=', 2) as [string, string])),
  };
}

function reportText({ lines, transactions, labelled }: Report): string {
  const share = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : value.toFixed(3));
  const columns = [
    'alerts',
    'a day',
    'live',
    'only live',
    'only here',
    'more',
    'fewer',
    'precision',
    'recall',
    'episodes',
    'F1',
    'value',
    'CP@100',
    'delay',
  ];
  const rows = lines.map(({ measure, ...line }) => [
    ...[line.name, String(line.alerts), line.alertsPerDay.toFixed(2)],
    ...[line.live, line.onlyLive, line.onlyBacktest, line.more, line.fewer].map(String),
    ...[share(measure?.precision), share(measure?.recall), share(measure?.episodeRecall), share(measure?.f1), share(measure?.valueCaught)],
    ...[measure === null ? '–' : measure.cardPrecision100.toFixed(4), delayText(measure?.delayMinutes ?? null)],
  ]);
  const head = [{ name: 'rule' }, ...columns.map((name) => ({ name, align: 'right' as const }))];
  return `${transactions} transactions, ${labelled} known as fraud\n\n${renderTable(head, rows)}`;
}
