// `ledgerflow evidence`: the auditor's pack of one day, with a signed list of its files.

import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Command } from 'commander';
import type { Login } from '../../infra/native/run-file.ts';
import { writeFileAtomic } from '../../infra/runtime/atomic-file.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { signContent } from '../../lake/verify/certificate.ts';
import { EVIDENCE, type EvidenceSection } from '../../lake/verify/evidence.ts';
import { signingKey } from '../../lake/verify/signing-key.ts';
import { lineagePage } from '../pages/lineage-page.ts';
import { day } from '../support/arguments.ts';
import { printJson, printLine } from '../support/output.ts';
import { wireOf } from '../support/running.ts';
import { renderTable } from '../support/table.ts';
import { productVersion } from '../support/version.ts';
import { queryAll } from '../support/wire-client.ts';

const HELP = `
One file of JSON lines per section: certificates, verifications, checks, quality, incidents and their steps, approvals, replays, jobs, publications and
the chain over bronze of the UTC day, and the lineage of every column of gold. manifest.json names them with rows and SHA-256, signed
with the key of the certificates.

Examples:
  $ ledgerflow evidence --day 2026-11-20
  $ ledgerflow evidence --day 2026-11-20 --out /audit/2026-11-20`;

interface Options {
  readonly day: string;
  readonly out?: string;
  readonly json?: boolean;
}

interface PackFile {
  readonly name: string;
  readonly meaning: string;
  /** Null: the running version keeps no such records. */
  readonly rows: number | null;
  readonly sha256: string;
}

export function register(program: Command): void {
  program
    .command('evidence')
    .description("Export an auditor's pack of one day: certificates, checks, incidents, approvals, replays, lineage.")
    .requiredOption('--day <date>', 'the UTC day, YYYY-MM-DD', day)
    .option('--out <folder>', 'where it is written; default: evidence-<day>')
    .option('--json', 'print the manifest')
    .addHelpText('after', HELP)
    .action(run);
}

async function run({ day, out = `evidence-${day}`, json }: Options): Promise<void> {
  const { home } = loadConfig();
  const wire = wireOf();
  const files: PackFile[] = [];
  const keep = async (file: Omit<PackFile, 'sha256'>, text: string): Promise<void> => {
    await writeFileAtomic(path.join(out, file.name), text);
    files.push({ ...file, sha256: createHash('sha256').update(text).digest('hex') });
  };
  for (const section of EVIDENCE) {
    const rows = await rowsOf(wire, section, day);
    const { name, meaning } = section;
    await keep(
      { name: `${name}.jsonl`, meaning, rows: rows?.length ?? null },
      (rows ?? []).map((row) => `${JSON.stringify(row)}\n`).join(''),
    );
  }
  const lineage = await lineagePage();
  await keep({ name: 'lineage.jsonl', meaning: 'columns of MySQL that each column of gold is made of', rows: lineage.length }, lineage.map((row) => `${JSON.stringify(row)}\n`).join('')); // prettier-ignore
  const [position] = (await queryAll(wire, 'SELECT gtid FROM ops.state')).rows;
  const content = {
    format: 'ledgerflow-evidence/1',
    day,
    madeAt: new Date().toISOString(),
    gtid: position?.[0] ?? null,
    version: productVersion(),
    files,
  };
  const manifest = signContent(content, await signingKey(home));
  await writeFileAtomic(path.join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  if (json === true) printJson(manifest);
  else show(files, out);
}

async function rowsOf(wire: Login, { from, sql }: EvidenceSection, day: string): Promise<Record<string, string | null>[] | null> {
  for (const table of from) {
    const [schema = '', name = ''] = table.split('.');
    const found = await queryAll(
      wire,
      `SELECT 1 FROM information_schema.tables WHERE table_schema = '${schema}' AND table_name = '${name}'`,
    );
    if (found.rows.length === 0) return null;
  }
  const { columns, rows } = await queryAll(wire, sql(day));
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
}

function show(files: readonly PackFile[], out: string): void {
  const heads = [{ name: 'file' }, { name: 'rows', align: 'right' as const }, { name: 'what' }];
  printLine(renderTable(heads, files.map(({ name, rows, meaning }) => [name, rows === null ? 'none kept' : String(rows), meaning]))); // prettier-ignore
  printLine(`written to ${out}, listed and signed in manifest.json`);
}
