// `ledgerflow recon run`: one statement against our side, stage by stage, and what came of it.

import path from 'node:path';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { callControl } from '../../../infra/runtime/control-client.ts';
import { EXIT } from '../../exit-codes.ts';
import { printJson, printLine } from '../../support/output.ts';
import { whoAmI } from '../../support/running.ts';
import { day } from '../../support/arguments.ts';
import { printLogs } from './reads.ts';

const HELP = `
The statement is read, must tie, and is compared with the posted movements of the source's accounts in the lake. Every row is matched or
becomes a break with its reason. A day can be run again: it is the next attempt, and earlier ones stay. Sources: ledgerflow recon sources.
Exit code: 0 when it was compared, ${EXIT.FAILED} when the statement was refused or the run failed.

Examples:
  $ ledgerflow recon run --source bank_csv --date 2025-07-13 --file-path ./data/bank_dump.csv
  $ ledgerflow recon run --source bank_csv --date 2025-07-13 --file-path theirs.csv --internal-path ours.csv`;

const reportSchema = z.looseObject({
  run_id: z.number(),
  source: z.string(),
  business_date: z.string(),
  attempt: z.number(),
  state: z.string(),
  code: z.string().nullable(),
  error: z.string().nullable(),
  summary: z.record(z.string(), z.unknown()).nullable(),
  continuity: z.array(
    z.looseObject({ kind: z.string(), account: z.string(), business_date: z.string(), statement: z.string(), why: z.string() }),
  ),
});

interface RunOptions {
  readonly source: string;
  readonly date: string;
  readonly filePath?: string;
  readonly file_path?: string;
  readonly internalPath?: string;
  readonly account?: readonly string[];
  readonly wait: boolean;
  readonly json?: boolean;
}

/** Adds the command under a name: `recon run`, and `run-recon` as the seed has it. */
export function registerRun(program: Command, name: string): void {
  program
    .command(name)
    .description('Reconcile a statement of a day.')
    .requiredOption('--source <name>', 'source of the statement')
    .requiredOption('--date <day>', 'business date, YYYY-MM-DD', day)
    .option('--file-path <file>', "the statement; without it the source's own place for the day")
    .addOption(new Option('--file_path <file>', 'the same').hideHelp())
    .option('--internal-path <file>', 'our side as a file of the same format, instead of the lake')
    .option('--account <id...>', "compare with these accounts instead of the source's")
    .option('--no-wait', 'answer when the run has been written down')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

const absolute = (file: string | undefined): { path?: string } => (file === undefined ? {} : { path: path.resolve(file) });

async function run({ source, date, filePath, file_path, internalPath, account, wait, json }: RunOptions): Promise<void> {
  const [theirs, ours] = [absolute(filePath ?? file_path).path, absolute(internalPath).path];
  const answer = await callControl(loadConfig().home, 'recon/run', {
    ...{ source, date, by: whoAmI(), wait },
    ...(theirs === undefined ? {} : { filePath: theirs }),
    ...(ours === undefined ? {} : { internalPath: ours }),
    ...(account === undefined ? {} : { accounts: account }),
  });
  const report = reportSchema.parse(answer);
  if (json === true) printJson(answer);
  else await show(report);
  if (report.state === 'refused' || report.state === 'failed') process.exitCode = EXIT.FAILED;
}

async function show(report: z.infer<typeof reportSchema>): Promise<void> {
  const { run_id: runId, source, business_date: date, attempt, state, code, error, summary } = report;
  printLine(`run ${runId}: ${source} ${date}, attempt ${attempt}: ${state}`);
  if (code !== null) printLine(`${code}: ${error ?? ''}`);
  for (const { kind, account, business_date: on, statement, why } of report.continuity)
    printLine(`${kind}: statement ${statement} of ${account}, ${on}: ${why}`);
  if (summary === null) return;
  const number = (name: string): number => Number(summary[name] ?? 0);
  printLine(
    `external ${number('external_rows')} rows, ${number('matched_external')} matched · internal ${number('internal_rows')} rows, ${number('matched_internal')} matched`,
  );
  printLine(
    `exact ${number('exact')} · fuzzy ${number('fuzzy')} · grouped ${number('grouped')} · breaks ${number('breaks')} · expected ${number('expected')} · lines that could not be read ${number('parked')}`,
  );
  const reasons = Object.entries((summary['reasons'] ?? {}) as Record<string, number>);
  if (reasons.length > 0) printLine(`breaks by reason: ${reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')}`);
  await printLogs({ runId, kinds: `(l.tier NOT IN ('exact_id') OR l.kind IN ('break', 'parked'))`, limit: 50 });
}
