// `ledgerflow connector`: what Debezium's connector and its task do, and the orders it takes.

import type { Command } from 'commander';
import { recoverSchemaHistory } from '../../cdc/connector/recover.ts';
import { connectorStatus, pauseConnector, restartConnector, resumeConnector } from '../../cdc/connector/status.ts';
import type { ConnectorAddress, ConnectorStatus } from '../../cdc/connector/status.ts';
import { requireRunning, type Endpoints, type RunFile } from '../../infra/native/run-file.ts';
import { loadSecrets } from '../../infra/native/secrets.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { resnapshot } from '../backfill/resnapshot.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { renderPairs } from '../support/table.ts';
import { registerCapture } from '../up/register-capture.ts';

interface Options {
  readonly json?: boolean;
}

const HELP = `
A connector can say RUNNING while its task has failed: the task counts.
Exit code: 0 when connector and task run, ${EXIT.DEGRADED} when they do not, ${EXIT.NOT_RUNNING} when LedgerFlow is stopped.

Examples:
  $ ledgerflow connector
  $ ledgerflow connector restart
  $ ledgerflow connector status --json`;

/** How long an order may take to show in the status. */
const SETTLE_DEADLINE_MS = 15_000;
const SETTLE_INTERVAL_MS = 200;

export function register(program: Command): void {
  const connector = program.command('connector').description('Show and control the Debezium connector.').addHelpText('after', HELP);
  connector
    .command('status', { isDefault: true })
    .description('Show the state of the connector and of its task.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow connector status --json')
    .action(async (options: Options) => {
      const address = addressOf(running());
      show(address, await connectorStatus(address), options);
    });
  connector
    .command('register')
    .description('Make the topics and the connector, or bring its configuration up to date.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow connector register')
    .action(registerNow);
  connector
    .command('recover')
    .description('Rebuild the schema history from the tables as they are, when its topic is gone. No table may change meanwhile.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow connector recover')
    .action(async (options: Options) => {
      const address = addressOf(running());
      show(address, await recoverSchemaHistory(address), options);
    });
  connector
    .command('resnapshot <table>')
    .description('Read one table again, beside the running capture; a held table goes on afterwards.')
    .option('--wait <seconds>', 'how long to wait for its end, 0 not at all', '600')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow connector resnapshot customers')
    .action(resnapshotNow);
  addOrder(connector, {
    name: 'restart',
    text: 'Restart the connector and its task.',
    order: (address) => restartConnector(address, true),
  });
  addOrder(connector, { name: 'pause', text: 'Stop reading the binlog; the position is kept.', order: pauseConnector, until: 'PAUSED' });
  addOrder(connector, { name: 'resume', text: 'Go on reading the binlog.', order: resumeConnector });
}

interface Order {
  readonly name: string;
  readonly text: string;
  readonly order: (address: ConnectorAddress) => Promise<void>;
  /** The state that shows that the order was carried out; default: connector and task run. */
  readonly until?: ConnectorStatus['state'];
}

function addOrder(connector: Command, { name, text, order, until }: Order): void {
  connector
    .command(name)
    .description(text)
    .option('--json', 'print one JSON object')
    .addHelpText('after', `\nExample:\n  $ ledgerflow connector ${name}`)
    .action(async (options: Options) => {
      const address = addressOf(running());
      await order(address);
      const status = await settle(address, (found) => (until === undefined ? found.running : found.state === until));
      show(address, status, options, until);
    });
}

/** Waits until Connect has carried out an order; gives back the last status in any case. */
async function settle(address: ConnectorAddress, done: (status: ConnectorStatus) => boolean): Promise<ConnectorStatus> {
  const end = Date.now() + SETTLE_DEADLINE_MS;
  for (;;) {
    await sleep(SETTLE_INTERVAL_MS);
    const status = await connectorStatus(address);
    if (done(status) || Date.now() >= end) return status;
  }
}

async function registerNow(options: Options): Promise<void> {
  const run = running();
  const { mysql, kafka, connect } = run.endpoints;
  if (mysql === undefined || kafka === undefined || connect === undefined) throw notUp();
  const config = loadConfig();
  const capture = await registerCapture({ config, endpoints: { mysql, kafka, connect }, secrets: loadSecrets(config.home) });
  for (const topic of capture.topicsCreated) printNote(`created topic ${topic}`);
  for (const remark of capture.remarks) printNote(remark);
  for (const { topic, setting, found, wanted } of capture.drift)
    printNote(`warning: ${topic} has ${setting}=${found}, wanted is ${wanted}`);
  show(addressOf(run), capture.status, options);
}

async function resnapshotNow(table: string, options: Options & { readonly wait: string }): Promise<void> {
  const { mysql, wire } = running().endpoints;
  if (mysql === undefined || wire === undefined) throw notUp();
  const config = loadConfig();
  const waitSeconds = Number(options.wait);
  if (!(waitSeconds >= 0)) throw new LedgerflowError('LF_USAGE', '--wait is not a number of seconds');
  const login = { host: mysql.host, port: mysql.port, user: 'ledgerflow_cdc', password: loadSecrets(config.home).mysqlCdc };
  const result = await resnapshot({
    ...{ table, database: config.mysqlDatabase, mysql: login, wire },
    waitMs: waitSeconds * 1_000,
    onProgress: printNote,
  });
  if (options.json === true) printJson({ table, ...result });
  else printLine(result.status === 'done' ? `${table} was read again` : `${table} will be read again (signal ${result.signal})`);
}

function running(): RunFile {
  return requireRunning(loadConfig().home);
}

function addressOf(run: RunFile): ConnectorAddress {
  const connect: Endpoints['connect'] | undefined = run.endpoints.connect;
  if (connect === undefined) throw notUp();
  return { connectUrl: connect.url, connectorName: connect.connector };
}

function notUp(): LedgerflowError {
  return new LedgerflowError('LF_CONNECT_UNREACHABLE', 'Kafka Connect is not up yet');
}

function show(address: ConnectorAddress, status: ConnectorStatus, options: Options, wanted?: ConnectorStatus['state']): void {
  if (options.json === true) printJson({ connector: address.connectorName, url: address.connectUrl, ...status });
  else printLine(renderConnector(address, status));
  const good = wanted === undefined ? status.running : status.state === wanted;
  process.exitCode = good ? EXIT.OK : EXIT.DEGRADED;
}

/** The status for people. */
export function renderConnector(address: ConnectorAddress, status: ConnectorStatus): string {
  const tasks = status.tasks.map((task): [string, string] => [`task ${task.id}`, withReason(task.state, task.reason)]);
  const ownReason = tasks.length === 0 ? status.reason : null;
  const none: [string, string][] = tasks.length === 0 && status.state !== 'MISSING' ? [['tasks', 'none']] : tasks;
  const state = status.state === 'MISSING' ? 'not registered: run `ledgerflow connector register`' : withReason(status.state, ownReason);
  return renderPairs([['connector', address.connectorName], ['Connect', address.connectUrl], ['state', state], ...none]);
}

function withReason(state: string, reason: string | null): string {
  return reason === null ? state : `${state}: ${reason}`;
}
