// `ledgerflow sql`: one read-only statement through the PostgreSQL endpoint; values are printed digit for digit.

import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { jsonObject } from '../support/json-rows.ts';
import { printLine, printNote } from '../support/output.ts';
import { wireOf } from '../support/running.ts';
import { csvRecord, renderTable, type Cell } from '../support/table.ts';
import { streamQuery, type ResultColumn } from '../support/wire-client.ts';

interface SqlOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** A table needs all rows before the first is printed; beyond this --csv or --json streams them instead. */
const tableRowsMax = 10_000;

const HELP = `
Integers and decimals are printed exactly. With --json, integers are JSON numbers written digit for digit
and decimals are strings; with --csv, NULL is an empty field and an empty text is "".
Without a statement, or with "-", it is read from standard input.

Examples:
  $ ledgerflow sql "SELECT * FROM gold.daily_volumes ORDER BY day DESC LIMIT 5"
  $ ledgerflow sql --csv "SELECT * FROM silver.accounts" > accounts.csv
  $ echo "SELECT count(*) FROM silver.customers_history" | ledgerflow sql -`;

export function register(program: Command): void {
  program
    .command('sql')
    .description('Run one read-only SQL statement over bronze, silver, gold and ops.')
    .argument('[statement]', 'the statement')
    .option('--json', 'print a JSON array of objects')
    .option('--csv', 'print CSV with a header')
    .addHelpText('after', HELP)
    .action(async (statement: string | undefined, options: SqlOptions) => {
      if (options.json === true && options.csv === true) throw new LedgerflowError('LF_USAGE', 'choose one of --json and --csv');
      const sql = statement === undefined || statement === '-' ? await readAll(process.stdin) : statement;
      if (sql.trim() === '') throw new LedgerflowError('LF_USAGE', 'there is no statement to run');
      await run(sql, options);
    });
}

async function run(sql: string, options: SqlOptions): Promise<void> {
  const wire = wireOf();
  if (options.csv === true) await streamCsv(wire, sql);
  else if (options.json === true) await streamJson(wire, sql);
  else await printTable(wire, sql);
}

type Wire = Parameters<typeof streamQuery>[0];

async function streamCsv(wire: Wire, sql: string): Promise<void> {
  await streamQuery(wire, sql, {
    columns: (columns) => printLine(csvRecord(columns.map((column) => column.name))),
    row: (cells) => printLine(csvRecord(cells)),
  });
}

async function streamJson(wire: Wire, sql: string): Promise<void> {
  let columns: readonly ResultColumn[] = [];
  let count = 0;
  process.stdout.write('[');
  await streamQuery(wire, sql, {
    columns: (found) => {
      columns = found;
    },
    row: (cells) => {
      process.stdout.write(`${count === 0 ? '\n' : ',\n'}${jsonObject(columns, cells)}`);
      count += 1;
    },
  });
  printLine(count === 0 ? ']' : '\n]');
}

async function printTable(wire: Wire, sql: string): Promise<void> {
  let columns: readonly ResultColumn[] = [];
  const rows: (readonly Cell[])[] = [];
  let count = 0;
  await streamQuery(wire, sql, {
    columns: (found) => {
      columns = found;
    },
    row: (cells) => {
      count += 1;
      if (rows.length < tableRowsMax) rows.push(cells);
    },
  });
  const aligned = columns.map(({ name, kind }) => ({
    name,
    align: kind === 'text' || kind === 'boolean' ? ('left' as const) : ('right' as const),
  }));
  printLine(renderTable(aligned, rows));
  printLine(`(${count} ${count === 1 ? 'row' : 'rows'})`);
  if (count > rows.length) printNote(`only the first ${rows.length} rows are shown; --csv and --json print all`);
}
