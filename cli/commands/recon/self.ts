// `ledgerflow recon self`: the pipeline's own stages against each other, at one barrier.

import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { callControl } from '../../../infra/runtime/control-client.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { EXIT } from '../../exit-codes.ts';
import { printLine } from '../../support/output.ts';
import { queryAll } from '../../support/wire-client.ts';
import { whoAmI, wireOf } from '../../support/running.ts';
import { printRows } from './reads.ts';

const HELP = `
A barrier row is written to MySQL and a snapshot is taken there; silver is counted at the same transaction, gold at its own commit, Kafka by
the offsets of the hours. Rows and sums by currency are compared leg by leg: MySQL with silver, Kafka with bronze, bronze's applied messages
with silver's versions, silver with gold. Results stay in gold.self_reconciliation; a break opens an incident, which closes when it is mended.
Without --hour: the hours since the last run, those with an open break, and all other rows of each table together.
Exit code: 0 when all that could be compared is equal, ${EXIT.LEDGER_WRONG} when something differs.

Examples:
  $ ledgerflow recon self
  $ ledgerflow recon self --table transactions --hour 2026-11-22T01 --json`;

const answerSchema = z.object({ run: z.number() });

interface SelfOptions {
  readonly table?: string;
  readonly hour?: string;
  readonly json?: boolean;
}

export function registerSelf(recon: Command): void {
  recon
    .command('self')
    .description('Reconcile MySQL, Kafka, bronze, silver and gold with each other.')
    .option('--table <name>', 'this table only')
    .option('--hour <hour>', 'this hour only, UTC, such as 2026-11-22T01', hourBucket)
    .option('--json', 'print a JSON array of all counts')
    .addHelpText('after', HELP)
    .action(run);
}

/** `2026-11-22T01` or `2026-11-22T01:00` as `2026-11-22 01:00:00`. */
function hourBucket(text: string): string {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d)(?::00)?Z?$/.exec(text);
  const bucket = `${found?.[1] ?? ''} ${found?.[2] ?? ''}:00:00`;
  if (found === null || Number.isNaN(Date.parse(`${bucket.replace(' ', 'T')}Z`)))
    throw new InvalidArgumentError('must be an hour such as 2026-11-22T01');
  return bucket;
}

async function run({ table, hour, json }: SelfOptions): Promise<void> {
  const { run: runId } = answerSchema.parse(
    await callControl(loadConfig().home, 'recon/self', { table: table ?? null, hour: hour ?? null, by: whoAmI() }),
  );
  const where = `WHERE run_id = ${runId}`;
  const counted = await queryAll(
    wireOf(),
    `SELECT status, count(*), any_value(gtid) FROM gold.self_reconciliation ${where} GROUP BY status`,
  );
  const of = (status: string): number => Number(counted.rows.find(([name]) => name === status)?.[1] ?? 0);
  if (json === true)
    await printRows(`SELECT * FROM gold.self_reconciliation ${where} ORDER BY table_name, leg, hour`, { json, none: '[]' });
  else {
    const columns = `table_name AS "table", coalesce(strftime(hour, '%Y-%m-%dT%H'), 'all other') AS hour, leg, left_rows AS "left", right_rows AS "right", left_sums, right_sums, status, reason, named`;
    await printRows(
      `SELECT ${columns} FROM gold.self_reconciliation ${where} AND status <> ${literal('equal')} ORDER BY table_name, leg, hour`,
      {
        none: 'no differences',
      },
    );
    printLine(`run ${runId}: ${of('equal')} counts equal, ${of('different')} different, ${of('unproven')} could not be compared`);
  }
  if (of('different') > 0) process.exitCode = EXIT.LEDGER_WRONG;
}
