// What a person does with breaks and matches: every change is an event that stays, with who and when.

import { Option, type Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../../infra/runtime/config.ts';
import { callControl } from '../../../infra/runtime/control-client.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { bankToken } from '../../bank/bank-token.ts';
import { EXIT } from '../../exit-codes.ts';
import { whole } from '../../support/arguments.ts';
import { printJson, printLine } from '../../support/output.ts';
import { whoAmI } from '../../support/running.ts';
import { printRows } from './reads.ts';

interface Act {
  readonly note: string;
  readonly as: string;
}

const AS = (): Option =>
  new Option('--as <name>', 'who acts; otherwise the user of this shell').default(whoAmI(), 'the user of this shell');

const LOGIN = (): Option =>
  new Option('--login <email>', 'log in with the bank as this operator; the password is read from standard input');
const SIGNED = `
With LEDGERFLOW_BANK_AUTH=on the bank asks who acts: log in with --login, or put an operator's access token into LEDGERFLOW_BANK_TOKEN.
Who asks for a journal and who approves it are then the persons that their tokens name, and --as says nothing.`;

interface Signed extends Act {
  readonly login?: string;
}

async function tokenOf(login: string | undefined): Promise<{ token?: string }> {
  const token = await bankToken(login);
  return token === undefined ? {} : { token };
}

async function tell(command: string, body: object): Promise<void> {
  printJson(await callControl(loadConfig().home, `recon/${command}`, body));
}

const MOVES = [
  ['acknowledge', 'Say that you have seen breaks.'],
  ['investigate', 'Say that you look into breaks.'],
  ['resolve', 'Close breaks that need no match: their rows are not compared any more.'],
  ['write-off', 'Close breaks as written off.'],
  ['reopen', 'Open resolved breaks again: their rows are compared by the next run.'],
  ['accept', 'Confirm the pairs of breaks as matches, several at once.'],
] as const;

export function registerActions(recon: Command): void {
  for (const [action, about] of MOVES)
    recon
      .command(action)
      .description(about)
      .argument('<break...>', 'numbers of the breaks')
      .option('--note <text>', 'why', '')
      .addOption(AS())
      .addHelpText('after', `\nExample:\n  $ ledgerflow recon ${action} b1f00c0ffee12345 --note "seen with the bank"`)
      .action((breaks: string[], { note, as }: Act) => tell('move', { breaks, action, note, by: as }));
  for (const [kind, what] of [
    ['comment', 'text'],
    ['owner', 'name'],
    ['evidence', 'link or text'],
  ] as const)
    recon
      .command(kind)
      .description(`Add ${kind === 'comment' ? 'a comment to' : kind === 'owner' ? 'an owner to' : 'evidence to'} a break.`)
      .argument('<break>', 'number of the break')
      .argument('<text>', what)
      .addOption(AS())
      .addHelpText('after', `\nExample:\n  $ ledgerflow recon ${kind} b1f00c0ffee12345 "${kind === 'owner' ? 'nadia' : 'ticket 4711'}"`)
      .action((id: string, text: string, { as }: Act) => tell('note', { break: id, kind, text, by: as }));
  registerMatches(recon);
  registerJournals(recon);
}

interface MatchOptions {
  readonly source: string;
  readonly external: string[];
  readonly internal: string[];
  readonly reason: string;
  readonly as: string;
}

function registerMatches(recon: Command): void {
  recon
    .command('match')
    .description('Match open rows by hand, one or several of either side.')
    .requiredOption('--source <name>', 'source of the rows')
    .requiredOption('--external <id...>', 'numbers of the external rows')
    .requiredOption('--internal <id...>', 'numbers of our rows')
    .requiredOption('--reason <text>', 'why they belong together')
    .addOption(AS())
    .addHelpText(
      'after',
      '\nExample:\n  $ ledgerflow recon match --source bank_csv --external X7 --internal 1003 --reason "the bank confirmed it"',
    )
    .action(({ as, ...body }: MatchOptions) => tell('match', { ...body, by: as }));
  recon
    .command('unmatch')
    .description('Take a match back: its rows become a break and are matched again by a person only.')
    .argument('<match>', 'number of the match', whole)
    .requiredOption('--reason <text>', 'why')
    .addOption(AS())
    .addHelpText('after', '\nExample:\n  $ ledgerflow recon unmatch 12 --reason "another customer"')
    .action((match: number, { reason, as }: { reason: string; as: string }) => tell('unmatch', { match, reason, by: as }));
  recon
    .command('explain')
    .description('Show why rows were matched or not: both sides, score components, the reason, and what happened since.')
    .argument('<name>', 'number of a break or a match, or of a row of either side')
    .addHelpText('after', '\nExample:\n  $ ledgerflow recon explain b1f00c0ffee12345')
    .action(explain);
  recon
    .command('audit')
    .description('Verify the hash-chained logs of all runs and the events of all breaks.')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `\nExit code: 0 when they are what was written, ${EXIT.LEDGER_WRONG} when not.\n\nExample:\n  $ ledgerflow recon audit`,
    )
    .action(audit);
}

function registerJournals(recon: Command): void {
  recon
    .command('journal')
    .description('Ask for the correcting journal of a break; somebody else approves it.')
    .argument('<break>', 'number of the break')
    .option('--account <id>', 'account of ours that money we do not know belongs to')
    .option('--note <text>', 'why', '')
    .addOption(LOGIN())
    .addOption(AS())
    .addHelpText('after', `${SIGNED}\n\nExample:\n  $ ledgerflow recon journal b1f00c0ffee12345`)
    .action(async (id: string, { account, note, as, login }: Signed & { account?: string }) =>
      tell('journal', { break: id, note, by: as, ...(account === undefined ? {} : { account }), ...(await tokenOf(login)) }),
    );
  recon
    .command('approve')
    .description("Approve the journal of a break: it is posted through the bank's API and the break is resolved.")
    .argument('<break>', 'number of the break')
    .option('--note <text>', 'why', '')
    .addOption(LOGIN())
    .addOption(AS())
    .addHelpText(
      'after',
      `${SIGNED}\n\nExamples:\n  $ ledgerflow recon approve b1f00c0ffee12345 --as nadia\n  $ ledgerflow recon approve b1f00c0ffee12345 --login nadia@example.com < password.txt`,
    )
    .action(async (id: string, { note, as, login }: Signed) => tell('approve', { break: id, note, by: as, ...(await tokenOf(login)) }));
}

const auditSchema = z.object({ runs: z.number(), entries: z.number(), events: z.number(), head: z.string(), eventsHead: z.string() });

async function audit({ json }: { json?: boolean }): Promise<void> {
  const report = auditSchema.parse(await callControl(loadConfig().home, 'recon/audit', {}));
  if (json === true) {
    printJson(report);
    return;
  }
  printLine(`ok: ${report.runs} runs, ${report.entries} entries, ${report.events} events of breaks are what was written`);
  printLine(`head of the logs    ${report.head}\nhead of the events  ${report.eventsHead}`);
}

async function explain(name: string): Promise<void> {
  const text = literal(name);
  const rows = `SELECT r.row_no FROM ops.recon_rows r WHERE r.row_id = ${text} UNION SELECT row_no FROM ops.recon_break_rows WHERE break_id = ${text}
    UNION SELECT row_no FROM ops.recon_match_rows WHERE CAST(match_id AS VARCHAR) = ${text}`;
  const near = `SELECT DISTINCT x.row_no FROM (SELECT break_id, row_no FROM ops.recon_break_rows) x JOIN (SELECT DISTINCT break_id FROM ops.recon_break_rows WHERE row_no IN (${rows})) b ON b.break_id = x.break_id
    UNION SELECT y.row_no FROM ops.recon_match_rows y WHERE y.match_id IN (SELECT match_id FROM ops.recon_match_rows WHERE row_no IN (${rows})) UNION ${rows}`;
  const none = { none: 'nothing has this number' };
  await printRows(`SELECT side, row_id AS id, strftime(booked_at, '%Y-%m-%d %H:%M') AS at, amount, currency, reference, description, run_id AS run FROM ops.recon_rows WHERE row_no IN (${near}) ORDER BY side, row_no`, none); // prettier-ignore
  await printRows(
    `SELECT m.match_id AS match, m.tier, round(m.score, 4) AS score, m.components, round(m.margin, 4) AS margin, m.why, m.actor AS "by", u.reason AS taken_back FROM ops.recon_matches m LEFT JOIN ops.recon_undone u ON u.match_id = m.match_id
      WHERE m.match_id IN (SELECT match_id FROM ops.recon_match_rows WHERE row_no IN (${rows})) ORDER BY 1`,
    { none: 'no match' },
  );
  await printRows(
    `SELECT break_id AS "break", reason, state, owner, round(score, 4) AS score, components, difference, currency, why FROM gold.recon_breaks WHERE break_id IN (SELECT break_id FROM ops.recon_break_rows WHERE row_no IN (${rows})) ORDER BY opened_at`,
    { none: 'no break' },
  );
  await printRows(
    `SELECT seq, break_id AS "break", strftime(happened_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS at, actor AS "by", kind, from_state AS "from", to_state AS "to", note, data FROM ops.recon_break_events
      WHERE break_id IN (SELECT break_id FROM ops.recon_break_rows WHERE row_no IN (${rows})) ORDER BY seq`,
    { none: 'no events' },
  );
}
