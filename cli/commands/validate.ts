// `ledgerflow validate`: the ledger validation over MySQL and gold: balances, refunds, revenue, roll-ups, events.

import { Option, type Command } from 'commander';
import type { RowDataPacket } from 'mysql2/promise';
import { beginSnapshot } from '../../bank/store/snapshot.ts';
import { loadValidations, validate, type Ask, type ValidationResult } from '../../lake/quality/validation.ts';
import { MYSQL_URL_HELP, withBank } from '../bank/bank-connection.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLine } from '../support/output.ts';
import { wireOf } from '../support/running.ts';
import { queryAll } from '../support/wire-client.ts';

const HELP = `
Five questions, each put to MySQL (one consistent snapshot) and to gold: are balances the sums of their entries, are refunds within what
they return, is fee revenue the movement of the income accounts, do accounts roll up to zero, are events sane. Wrong rows are named.
Exit code: 0 when everything holds, ${EXIT.FAILED} when something does not.

Examples:
  $ ledgerflow validate
  $ ledgerflow validate --only mysql --json`;

interface ValidateOptions {
  readonly only?: 'mysql' | 'gold';
  readonly mysqlUrl?: string;
  readonly json?: boolean;
}

const NAMED_MAX = 20;

export function register(program: Command): void {
  program
    .command('validate')
    .description('Validate the ledger in MySQL and in gold; wrong rows are named.')
    .addOption(new Option('--only <side>', 'one side only').choices(['mysql', 'gold']))
    .option('--mysql-url <url>', MYSQL_URL_HELP)
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

async function run({ only, mysqlUrl, json }: ValidateOptions): Promise<void> {
  const results = [...(only === 'gold' ? [] : await validateMysql(mysqlUrl)), ...(only === 'mysql' ? [] : await validateGold())];
  const passed = results.every((result) => result.passed);
  if (json === true) printJson({ passed, results });
  else for (const result of results) show(result);
  if (!passed) process.exitCode = EXIT.FAILED;
}

function validateMysql(mysqlUrl: string | undefined): Promise<ValidationResult[]> {
  return withBank(mysqlUrl, async (connection) => {
    await beginSnapshot(connection);
    try {
      const ask: Ask = async (sql) => {
        const [rows] = await connection.query<RowDataPacket[]>(sql);
        return rows.map((row) =>
          Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)])),
        );
      };
      return await validate(loadValidations('mysql'), ask);
    } finally {
      await connection.query('ROLLBACK');
    }
  });
}

/** Each question is one statement, and so one state of gold. */
async function validateGold(): Promise<ValidationResult[]> {
  const wire = wireOf();
  return await validate(loadValidations('gold'), async (sql) => {
    const { columns, rows } = await queryAll(wire, sql);
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
  });
}

function show({ side, title, expected, passed, violations, more, rows }: ValidationResult): void {
  const place = side === 'mysql' ? 'MySQL' : 'gold ';
  if (passed) return printLine(`ok      ${place}  ${title}`);
  printLine(`WRONG   ${place}  ${title}: ${more ? 'more than ' : ''}${violations} wrong rows; expected: ${expected}`);
  for (const row of rows.slice(0, NAMED_MAX)) printLine(`          ${Object.entries(row).map(([name, value]) => `${name}=${value ?? 'NULL'}`).join(' ')}`); // prettier-ignore
  if (rows.length > NAMED_MAX) printLine(`          … ${rows.length - NAMED_MAX} more with --json`);
}
