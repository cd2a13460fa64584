// `ledgerflow repair`: reads exactly some rows again from MySQL, through the stream, and verifies the table afterwards.

import type { Command } from 'commander';
import type { Login } from '../../infra/native/run-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { RowDifference } from '../../lake/verify/compare.ts';
import type { TablePlan } from '../../lake/verify/plan.ts';
import { canonicalKey } from '../../lake/verify/repair-signal.ts';
import { bankLogin } from '../bank/bank-login.ts';
import { EXIT } from '../exit-codes.ts';
import { whole } from '../support/arguments.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { wireOf } from '../support/running.ts';
import { streamQuery } from '../support/wire-client.ts';
import { repair } from '../verify/repair.ts';
import { verifyNow } from '../verify/verify-run.ts';

interface RepairOptions {
  readonly table: string;
  readonly keys?: readonly string[];
  readonly wait: number;
  readonly json?: boolean;
}

const HELP = `
Debezium reads the rows with these keys (an incremental snapshot with a condition) and they go through Kafka and the processor like any other
change; a row that MySQL has no more is taken away. Without --keys: the rows that the last comparison of the table named. The parts of a key
have | between. Exit code: 0 when the table is equal afterwards, ${EXIT.LEDGER_WRONG} when it is not.

Examples:
  $ ledgerflow repair --table accounts
  $ ledgerflow repair --table accounts --keys 1003,1007`;

export function register(program: Command): void {
  program
    .command('repair')
    .description('Read single rows of a table again from MySQL and verify it.')
    .requiredOption('--table <name>', 'the table')
    .option('--keys <keys>', 'keys of the rows, comma-separated', (text) => text.split(',').map((key) => key.trim()))
    .option('--wait <seconds>', 'how long to wait for the rows', whole, 300)
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run({ table, keys, wait, json }: RepairOptions): Promise<void> {
  const config = loadConfig();
  const wire = wireOf();
  const repaired = await repair({
    ...{ table, mysql: bankLogin(config), excludeTables: config.excludeTables, wire, waitMs: wait * 1_000, onProgress: printNote },
    keys: (plan) => (keys === undefined ? namedKeys(wire, table) : Promise.resolve(given(plan, keys))),
  });
  const { gtid, outcomes } = await verifyNow({ tables: [table], waitMs: wait * 1_000, withLake: false });
  const [outcome] = outcomes;
  if (json === true) printJson({ ...repaired, gtid, status: outcome?.status ?? 'unproven', reason: outcome?.reason ?? null });
  else printLine(`${table}: ${repaired.keys} rows read again; ${outcome?.status ?? 'unproven'} at ${gtid}`);
  if (outcome?.status === 'different')
    throw new LedgerflowError('LF_VERIFY_DIFFERENT', `${table}: ${outcome.reason ?? ''}`, { where: gtid });
}

function given(plan: TablePlan, keys: readonly string[]): string[] {
  return keys.map((key) => canonicalKey(plan, key));
}

/** Keys that the last comparison of either layer named. */
async function namedKeys(wire: Login, table: string): Promise<string[]> {
  const found: string[] = [];
  const sql = `SELECT differences FROM ops.verifications WHERE table_name = ${literal(table)} QUALIFY row_number() OVER (PARTITION BY layer ORDER BY verified_at DESC) = 1`;
  await streamQuery(wire, sql, {
    columns: () => undefined,
    row: ([differences]) => found.push(...(JSON.parse(differences ?? '[]') as RowDifference[]).map(({ canonicalKey: key }) => key)),
  });
  if (found.length === 0) throw new LedgerflowError('LF_USAGE', `the last comparison of ${table} named no row: name them with --keys`);
  return found;
}
