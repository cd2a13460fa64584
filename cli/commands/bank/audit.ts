// `ledgerflow bank audit`: walk the hash chain over all posted transactions, carry it on, or prove one transaction.

import { InvalidArgumentError, type Command } from 'commander';
import { advanceAudit } from '../../../bank/audit/advance.ts';
import { proveTransaction } from '../../../bank/audit/prove.ts';
import { walkAudit, type Finding } from '../../../bank/audit/walk.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { MYSQL_URL_HELP, toolLogin, withBank } from '../../bank/bank-connection.ts';
import { EXIT } from '../../exit-codes.ts';
import { printJson, printLine, printNote } from '../../support/output.ts';
import { stopSignal } from '../../support/stop-signal.ts';

interface AuditCommandOptions {
  readonly advance?: boolean;
  readonly prove?: string;
  readonly head?: ReadonlyMap<number, string>;
  readonly mysqlUrl?: string;
  readonly json?: boolean;
}

const HELP = `
Walks from the first block to the last and makes every hash again from the ledger as it is now. A transaction that was changed, deleted
or put in past the triggers is named with the columns that differ. --head compares with a head that was written down elsewhere, which also
finds a chain that was made anew as a whole. docs/bank-audit.md says how the chain is made.
Exit code: 0 when all is as it was sealed, ${EXIT.LEDGER_WRONG} when anything is not.

Examples:
  $ ledgerflow bank audit
  $ ledgerflow bank audit --head 12:9b1c…
  $ ledgerflow bank audit --prove 4711 > proof.json
  $ ledgerflow bank audit --advance --json`;

export function registerAudit(bank: Command): void {
  bank
    .command('audit')
    .description('Check that no posted transaction was changed since it was sealed.')
    .option('--advance', 'seal what is settled now, as the bank service does on its own, and walk nothing')
    .option('--prove <transaction>', 'print the proof that this transaction is in the chain, as JSON', transactionId)
    .option('--head <block:hash>', 'a head known from elsewhere; may be given several times', knownHead)
    .option('--mysql-url <url>', MYSQL_URL_HELP)
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(run);
}

function transactionId(text: string): string {
  if (!/^[1-9]\d{0,18}$/.test(text)) throw new InvalidArgumentError('a transaction id is needed.');
  return text;
}

function knownHead(text: string, before: ReadonlyMap<number, string> = new Map()): ReadonlyMap<number, string> {
  const [, block, head] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (block === undefined || head === undefined) throw new InvalidArgumentError('a block number, a colon and 64 hex digits are needed.');
  return new Map([...before, [Number(block), head]]);
}

async function run(options: AuditCommandOptions): Promise<void> {
  if (options.advance === true) {
    await advance(options);
    return;
  }
  const { prove, mysqlUrl } = options;
  if (prove !== undefined) {
    printJson(await withBank(mysqlUrl, (connection) => proveTransaction(connection, prove)));
    return;
  }
  await walk(options);
}

async function advance({ mysqlUrl, json }: AuditCommandOptions): Promise<void> {
  const onProgress = ({ blocks, transactions }: { blocks: number; transactions: number }) => {
    if (blocks % PROGRESS_BLOCKS === 0) printNote(`${transactions} transactions sealed in ${blocks} blocks`);
  };
  const result = await advanceAudit({ ...toolLogin(mysqlUrl), signal: stopSignal(), onProgress });
  if (json === true) {
    printJson(result);
    return;
  }
  printLine(`sealed ${result.transactions} transactions in ${result.blocks} blocks, closed ${result.days} days`);
  if (result.open > 0)
    printLine(`nothing more can be sealed before ${result.open} open transactions end, the oldest ${result.oldestSeconds} s old`);
  printLine(`head of block ${result.blockNo}: ${result.head}`);
}

const PROGRESS_BLOCKS = 50;
/** Findings kept for the JSON object; all are counted. */
const FINDINGS_KEPT_MAX = 10_000;

async function walk({ mysqlUrl, json, head }: AuditCommandOptions): Promise<void> {
  const kept: Finding[] = [];
  const onFinding = (finding: Finding) => {
    if (kept.length < FINDINGS_KEPT_MAX) kept.push(finding);
    if (json !== true) printLine(textOf(finding));
  };
  const onProgress = ({ blockNo, transactions, findings }: { blockNo: number; transactions: number; findings: number }) => {
    if (blockNo % PROGRESS_BLOCKS === 0) printNote(`block ${blockNo}: ${transactions} transactions, ${findings} findings`);
  };
  const signal = stopSignal();
  const options = { signal, onFinding, onProgress, ...(head === undefined ? {} : { knownHeads: head }) };
  const result = await withBank(mysqlUrl, (connection) => walkAudit(connection, options));
  if (json === true) printJson({ ...result, found: kept });
  else printLine(`${result.transactions} transactions in ${result.blocks} blocks, ${result.days} closed days, head ${result.head}`);
  if (result.findings === 0) return;
  const named = [...new Set(kept.flatMap(({ transactionId: id }) => (id === null ? [] : [id])))];
  const which = named.length === 0 ? '' : `: transactions ${named.slice(0, NAMED_MAX).join(', ')}${named.length > NAMED_MAX ? ', …' : ''}`;
  throw new LedgerflowError('LF_AUDIT_BROKEN', `${result.findings} findings${which}`);
}

const NAMED_MAX = 20;

function textOf({ message, differences }: Finding): string {
  const cells = differences.map(({ field, was, is }) => `  ${field}: was ${was ?? 'NULL'}, is ${is ?? 'NULL'}`);
  return [message, ...cells].join('\n');
}
