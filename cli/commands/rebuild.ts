// `ledgerflow rebuild --yes`: store and lake made again from Kafka. What is there is put aside, not deleted.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Command } from 'commander';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { STORE_CATALOG } from '../../lake/store/open.ts';
import { BULK_ONLY } from '../../stream/backfill/bulk-only.ts';
import { printJson, printLine } from '../support/output.ts';
import { setAside } from '../support/set-aside.ts';

const HELP = `
For a store or a lake that is damaged, and for column policies that came late (docs/runbook.md). LedgerFlow must be down. MySQL and the
topics stay as they are: the next \`ledgerflow up\` reads every topic from its first message on, through the policies of now, and stops
by name (LF_TOPIC_TRUNCATED) where Kafka has not kept all of it. Store and lake are moved to <home>/before-rebuild-<time>; remove that
folder when you no longer need it. What people decided since (cases, breaks, approvals, replays) is in that folder alone.
--without-bulk goes on although rows were read in bulk, which no topic has: the backfills it names read them again after the start.

Example:
  $ ledgerflow down && ledgerflow rebuild --yes && ledgerflow up && ledgerflow verify`;

interface Options {
  readonly yes?: boolean;
  readonly withoutBulk?: boolean;
  readonly json?: boolean;
}

interface Rebuild {
  readonly folder: string | null;
  readonly moved: readonly string[];
  /** Tables to be read again after the start. */
  readonly backfill: readonly string[];
  /** Why it is not known which tables these are. */
  readonly unreadable: string | null;
}

export function register(program: Command): void {
  program
    .command('rebuild')
    .description('Put store and lake aside and make them again from Kafka.')
    .option('--yes', 'really do it')
    .option('--without-bulk', 'also when rows were read in bulk, which are in no topic')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const config = loadConfig();
      const done = await rebuild(config, options);
      if (options.json === true) printJson(done);
      else for (const line of linesOf(done, config.home)) printLine(line);
    });
}

/** @throws LedgerflowError LF_ALREADY_RUNNING, LF_CONFIRMATION_NEEDED, LF_REBUILD_REFUSED */
export async function rebuild(config: Config, { yes, withoutBulk }: Options, now = new Date()): Promise<Rebuild> {
  const { home } = config;
  const { tables, unreadable } = await readInBulk(path.join(home, 'store', `${STORE_CATALOG}.duckdb`));
  if (tables.length > 0 && withoutBulk !== true)
    throw new LedgerflowError('LF_REBUILD_REFUSED', `rows of ${tables.join(', ')} were read in bulk: no topic has them`, { where: home });
  const aside = await setAside({ home, names: ['store', 'lake'], as: 'before-rebuild', confirmed: yes === true, now });
  return { folder: aside?.folder ?? null, moved: aside?.moved ?? [], backfill: tables, unreadable };
}

/** Of a store that nobody has open; a damaged one cannot say it. */
async function readInBulk(file: string): Promise<{ tables: readonly string[]; unreadable: string | null }> {
  if (!existsSync(file)) return { tables: [], unreadable: null };
  try {
    const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
    try {
      const connection = await instance.connect();
      const rows = (await connection.runAndReadAll(BULK_ONLY)).getRows();
      connection.closeSync();
      return { tables: rows.map(([table]) => String(table)), unreadable: null };
    } finally {
      instance.closeSync();
    }
  } catch (error) {
    return { tables: [], unreadable: messageOf(error) };
  }
}

function linesOf({ folder, moved, backfill, unreadable }: Rebuild, home: string): string[] {
  if (folder === null) return [`There is neither a store nor a lake in ${home}.`];
  return [
    `Moved ${moved.join(', ')} to ${path.relative(process.cwd(), folder) || folder}. The next start reads every topic from its first message on.`,
    ...backfill.map((table) => `Afterwards: ledgerflow backfill --table ${table}`),
    ...(unreadable === null
      ? []
      : [`The store could not be read, so tables read in bulk are not known (${unreadable}): run \`ledgerflow verify\` afterwards.`]),
  ];
}
