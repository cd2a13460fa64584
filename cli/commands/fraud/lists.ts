// `ledgerflow fraud allow|deny|snooze|unlist|lists`: what is let through, what is stopped, and which rule is quiet for whom.

import { Argument, type Command } from 'commander';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { callControl } from '../../../infra/runtime/control-client.ts';
import { jsonRows } from '../../support/json-rows.ts';
import { whole } from '../../support/arguments.ts';
import { printJson, printLine } from '../../support/output.ts';
import { whoAmI, wireOf } from '../../support/running.ts';
import { renderTable } from '../../support/table.ts';
import { queryAll } from '../../support/wire-client.ts';

const ENTITIES = ['customer', 'account', 'counter_account', 'merchant', 'device'];
const time = (column: string): string => `strftime(${column}, '%Y-%m-%dT%H:%M:%SZ') AS ${column}`;
const LISTS_SQL = `SELECT entry_id AS entry, list, rule_id AS rule, entity_type, entity_id, ${time('from_ts')}, ${time('until_ts')}, reason, added_by, ended_by FROM ops.fraud_lists`;

interface Options {
  readonly reason: string;
  readonly minutes?: number;
}

export function registerLists(fraud: Command): void {
  entryCommand(fraud, 'allow', 'Let the movements of somebody through: alerts are kept, nobody is told.').action(
    (entityType: string, entityId: string, options: Options) => add({ list: 'allow', entityType, entityId, ...options }),
  );
  entryCommand(fraud, 'deny', 'Alert on every movement of somebody, with the decision block.').action(
    (entityType: string, entityId: string, options: Options) => add({ list: 'deny', entityType, entityId, ...options }),
  );
  fraud
    .command('snooze')
    .description('Keep one rule quiet about somebody for a while: alerts are kept, nobody is told.')
    .argument('<rule>', 'the rule')
    .addArgument(new Argument('<type>', 'what it is').choices(ENTITIES))
    .argument('<id>', 'its id')
    .requiredOption('--minutes <n>', 'for how long', whole)
    .requiredOption('--reason <text>', 'why')
    .addHelpText('after', '\nExample:\n  $ ledgerflow fraud snooze velocity_count customer 1001 --minutes 1440 --reason "moves house"')
    .action((rule: string, entityType: string, entityId: string, options: Options) =>
      add({ list: 'snooze', rule, entityType, entityId, ...options }),
    );
  fraud
    .command('unlist')
    .description('End an entry of a list.')
    .argument('<entry>', 'number of the entry', whole)
    .addHelpText('after', '\nExample:\n  $ ledgerflow fraud unlist 3')
    .action(async (entry: number) => printJson(await callControl(loadConfig().home, 'fraud/unlist', { entry, by: whoAmI() })));
  fraud
    .command('lists')
    .description('List the entries of all lists that hold now.')
    .option('--all', 'ended ones too')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow fraud lists --all')
    .action(show);
}

function entryCommand(fraud: Command, name: string, description: string): Command {
  return fraud
    .command(name)
    .description(description)
    .addArgument(new Argument('<type>', 'what it is').choices(ENTITIES))
    .argument('<id>', 'its id')
    .option('--minutes <n>', 'for how long; until it is ended when not given', whole)
    .requiredOption('--reason <text>', 'why')
    .addHelpText('after', `\nExample:\n  $ ledgerflow fraud ${name} merchant 17 --reason "asked for by the card scheme"`);
}

async function add(entry: object): Promise<void> {
  printJson(await callControl(loadConfig().home, 'fraud/list', { ...entry, by: whoAmI() }));
}

async function show({ all, json }: { all?: boolean; json?: boolean }): Promise<void> {
  const wire = wireOf();
  const holds = all === true ? '' : `WHERE until_ts IS NULL OR until_ts > now() AT TIME ZONE 'UTC'`;
  const { columns, rows } = await queryAll(wire, `${LISTS_SQL} ${holds} ORDER BY entry_id`);
  if (json === true) printLine(jsonRows({ columns, rows }));
  else printLine(renderTable(columns, rows.map((row) => row.map((cell) => cell ?? '')))); // prettier-ignore
}
