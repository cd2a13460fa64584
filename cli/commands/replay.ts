// `ledgerflow replay`: silver and gold made again from bronze beside the live ones, compared with them, taken over, or put back.

import type { Command } from 'commander';
import { z } from 'zod';
import { requireRunning, type Login } from '../../infra/native/run-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { BULK_ONLY } from '../../stream/backfill/bulk-only.ts';
import type { EndedReread } from '../../stream/replay/replay-run.ts';
import { EXIT } from '../exit-codes.ts';
import { attachPublished } from '../lake/published-lake.ts';
import { planReplay, type ReplayPlan } from '../lake/replay-plan.ts';
import { replayFiles } from '../processor/replay-files.ts';
import { readReplayState, runReplay, type ReplayState } from '../processor/replay-run.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { whoAmI } from '../support/running.ts';
import { stopSignal } from '../support/stop-signal.ts';
import { renderPairs, renderTable } from '../support/table.ts';
import { productVersion } from '../support/version.ts';
import { queryAll } from '../support/wire-client.ts';

const HELP = `
Takes the messages of bronze through the processor's own code into a store beside the live one, builds gold on it, and lists every row that is
not as it was published. Nothing live changes and nobody is notified. A place is a time (2026-11-21T12:00:00Z), a transaction (uuid:number)
or the number of a publication. --from leaves rows out that no later transaction touched. The same wish is the same replay: one that was
broken off goes on, one that is done is shown again. Exit code: 0 when nothing differs, ${EXIT.LEDGER_WRONG} when something does.

Examples:
  $ ledgerflow replay --dry-run
  $ ledgerflow replay --reason "new decoder of geometry" --tables places
  $ ledgerflow replay promote 3f09a2b1c44d
  $ ledgerflow replay rollback 3f09a2b1c44d`;

const PROMOTE_HELP = `
Rows of silver that differ take the replay's contents and all of gold is built on them, in one commit, which no check before gold may fail. Rows
that changed since the replay's end stay as they are. What was there before is kept for \`replay rollback\`.

Example:
  $ ledgerflow replay promote 3f09a2b1c44d`;

const ROLLBACK_HELP = `
Rows that have changed since the promotion stay as they are.

Example:
  $ ledgerflow replay rollback 3f09a2b1c44d`;

interface Options {
  readonly from: string;
  readonly to: string;
  readonly tables?: readonly string[];
  readonly models?: readonly string[];
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const names = (text: string): string[] => text.split(',').map((name) => name.trim());
const promotionSchema = z.object({ commitId: z.number(), tables: z.array(z.string()) });

export function register(program: Command): void {
  const replay = program
    .command('replay')
    .description('Make silver and gold again from bronze, compare, promote or roll back.')
    .option('--from <place>', 'rows that nothing later touched are not compared', 'beginning')
    .option('--to <place>', 'the last publication at or before it', 'end')
    .option('--tables <names>', 'compare only these captured tables, comma-separated', names)
    .option('--models <names>', 'compare only these models of gold, comma-separated', names)
    .option('--reason <text>', 'why, for the record', '')
    .option('--dry-run', 'show the plan only')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(run);
  replay
    .command('promote')
    .description('Take over the rows that differ, as one commit of silver and gold.')
    .argument('<id>')
    .addHelpText('after', PROMOTE_HELP)
    .action((id: string, _own: object, command: Command) => order('promote', id, command.optsWithGlobals()));
  replay
    .command('rollback')
    .description('Put back what a promotion replaced.')
    .argument('<id>')
    .addHelpText('after', ROLLBACK_HELP)
    .action((id: string, _own: object, command: Command) => order('rollback', id, command.optsWithGlobals()));
}

async function run(options: Options): Promise<void> {
  const config = loadConfig();
  const { lake: published, wire } = requireRunning(config.home).endpoints;
  if (wire === undefined) throw new LedgerflowError('LF_WIRE_UNREACHABLE', 'the PostgreSQL endpoint is not up yet');
  const { from, to, tables = null, models = null } = options;
  const plan = await planOf({ from, to, tables, models }, published?.catalog);
  if (options.json !== true || options.dryRun === true) showPlan(plan, options);
  if (options.dryRun === true) return;
  const before = await readReplayState(config, plan.id);
  if (before !== null) printNote(before.step === 'compared' ? 'it has been done before' : 'it goes on where it was broken off');
  const rereads = await endedRereads(wire);
  const state = await runReplay({ config, plan, rereads, signal: stopSignal(), onProgress: printNote });
  const { id, fromCommit, toCommit, gtid, messages, versions } = plan;
  const record = {
    id,
    fromCommit,
    toCommit,
    gtid,
    messages,
    versions,
    deltas: state.deltas,
    requestedBy: whoAmI(),
    reason: options.reason,
  };
  await callControl(config.home, 'replay/record', record);
  if (options.json === true) printJson({ id, ...state });
  else showOutcome(state, replayFiles(config.home, id).differences);
  if (state.deltas.some(({ added, gone, changed }) => added + gone + changed > 0)) process.exitCode = EXIT.LEDGER_WRONG;
}

async function planOf(wish: Parameters<typeof planReplay>[1], catalog: string | undefined): Promise<ReplayPlan> {
  await using lake = catalog === undefined ? null : await attachPublished(loadConfig(), catalog);
  if (lake === null) throw new LedgerflowError('LF_USAGE', 'nothing has been published yet: a replay needs the published lake');
  return await planReplay(lake, wish, productVersion());
}

function showPlan(plan: ReplayPlan, { json }: Options): void {
  if (json === true) {
    printJson(plan);
    return;
  }
  const { id, fromCommit, toCommit, gtid, publicationId, messages, commits, tables, models } = plan;
  const pairs: [string, string][] = [
    ['replay', id],
    ['end', `publication ${publicationId}, commit ${toCommit}, ${gtid ?? 'no transaction yet'}`],
    ['compared', fromCommit === 0 ? 'every row' : `rows touched after commit ${fromCommit}`],
    ['bronze', `${messages} messages of ${commits} commits`],
    ['tables', tables?.join(', ') ?? 'all'],
    ['models', models?.join(', ') ?? 'all'],
  ];
  printLine(renderPairs(pairs));
}

function showOutcome({ deltas, failures, seconds, plan }: ReplayState, file: string): void {
  const heads = ['layer', 'table', 'rows', 'added', 'gone', 'changed', 'remark'];
  const columns = heads.map((name, index) => ({ name, align: index > 1 && index < 6 ? ('right' as const) : ('left' as const) }));
  const differing = deltas.filter(({ added, gone, changed, remark }) => added + gone + changed > 0 || remark !== null);
  if (differing.length > 0)
    printLine(renderTable(columns, differing.map(({ layer, table, rows, added, gone, changed, remark }) => [layer, table, String(rows), String(added), String(gone), String(changed), remark ?? '']))); // prettier-ignore
  for (const failure of failures) printLine(`gold of the replay: ${failure}`);
  const differences = deltas.reduce((sum, { added, gone, changed }) => sum + added + gone + changed, 0);
  printNote(
    `${deltas.length} tables compared in ${Math.round(seconds)} s, ${differences} rows differ${differences > 0 ? `; all of them in ${file}` : ''}`,
  );
  if (differences > 0) printNote(`take them over with: ledgerflow replay promote ${plan.id}`);
}

/** What the live stream read again from MySQL and ended: Debezium's word that it had is in no message of bronze. */
async function endedRereads(wire: Login): Promise<EndedReread[]> {
  const inBulk = await queryAll(wire, BULK_ONLY);
  if (inBulk.rows.length > 0) {
    const tables = inBulk.rows.map(([table]) => table).join(', ');
    throw new LedgerflowError(
      'LF_REPLAY_REFUSED',
      `rows of ${tables} were read in bulk: they are not in bronze, so a replay would lose them`,
      {
        where: tables,
        remedy: '`ledgerflow backfill --table TABLE` reads each of them through the stream; then it can be replayed.',
      },
    );
  }
  const { rows } = await queryAll(
    wire,
    `SELECT signal_id, table_name, ended_commit::VARCHAR, status FROM ops.rereads
     WHERE ended_commit IS NOT NULL AND status <> 'given up' AND NOT coalesce(bulk, false) ORDER BY ended_commit`,
  );
  return rows.map(([signal, table, endedCommit, status]) => ({
    ...{ signal: signal ?? '', table: table ?? '', endedCommit: Number(endedCommit), succeeded: status === 'done' },
  }));
}

async function order(what: 'promote' | 'rollback', id: string, { json }: { json?: boolean }): Promise<void> {
  const { home } = loadConfig();
  const { commitId, tables } = promotionSchema.parse(await callControl(home, `replay/${what}`, { id, by: whoAmI() }));
  if (json === true) printJson({ id, commitId, tables });
  else
    printLine(
      `${what === 'promote' ? 'promoted' : 'rolled back'} by commit ${commitId}: ${tables.length === 0 ? 'gold alone' : `${tables.join(', ')} and gold`}`,
    );
}
