// `ledgerflow certify`: a signed statement of entries and balances at one transaction, and the proof of an earlier one.

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { writeFileAtomic } from '../../infra/runtime/atomic-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { CheckStep } from '../../lake/verify/certificate-check.ts';
import { certificateSchema, invalid, readCertificate, type Certificate } from '../../lake/verify/certificate.ts';
import { keyFiles, trustedKey } from '../../lake/verify/signing-key.ts';
import { EXIT } from '../exit-codes.ts';
import { wholeOrZero } from '../support/arguments.ts';
import { printJson, printLine, printNote } from '../support/output.ts';
import { whoAmI } from '../support/running.ts';
import { renderTable } from '../support/table.ts';
import { checkInLake } from '../verify/certificate-check.ts';

const HELP = `
--at now writes a barrier row to MySQL, compares entries, accounts, transactions and the balance of every account and currency at that
transaction with the lake, and signs what was found: number of entries, Merkle root over them, balances, the head of the chain over
bronze, versions, checks. --at <uuid:number> certifies a transaction of the past, without MySQL. The signed JSON goes to --out, or to
<home>/certificates, and is kept in gold.certificates. One is made every day at 00:13 UTC. docs/certificates.md describes the file.

Examples:
  $ ledgerflow certify
  $ ledgerflow certify --at df9fbc14-e59a-11f1-91fd-02fc00000001:151 --out day.json`;

const CHECK_HELP = `
Reads the published files alone: neither MySQL nor the processor is asked. The chain over bronze is computed again up to the certified
commit, entries and balances are measured again. Exit code: 0 when all is as certified, ${EXIT.LEDGER_WRONG} when anything was altered,
${EXIT.FAILED} when the certified commit is not published within --wait seconds.

Examples:
  $ ledgerflow certify check day.json
  $ ledgerflow certify check day.json --lake /backup/lake/ledgerflow.ducklake --public-key auditor.pem`;

interface MakeOptions {
  readonly at: string;
  readonly out?: string;
  readonly json?: boolean;
}

interface CheckOptions {
  readonly lake?: string;
  readonly publicKey?: string;
  readonly wait: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const certify = program
    .command('certify')
    .description('Certify entries and balances at one transaction, signed; prove a certificate again from the lake.')
    .option('--at <transaction>', 'now, or a transaction of the past as uuid:number', 'now')
    .option('--out <file>', 'where the certificate is written')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(make);
  certify
    .command('check')
    .description('Prove a certificate again from the published lake alone.')
    .argument('<file>', 'the certificate')
    .option('--lake <catalog>', "catalog of the lake; default: the home folder's")
    .option('--public-key <file>', "key that must have signed it (PEM); default: the home folder's")
    .option('--wait <seconds>', 'how long to wait for the certified commit to be published', wholeOrZero, 60)
    .addHelpText('after', CHECK_HELP)
    .action((file: string, _own: object, command: Command) => check(file, command.optsWithGlobals()));
}

async function make({ at, out, json }: MakeOptions): Promise<void> {
  const { home } = loadConfig();
  const requestedBy = whoAmI();
  const certificate = certificateSchema.parse(await callControl(home, 'certify/make', { at, requestedBy }));
  const { id, gtid, lake, source, bronze, checks } = certificate.content;
  const file = out ?? `${home}/certificates/${gtid.replaceAll(':', '-')}-${id.slice(0, 8)}.json`;
  await writeFileAtomic(file, `${JSON.stringify(certificate, null, 2)}\n`);
  if (json === true) {
    printJson(certificate);
    return;
  }
  printLine(
    renderTable(
      [{ name: 'currency' }, ...['entries', 'credits', 'debits'].map((name) => ({ name, align: 'right' as const }))],
      lake.balances.byCurrency.map(({ currency, entries, credits, debits }) => [currency, String(entries), credits, debits]),
    ),
  );
  printLine(`transaction   ${gtid}, commit ${bronze.commitId}`);
  printLine(`entries       ${lake.entries.count}, Merkle root ${lake.entries.root}`);
  printLine(
    `balances      ${lake.balances.accounts}, ${source === null ? 'MySQL was not asked: a transaction of the past' : 'equal to MySQL'}`,
  );
  printLine(`checks        ${checks.passed.length} passed, ${checks.failed.length} failed`);
  printLine(`signed        ${file}`);
}

async function check(file: string, { lake, publicKey, wait, json }: CheckOptions): Promise<void> {
  const config = loadConfig();
  const certificate = readCertificate(await textOf(file), await trustedKey(publicKey ?? keyFiles(config.home).publicKey));
  const steps = await checkInLake(certificate, { config, catalog: lake ?? null, waitMs: wait * 1_000, onWait: printNote });
  const problems = steps.flatMap((step) => step.problems);
  if (json === true) printJson({ id: certificate.content.id, gtid: certificate.content.gtid, proven: problems.length === 0, steps });
  else show(certificate, steps);
  const [first] = problems;
  if (first !== undefined && steps.some(({ behind }) => behind === true)) throw new LedgerflowError('LF_CERTIFICATE_LATE', first);
  if (first !== undefined) throw invalid(problems.length === 1 ? first : `${first}; and ${problems.length - 1} more`);
}

function show({ content }: Certificate, steps: readonly CheckStep[]): void {
  const result = ({ problems, behind }: CheckStep): string =>
    behind === true ? 'not there yet' : problems.length === 0 ? 'as certified' : 'altered';
  const rows = steps.map((step) => [step.step, result(step), step.detail]);
  printLine(
    renderTable(
      ['part', 'result', 'detail'].map((name) => ({ name })),
      [['signature', 'as certified', `made ${content.createdAt} by ${content.requestedBy}`], ...rows],
    ),
  );
  for (const { problems } of steps) for (const problem of problems) printLine(problem);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw invalid(`the file cannot be read: ${file}`, error);
  }
}
