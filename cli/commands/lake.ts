// `ledgerflow lake`: the published lake: its snapshots, what changed between two, any older state, files; and its care.

import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { checkLakeFiles, type DamagedFile } from '../../lake/publish/check-files.ts';
import { EXIT } from '../exit-codes.ts';
import { exportTables, type ExportFormat } from '../lake/lake-export.ts';
import { openLakeSession } from '../lake/lake-session.ts';
import { whole } from '../support/arguments.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { renderTable, type Cell, type Column } from '../support/table.ts';
import { repairLake } from '../verify/lake-repair.ts';

const HELP = `
Reading works on the published files alone, also while LedgerFlow is down; compact, vacuum and repair are done by the running processor.

Examples:
  $ ledgerflow lake snapshots
  $ ledgerflow lake diff silver.accounts 118 120
  $ ledgerflow lake as-of 118 "SELECT sum(balance) FROM silver.accounts"
  $ ledgerflow lake export /tmp/out --table gold --format csv
  $ ledgerflow lake check`;

interface Options {
  readonly json?: boolean;
  readonly limit: number;
  readonly table?: string[];
  readonly format: ExportFormat;
  readonly asOf?: string;
  readonly hours: number;
  readonly backup?: string;
}

export function register(program: Command): void {
  const lake = program.command('lake').description('Look into the published lake and care for it.').addHelpText('after', HELP);
  add(lake, 'snapshots', 'List snapshots, newest first.', '$ ledgerflow lake snapshots --limit 5')
    .option('--limit <n>', 'at most this many', whole, 20)
    .action(snapshots);
  add(
    lake,
    'diff <table> <from> <to>',
    'Show the rows that changed after snapshot FROM, up to TO.',
    '$ ledgerflow lake diff silver.accounts 118 120',
  )
    .option('--limit <n>', 'at most this many rows', whole, 200)
    .action(diff);
  add(
    lake,
    'as-of <snapshot> <sql>',
    'Run a query on the state of a snapshot, or of a time.',
    `$ ledgerflow lake as-of "2026-11-21 09:00:00+00" "SELECT count(*) FROM silver.accounts"`,
  ).action(asOf);
  add(
    lake,
    'export <dir>',
    'Write tables to files, all at one snapshot.',
    '$ ledgerflow lake export /tmp/out --table gold.daily_volumes silver --format csv',
  )
    .option('--table <names...>', 'tables, or schemas; silver and gold by default')
    .addOption(new Option('--format <format>', 'of the files').choices(['parquet', 'csv']).default('parquet'))
    .option('--as-of <snapshot>', 'number of a snapshot, or a time')
    .action(exportAll);
  add(lake, 'compact', 'Merge small files now, under readers.', '$ ledgerflow lake compact').action((options: Options) =>
    maintain({ filesPerTableMax: 1 }, options),
  );
  add(
    lake,
    'vacuum',
    'Forget old snapshots now; their files go when no reader can need them any more.',
    '$ ledgerflow lake vacuum --hours 1',
  )
    .option('--hours <n>', 'keep snapshots of so many hours', hours, 6)
    .action((options: Options) => maintain({ retentionHours: options.hours }, options));
  add(lake, 'check', 'Read every file to its end, and bronze against its chain.', '$ ledgerflow lake check').action((options: Options) =>
    check(options, false),
  );
  add(
    lake,
    'repair',
    'Make damaged tables anew, and put damaged bronze back from a backup.',
    '$ ledgerflow lake repair --backup /backups/monday',
  )
    .option('--backup <dir>', 'a backup that holds the same files')
    .action((options: Options) => check(options, true));
}

function add(lake: Command, name: string, text: string, example: string): Command {
  return lake.command(name).description(text).option('--json', 'print JSON').addHelpText('after', `\nExample:\n  ${example}`);
}

function hours(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('a number of hours is needed.');
  return value;
}

function show({ columns, rows }: { columns: readonly Column[]; rows: readonly (readonly Cell[])[] }, json: boolean | undefined): void {
  if (json === true) printJson(rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null]))));
  else printLine(`${renderTable(columns, rows)}\n(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`);
}

async function snapshots({ limit, json }: Options): Promise<void> {
  await using lake = await openLakeSession(loadConfig());
  show(
    await lake.rows(
      `SELECT snapshot_id AS snapshot, strftime(snapshot_time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS at, commit_extra_info->>'$.commitId' AS "commit",
       commit_extra_info->>'$.gtid' AS gtid, commit_message AS what FROM ducklake_snapshots('lake') ORDER BY snapshot_id DESC LIMIT ${limit}`,
    ),
    json,
  );
}

async function diff(name: string, from: string, to: string, { limit, json }: Options): Promise<void> {
  const [schema, ...rest] = name.split('.');
  if (schema === undefined || rest.length === 0)
    throw new LedgerflowError('LF_USAGE', 'a table with its schema is needed, as silver.accounts');
  await using lake = await openLakeSession(loadConfig());
  const range = `${whole(from) + 1}, ${whole(to)}`;
  const changes = `ducklake_table_changes('lake', ${literal(schema)}, ${literal(rest.join('.'))}, ${range})`;
  show(await lake.rows(`SELECT * EXCLUDE (rowid) FROM ${changes} ORDER BY snapshot_id, rowid LIMIT ${limit}`), json);
}

async function asOf(at: string, sql: string, { json }: Options): Promise<void> {
  await using lake = await openLakeSession(loadConfig(), at);
  show(await lake.rows(sql), json);
}

async function exportAll(dir: string, { table, format, asOf: at, json }: Options): Promise<void> {
  await using lake = await openLakeSession(loadConfig(), at);
  const exported = await exportTables(lake, dir, { wanted: table ?? [], format });
  const rows = exported.map((each) => [each.table, String(each.rows), each.file]);
  show({ columns: [{ name: 'table' }, { name: 'rows', align: 'right' }, { name: 'file' }], rows }, json);
}

const maintainedSchema = z.object({
  compacted: z.array(z.string()),
  snapshotsExpired: z.number(),
  filesDeleted: z.number(),
  orphansDeleted: z.number(),
});

async function maintain(body: object, { json }: Options): Promise<void> {
  const report = maintainedSchema.parse(await callControl(loadConfig().home, 'lake/maintain', body));
  if (json === true) {
    printJson(report);
    return;
  }
  const { compacted, snapshotsExpired, filesDeleted, orphansDeleted } = report;
  printLine(
    `compacted ${compacted.join(', ') || 'nothing'}; ${snapshotsExpired} snapshots forgotten, ${filesDeleted + orphansDeleted} files deleted`,
  );
}

async function check({ json, backup }: Options, repairing: boolean): Promise<void> {
  const config = loadConfig();
  await using lake = await openLakeSession(config);
  const report = await checkLakeFiles(lake.connection);
  const repair = repairing && report.damaged.length > 0 ? await repairLake(config.home, report.damaged, backup) : null;
  if (json === true) printJson({ ...report, repair });
  else {
    for (const one of report.damaged) printLine(damageText(one));
    printLine(`${report.files} files, ${report.bytes} bytes, ${report.damaged.length} damaged`);
    for (const table of repair?.remade ?? []) printLine(`${table} is made anew by the next publication`);
    for (const file of repair?.putBack ?? []) printLine(`put back ${file}`);
    for (const one of repair?.left ?? []) printNote(`still damaged: ${damageText(one)}; give --backup a backup that holds it`);
  }
  const left = repair === null ? report.damaged.length : repair.left.length;
  if (left > 0) process.exitCode = EXIT.LEDGER_WRONG;
}

function damageText({ table, file, what }: DamagedFile): string {
  return `${table}: ${file ?? 'its files'}: ${what}`;
}
