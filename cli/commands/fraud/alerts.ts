// `ledgerflow fraud alerts`: the queue of alerts and the work on them. Reads through the PostgreSQL endpoint, writes through the processor.

import { Option, type Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { callControl } from '../../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { EXIT } from '../../exit-codes.ts';
import { instant, whole } from '../../support/arguments.ts';
import { printJson, printLine, printNote } from '../../support/output.ts';
import { listAlerts, print, showAlert, STATE_FILTERS, wholeIds } from '../../support/fraud-queue.ts';
import { whoAmI, wireOf } from '../../support/running.ts';
import { queryAll } from '../../support/wire-client.ts';

const HELP = `
An alert is a case: open, acknowledged, closed as confirmed, false-positive or inconclusive. Every step is a row of
ops.fraud_alert_events that is never changed; the queue is gold.fraud_queue, what the outcomes say of the rules gold.fraud_rule_precision.

Examples:
  $ ledgerflow fraud alerts
  $ ledgerflow fraud alerts show 4be2
  $ ledgerflow fraud alerts close 4be2 --outcome confirmed --note "customer called"
  $ ledgerflow fraud alerts precision`;

const CHANGE_HELP = `
Ids may be shortened as long as they name one alert. Exit code: 0 when all is as asked, ${EXIT.FAILED} when an alert was refused.`;

const OUTCOMES = ['confirmed', 'false-positive', 'inconclusive'] as const;

interface Options {
  readonly json?: boolean;
  readonly note?: string;
}
interface CloseOptions extends Options {
  readonly outcome: (typeof OUTCOMES)[number];
  readonly rule?: string;
  readonly entity?: string;
  readonly before?: string;
}

const workedSchema = z.object({
  changed: z.number(),
  unchanged: z.number(),
  refused: z.array(z.object({ id: z.string(), because: z.string() })),
  remaining: z.number(),
});

export function registerAlerts(fraud: Command): void {
  const alerts = fraud.command('alerts').description('List alerts, show one, work on them.').addHelpText('after', HELP);
  registerReading(alerts);
  registerSteps(alerts);
  alerts
    .command('snooze')
    .description('Keep the rule of an alert quiet about its entity for a while: alerts are kept, nobody is told.')
    .argument('<id>', 'the alert; may be shortened')
    .requiredOption('--minutes <n>', 'for how long', whole)
    .requiredOption('--reason <text>', 'why')
    .addHelpText(
      'after',
      '\nExample:\n  $ ledgerflow fraud alerts snooze 4be2 --minutes 1440 --reason "moves house"\n\n`ledgerflow fraud unlist` ends it.',
    )
    .action(snooze);
  alerts
    .command('close')
    .description('Close alerts with an outcome: by id, or all of a rule or an entity.')
    .argument('[ids...]', 'alerts')
    .addOption(new Option('--outcome <outcome>', 'what it was').choices(OUTCOMES).makeOptionMandatory())
    .option('--rule <rule>', 'all of this rule that are not closed')
    .option('--entity <id>', 'all about this account, customer, device or merchant that are not closed')
    .option('--before <time>', 'only those at or before this time (ISO 8601)', instant)
    .option('--note <text>', 'why; needed to give a closed alert another outcome')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `${CHANGE_HELP}\n\nExample:\n  $ ledgerflow fraud alerts close --rule velocity --before 2026-11-01T00:00:00Z --outcome false-positive`,
    )
    .action(close);
}

function registerReading(alerts: Command): void {
  alerts
    .command('list', { isDefault: true })
    .description('List the queue, newest first.')
    .addOption(new Option('--state <state>', 'in this state; working: open and acknowledged').choices(STATE_FILTERS).default('working'))
    .option('--rule <rule>', 'of this rule only')
    .option('--entity <id>', 'about this account, customer, device or merchant only')
    .option('--limit <n>', 'at most this many', whole, 50)
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow fraud alerts list --state closed --rule structuring --json')
    .action(listAlerts);
  alerts
    .command('show')
    .description('Show one alert with its explanation, the values behind it and every step of its case.')
    .argument('<id>', 'the alert; may be shortened')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow fraud alerts show 4be2')
    .action(showAlert);
  alerts
    .command('precision')
    .description('Show what the outcomes say of each rule: confirmed of those that were decided.')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow fraud alerts precision --json')
    .action(({ json }: Options) =>
      print('SELECT * REPLACE (round("precision", 4) AS "precision") FROM gold.fraud_rule_precision ORDER BY rule_id, rule_version', json),
    );
}

function registerSteps(alerts: Command): void {
  const step = (name: string, description: string, example: string): Command =>
    alerts
      .command(name)
      .description(description)
      .argument('<ids...>', 'alerts')
      .option('--json', 'print one JSON object')
      .addHelpText('after', `${CHANGE_HELP}\n\nExample:\n  $ ledgerflow fraud alerts ${name} ${example}`);
  step('ack', 'Take alerts: you look after them.', '4be2 91c0')
    .option('--note <text>', 'what you know')
    .action((ids: string[], { note, json }: Options) => work('ack', ids, { note: note ?? null }, json));
  step('assign', 'Give alerts to somebody.', '4be2 --to ann')
    .requiredOption('--to <name>', 'who looks after them')
    .option('--note <text>', 'why')
    .action((ids: string[], { to, note, json }: Options & { to: string }) => work('assign', ids, { to, note: note ?? null }, json));
  step('note', 'Add a note to alerts, closed ones too.', '4be2 --note "called the customer"')
    .requiredOption('--note <text>', 'the note')
    .action((ids: string[], { note, json }: Options) => work('note', ids, { note }, json));
}

/** Quiet for the rule of an alert about its entity: the alert is kept, further ones are too, nobody is told. */
async function snooze(short: string, { minutes, reason }: { readonly minutes: number; readonly reason: string }): Promise<void> {
  const wire = wireOf();
  const [id = ''] = await wholeIds(wire, [short]);
  const { rows } = await queryAll(wire, `SELECT rule_id, entity_type, entity_id FROM gold.fraud_queue WHERE alert_id = ${literal(id)}`);
  const [rule, entityType, entityId] = rows[0] ?? [];
  const by = whoAmI();
  printJson(await callControl(loadConfig().home, 'fraud/list', { list: 'snooze', rule, entityType, entityId, minutes, reason, by }));
}

async function work(order: string, shorts: readonly string[], body: object, json: boolean | undefined): Promise<void> {
  await send(order, { ...body, ids: await wholeIds(wireOf(), shorts) }, json);
}

async function close(shorts: string[], { outcome, rule, entity, before, note, json }: CloseOptions): Promise<void> {
  const chosen = {
    ...(shorts.length === 0 ? {} : { ids: await wholeIds(wireOf(), shorts) }),
    ...(rule === undefined ? {} : { rule }),
    ...(entity === undefined ? {} : { entity }),
    ...(before === undefined ? {} : { before }),
  };
  if (shorts.length === 0 && rule === undefined && entity === undefined)
    throw new LedgerflowError('LF_USAGE', 'choose alerts by id, --rule or --entity');
  await send('close', { ...chosen, outcome: outcome.replace('-', '_'), note: note ?? null }, json);
}

async function send(order: string, body: object, json: boolean | undefined): Promise<void> {
  const by = whoAmI();
  const worked = workedSchema.parse(await callControl(loadConfig().home, `fraud/alerts/${order}`, { ...body, by }));
  const { changed, unchanged, refused, remaining } = worked;
  if (json === true) printJson(worked);
  else {
    printLine(`${changed} changed${unchanged === 0 ? '' : `, ${unchanged} were so already`}`);
    for (const { id, because } of refused) printLine(`refused: ${id}: ${because}`);
  }
  if (remaining > 0) printNote(`${remaining} more are left for the next call: run it again`);
  if (refused.length > 0) process.exitCode = EXIT.FAILED;
}
