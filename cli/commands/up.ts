// `ledgerflow up`: gets the parts, starts them in order, watches them, stops them in order.

import type { Command } from 'commander';
import { planNative } from '../../infra/native/native-steps.ts';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { findOnPath } from '../../infra/native/obtain/find-program.ts';
import { cachedMysql } from '../../infra/native/obtain/mysql.ts';
import { obtainStack } from '../../infra/native/obtain/stack.ts';
import { loadSecrets } from '../../infra/native/secrets.ts';
import { claimHome, Supervisor } from '../../infra/native/supervisor.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { isAborted } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { refuseUnfinishedRestore } from '../../lake/backup/restore.ts';
import { EXIT } from '../exit-codes.ts';
import { readStatus } from '../support/status.ts';
import { stopSignal, stopWhenOutputCloses } from '../support/stop-signal.ts';
import { startDetached } from '../up/detach.ts';
import { pipelineSteps } from '../up/pipeline-steps.ts';
import { plainView } from '../up/plain-view.ts';
import { TerminalView } from '../up/terminal-view.ts';
import type { UpView } from '../up/up-view.ts';

interface Options {
  readonly detach?: boolean;
  readonly plain?: boolean;
}

const STATUS_INTERVAL_MS = 1_000;

const HELP = `
In the foreground Ctrl-C stops all parts in order; the next start goes on where this one stopped.
Exit code: 0 after an orderly stop (or when detached and streaming), ${EXIT.FAILED} when a part could not be started,
${EXIT.USAGE} for a wrong setting, ${EXIT.ALREADY_RUNNING} when it already runs in this home folder.

Examples:
  $ ledgerflow up
  $ ledgerflow up --detach && ledgerflow status
  $ LEDGERFLOW_MYSQL_URL=mysql://root:secret@127.0.0.1:3306 ledgerflow up --plain`;

export function register(program: Command): void {
  program
    .command('up')
    .description('Set up and run the whole pipeline: MySQL, Kafka, Connect with Debezium, the processor.')
    .option('--detach', 'return when it is streaming; stop it later with `ledgerflow down`')
    .option('--plain', 'log lines instead of a live display (the default in a pipe)')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const config = loadConfig();
      if (options.detach === true) await startDetached(config, stopSignal());
      else await runForeground(config, options.plain === true || !process.stdout.isTTY);
    });
}

/** Runs until asked to stop. @throws LedgerflowError when something could not be started; all is stopped then */
async function runForeground(config: Config, plain: boolean): Promise<void> {
  const signal = stopSignal();
  const onClosed = stopWhenOutputCloses();
  const view = plain ? plainView(config, onClosed) : new TerminalView(mysqlClient(config));
  let failed = true;
  try {
    await runPipeline(config, view, signal);
    failed = false;
  } catch (error) {
    if (!(isAborted(error) && signal.aborted)) throw error;
    failed = false;
  } finally {
    await view.close(failed);
  }
}

async function runPipeline(config: Config, view: UpView, signal: AbortSignal): Promise<void> {
  const { home } = config;
  const options = { home, onEvent: view.event.bind(view) };
  refuseUnfinishedRestore(home);
  await using claim = await claimHome(options);
  const stack = await obtainStack(config, { onProgress: view.progress.bind(view), signal });
  const secrets = loadSecrets(home);
  const plan = await planNative({ config, stack, secrets, ports: claim.ports });
  const steps = pipelineSteps({ config, plan, secrets, ducklake: stack.ducklake, onRemark: (text) => view.remark(text) });
  const supervisor = new Supervisor(options, steps, plan.endpoints);
  for (const text of plan.movedPorts) view.remark(text);
  if (config.bankAuth === 'off') view.remark('the bank API asks for no login (LEDGERFLOW_BANK_AUTH=off)');
  view.begin(steps.map((step) => step.name));
  const ended = new AbortController();
  const watching = watch(config, supervisor, view, ended.signal);
  try {
    await supervisor.run(signal);
  } finally {
    ended.abort();
    await watching;
  }
}

/** Asks the processor once a second, for the view and for run.json. */
async function watch(config: Config, supervisor: Supervisor, view: UpView, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(STATUS_INTERVAL_MS, signal).catch(() => undefined);
    if (!supervisor.allStarted || signal.aborted) continue;
    const status = await readStatus(config);
    if (signal.aborted || !supervisor.allStarted || status.state === 'stopped') continue;
    supervisor.setState(status.state);
    view.status(status);
  }
}

/** The name to put into a ready-made command line. */
function mysqlClient(config: Config): string {
  if (findOnPath('mysql') !== undefined) return 'mysql';
  return cachedMysql(cacheFolder(config.cache))?.client ?? 'mysql';
}
