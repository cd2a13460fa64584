// `ledgerflow bank rebuild`: every cached balance computed again from the ledger entries.

import type { Command } from 'commander';
import { checkBalances, repairBalances, type Drift } from '../../../bank/audit/rebuild.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { MYSQL_URL_HELP, withBank } from '../../bank/bank-connection.ts';
import { EXIT } from '../../exit-codes.ts';
import { printJson, printLine, printNote } from '../../support/output.ts';
import { stopSignal } from '../../support/stop-signal.ts';

interface RebuildCommandOptions {
  readonly check?: boolean;
  readonly repair?: boolean;
  readonly yes?: boolean;
  readonly mysqlUrl?: string;
  readonly json?: boolean;
}

const HELP = `
--check compares balance, number of entries and held money of every customer account with its entries and open holds, in one consistent
snapshot, and changes nothing. --repair writes what the entries say into the accounts that differ, one locked account at a time; find out
first why they differ (docs/bank-audit.md).
Exit code: 0 when nothing differs or all was repaired, ${EXIT.LEDGER_WRONG} when accounts differ; they are named.

Examples:
  $ ledgerflow bank rebuild --check
  $ ledgerflow bank rebuild --check --json
  $ ledgerflow bank rebuild --repair --yes`;

export function registerRebuild(bank: Command): void {
  bank
    .command('rebuild')
    .description('Compute every balance from the entries and compare it with the cached one.')
    .option('--check', 'compare only')
    .option('--repair', 'write the computed values where they differ')
    .option('--yes', 'really repair')
    .option('--mysql-url <url>', MYSQL_URL_HELP)
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

/** Drifted accounts kept for output and repair; all are counted. */
const KEPT_MAX = 100_000;
const NAMED_MAX = 20;
const PROGRESS_ACCOUNTS = 50_000;

async function run({ check, repair, yes, mysqlUrl, json }: RebuildCommandOptions): Promise<void> {
  if ((check === true) === (repair === true)) throw new LedgerflowError('LF_USAGE', 'choose --check or --repair');
  if (repair === true && yes !== true) throw new LedgerflowError('LF_CONFIRMATION_NEEDED', '--repair writes balances');
  const drifts: Drift[] = [];
  const onDrift = (drift: Drift) => {
    if (drifts.length < KEPT_MAX) drifts.push(drift);
    if (json !== true) printLine(textOf(drift));
  };
  const onProgress = ({ accounts, total, drifted }: { accounts: number; total: number; drifted: number }) => {
    if (accounts % PROGRESS_ACCOUNTS === 0) printNote(`${accounts} of ${total} accounts, ${drifted} differ`);
  };
  const signal = stopSignal();
  await withBank(mysqlUrl, async (connection) => {
    const result = await checkBalances(connection, { signal, onDrift, onProgress });
    const ids = drifts.map(({ accountId }) => accountId);
    const repaired = repair === true ? await repairBalances(connection, ids) : [];
    if (json === true) printJson({ ...result, repaired: repaired.length, drifts });
    else printLine(`${result.accounts} accounts with ${result.entries} entries: ${result.drifted} differ, ${repaired.length} repaired`);
    if (result.drifted === 0 || repair === true) return;
    const named = `${ids.slice(0, NAMED_MAX).join(', ')}${result.drifted > NAMED_MAX ? ', …' : ''}`;
    throw new LedgerflowError('LF_LEDGER_DRIFT', `${result.drifted} accounts differ from their entries: ${named}`);
  });
}

function textOf({ accountId, currency, cached, derived }: Drift): string {
  const pair = (name: string, was: string, is: string) => (was === is ? [] : [`${name} ${was}, entries say ${is}`]);
  const parts = [
    ...pair('balance', cached.balance, derived.balance),
    ...pair('entries', cached.entrySeq, derived.entrySeq),
    ...pair('held', cached.held, derived.held),
  ];
  return `account ${accountId} (${currency}): ${parts.join('; ')}`;
}
