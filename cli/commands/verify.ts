// `ledgerflow verify`: proves that the lake equals MySQL, row by row, while writes go on.

import type { Command } from 'commander';
import type { TableOutcome } from '../../lake/verify/record.ts';
import type { Verification } from '../../lake/verify/verify.ts';
import { EXIT } from '../exit-codes.ts';
import { whole } from '../support/arguments.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { stopSignal } from '../support/stop-signal.ts';
import { renderTable } from '../support/table.ts';
import { differenceLines } from '../verify/verify-lines.ts';
import { verifyRounds } from '../verify/verify-rounds.ts';
import { verifyNow } from '../verify/verify-run.ts';

interface VerifyOptions {
  readonly tables?: readonly string[];
  readonly throttle?: number;
  readonly wait: number;
  readonly lake: boolean;
  readonly continuous?: boolean;
  readonly every: number;
  readonly json?: boolean;
}

const HELP = `
A barrier row is written to MySQL, a snapshot is taken exactly there, and every captured table is compared by digests per key range
with the working store at the same transaction; ranges that differ are searched for the rows and cells. Then the published files are
compared with the working store at their commit. Nothing stands still meanwhile. What came out is kept in ops.verifications.
Exit code: 0 when all that could be compared is equal, ${EXIT.LEDGER_WRONG} when something differs; with --continuous that of the last comparison.
A comparison that fails for a reason that passes (MySQL is restarted) is told, and the next one is made.

Examples:
  $ ledgerflow verify
  $ ledgerflow verify --tables accounts,ledger_entries --json
  $ ledgerflow verify --continuous --every 600 --throttle 50000`;

export function register(program: Command): void {
  program
    .command('verify')
    .description('Compare MySQL, the working store and the published lake, row by row, while writes go on.')
    .option('--tables <names>', 'only these, comma-separated', (text) => text.split(',').map((name) => name.trim()))
    .option('--throttle <rows>', 'rows a second that are read from MySQL, at most', whole)
    .option('--wait <seconds>', 'how long the working store may take to reach the barrier', whole, 60)
    .option('--no-lake', 'leave the published files out')
    .option('--continuous', 'again and again until stopped')
    .option('--every <seconds>', 'with --continuous: pause between two comparisons', whole, 300)
    .option('--json', 'print one JSON object per comparison')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: VerifyOptions): Promise<void> {
  const { tables, throttle: throttleRows, wait, lake: withLake } = options;
  await verifyRounds({
    once: () => verifyNow({ tables, throttleRows, waitMs: wait * 1_000, withLake }),
    show: (found) => show(found, options),
    note: printNote,
    repeat: options.continuous === true ? { everyMs: options.every * 1_000, stop: stopSignal() } : null,
  });
}

function show({ gtid, outcomes }: Verification, { json }: VerifyOptions): void {
  if (json === true) {
    printJson({ gtid, equal: outcomes.every(({ status }) => status !== 'different'), tables: outcomes });
    return;
  }
  const columns = ['table', 'compared', 'result', 'rows', 'ms'].map((name, index) => ({
    name,
    align: index > 2 ? ('right' as const) : ('left' as const),
  }));
  printLine(renderTable(columns, outcomes.map(rowOf)));
  for (const outcome of outcomes) for (const line of differenceLines(outcome)) printLine(line);
  const count = (status: TableOutcome['status']): number => outcomes.filter((outcome) => outcome.status === status).length;
  printNote(`at ${gtid}: ${count('equal')} equal, ${count('different')} different, ${count('unproven')} could not be compared`);
}

function rowOf({ table, layer, status, reason, rows, durationMs }: TableOutcome): string[] {
  const compared = layer === 'store' ? 'MySQL = store' : 'store = lake';
  return [table, compared, reason === null ? status : `${status}: ${reason}`, String(rows), String(durationMs)];
}
