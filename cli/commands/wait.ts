// `ledgerflow wait --gtid`: waits until the lake includes a commit, so that a reader sees what it wrote.

import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Login } from '../../infra/native/run-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { cutIncludes, parseToken, type Cut } from '../../cdc/commit-token.ts';
import { printLine } from '../support/output.ts';
import { wireOf } from '../support/running.ts';
import type { Cell } from '../support/table.ts';
import { streamQuery } from '../support/wire-client.ts';

const POLL_MS = 20;
const SECONDS_DEFAULT = 30;

const LAYERS = {
  silver: 'SELECT seq, gtid FROM ops.commits ORDER BY commit_id DESC LIMIT 1',
  gold: 'SELECT c.seq, c.gtid FROM ops.commits c JOIN ops.gold_state g ON g.commit_id = c.commit_id',
} as const;

const HELP = `
Every write of the bank API answers with its GTID (header Ledger-GTID and field gtid).
Exit code: 0 when the layer includes it, 1 when the time is over.

Examples:
  $ ledgerflow wait --gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:42
  $ ledgerflow wait --gtid "$GTID" --layer silver --timeout 5`;

interface WaitOptions {
  readonly gtid: string;
  readonly layer: keyof typeof LAYERS;
  readonly timeout: number;
}

export function register(program: Command): void {
  program
    .command('wait')
    .description('Wait until the lake includes a commit of MySQL.')
    .requiredOption('--gtid <gtid>', 'GTID or GTID set of the commit')
    .addOption(new Option('--layer <name>', 'layer that must include it').choices(Object.keys(LAYERS)).default('gold'))
    .option('--timeout <seconds>', 'how long to wait', seconds, SECONDS_DEFAULT)
    .addHelpText('after', HELP)
    .action(async (options: WaitOptions) => {
      const token = parseToken(options.gtid);
      const wire = wireOf();
      const deadline = performance.now() + options.timeout * 1_000;
      for (;;) {
        const cut = await readCut(wire, LAYERS[options.layer]);
        if (cutIncludes(cut, token)) {
          printLine(`${options.layer} includes ${options.gtid}: it is at ${cut.gtid ?? ''}`);
          return;
        }
        if (performance.now() > deadline) throw notYet(options, cut);
        await sleep(POLL_MS);
      }
    });
}

function notYet({ gtid, layer, timeout }: WaitOptions, cut: Cut): LedgerflowError {
  return new LedgerflowError('LF_WAIT_OVER', `${layer} is at ${cut.gtid ?? 'no commit yet'} after ${timeout} s`, { where: gtid });
}

async function readCut(wire: Login, sql: string): Promise<Cut> {
  const rows: (readonly Cell[])[] = [];
  await streamQuery(wire, sql, { columns: () => undefined, row: (cells) => void rows.push(cells) });
  const [seq, gtid] = rows[0] ?? [null, null];
  return { seq: Number(seq ?? -1), gtid: gtid ?? null };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('must be a number of seconds');
  return value;
}
