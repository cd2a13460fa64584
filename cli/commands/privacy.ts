// `ledgerflow privacy`: the column policies, whether what is stored obeys them, erasing a customer, turning a token back.

import type { Command } from 'commander';
import { z } from 'zod';
import { problemText } from '../../cdc/privacy/judge.ts';
import { readPolicies, policyFile } from '../../cdc/privacy/policy-file.ts';
import { actionText, inKafka, type Policies } from '../../cdc/privacy/policy.ts';
import { isRunning, readRunFile } from '../../infra/native/run-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { queryAll } from '../support/wire-client.ts';
import { inMysql, storedWrong } from '../support/privacy.ts';
import { whoAmI, wireOf } from '../support/running.ts';
import { renderTable } from '../support/table.ts';

const HELP = `
Column policies are declared in privacy.json in the home folder (docs/privacy.md) and applied before anything is written. A token can be
turned back with its customer's key; erasing a customer deletes that key, which no copy of the lake can undo.

Examples:
  $ ledgerflow privacy
  $ ledgerflow privacy check
  $ ledgerflow privacy erase --customer 1003 --reason "asked for on 3 May" --yes
  $ ledgerflow privacy reveal --token tok_… --reason "case 4711"`;

interface Options {
  readonly json?: boolean;
}

export function register(program: Command): void {
  const privacy = program.command('privacy').description('Column policies, tokens, and erasing a customer.').addHelpText('after', HELP);
  privacy
    .command('list', { isDefault: true })
    .description('Show what is done to which column, and what Kafka still holds of it.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow privacy list --json')
    .action(list);
  privacy
    .command('check')
    .description("Hold privacy.json against MySQL's tables, and what is stored against privacy.json.")
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nWhen LedgerFlow does not run, the file alone is looked at.\n\nExample:\n  $ ledgerflow privacy check')
    .action(check);
  privacy
    .command('audit')
    .description('Show what was erased, revealed and changed in the policies, by whom and why.')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  $ ledgerflow privacy audit')
    .action(audit);
  privacy
    .command('erase')
    .description("Delete a customer's key: no token of the customer can be turned back any more, anywhere. Sums stay.")
    .requiredOption('--customer <id>', 'the customer, as in the subject column')
    .requiredOption('--reason <text>', 'why; kept with your name and the time')
    .option('--yes', 'really do it: nothing undoes it')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow privacy erase --customer 1003 --reason "asked for on 3 May" --yes')
    .action(erase);
  privacy
    .command('reveal')
    .description('Turn a token back into its value; kept with your name, the time and the reason.')
    .requiredOption('--token <token>', 'the whole token')
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  $ ledgerflow privacy reveal --token tok_… --reason "case 4711"')
    .action(reveal);
}

function policies(): Policies | null {
  return readPolicies(loadConfig().home);
}

function list({ json }: Options): void {
  const found = policies();
  const rows = [...(found?.tables.values() ?? [])].flatMap(({ table, subject, columns }) =>
    [...columns].map(([column, policy]) => ({
      table,
      column,
      action: actionText(policy),
      subject,
      kafka: inKafka(policy),
      gone: policy.gone,
    })),
  );
  if (json === true) {
    printJson({ file: found?.file ?? null, reviewed: found?.reviewed ?? null, columns: rows });
    return;
  }
  if (found === null) {
    printLine(`no column policies: there is no ${policyFile(loadConfig().home)}`);
    return;
  }
  const columns = ['table', 'column', 'policy', 'customer', 'in Kafka'].map((name) => ({ name }));
  printLine(renderTable(columns, rows.map(({ table, column, action, subject, kafka }) => [table, column, action, subject ?? '', kafka]))); // prettier-ignore
  printNote(`reviewed by ${found.reviewed.by} on ${found.reviewed.on}`);
}

async function check({ json }: Options): Promise<void> {
  const config = loadConfig();
  const found = policies();
  if (found === null) throw new LedgerflowError('LF_USAGE', `there is no ${policyFile(config.home)}; docs/privacy.md shows one`);
  const running = isRunning(readRunFile(config.home));
  const problems = running ? await inMysql(config, found) : [];
  const stored = running && problems.length === 0 ? await storedWrong(wireOf(), found) : [];
  if (json === true) printJson({ file: found.file, looked: running ? 'file, MySQL, silver' : 'file', problems, stored });
  else {
    for (const problem of problems) printLine(problemText(problem));
    for (const { relation, column, rows } of stored) printLine(`${relation}.${column}: ${rows} rows hold what the policy does not allow`);
    if (problems.length + stored.length === 0)
      printLine(
        running ? 'policies and stored values are right' : 'the file is right; LedgerFlow does not run, so nothing else was looked at',
      );
  }
  if (problems.length > 0) throw new LedgerflowError('LF_POLICY_REFUSED', `${problems.length} policies do not fit`, { where: found.file });
  if (stored.length > 0) throw new LedgerflowError('LF_POLICY_LATE', `${stored.length} columns hold other values`, { where: found.file });
}

async function audit({ json }: Options): Promise<void> {
  const at = `strftime(done_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS at`;
  const { columns, rows } = await queryAll(
    wireOf(),
    `SELECT ${at}, done_by, what, subject, reason, detail FROM ops.privacy_audit ORDER BY done_at`,
  );
  if (json === true) printJson(rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]))));
  else printLine(rows.length === 0 ? 'nothing yet' : renderTable(columns, rows.map((row) => row.map((cell) => cell ?? '')))); // prettier-ignore
}

const erasedSchema = z.object({ customer: z.string(), hadKey: z.boolean(), notCovered: z.array(z.string()) });

async function erase(options: Options & { readonly customer: string; readonly reason: string; readonly yes?: boolean }): Promise<void> {
  const { customer, reason, yes, json } = options;
  if (yes !== true)
    throw new LedgerflowError('LF_CONFIRMATION_NEEDED', `this would make every token of customer ${customer} unreadable for good`);
  const done = erasedSchema.parse(await callControl(loadConfig().home, 'privacy/erase', { customer, by: whoAmI(), reason }));
  if (json === true) {
    printJson(done);
    return;
  }
  printLine(
    done.hadKey ? `customer ${customer}: the key is deleted` : `customer ${customer} had no key: no token of it can be turned back`,
  );
  if (done.notCovered.length > 0) printNote(`not tied to a customer, and as before: ${done.notCovered.join(', ')}`);
  printNote('MySQL, Kafka where `ledgerflow privacy` says "clear value", and backups of the folder privacy are for you to clean');
}

async function reveal({ token, reason, json }: Options & { readonly token: string; readonly reason: string }): Promise<void> {
  const answer = await callControl(loadConfig().home, 'privacy/reveal', { token, by: whoAmI(), reason });
  const { value } = z.object({ value: z.string() }).parse(answer);
  if (json === true) printJson({ value });
  else printLine(value);
}
