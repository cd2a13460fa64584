// `ledgerflow recon export`: what was known of a day, as files for somebody else: CSV for programs, one HTML page for people.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { printLine } from '../../support/output.ts';
import { reconPack } from '../../support/recon-pack.ts';
import { wireOf } from '../../support/running.ts';
import { day } from '../../support/arguments.ts';
import { queryAll } from '../../support/wire-client.ts';

export function registerExport(recon: Command): void {
  recon
    .command('export')
    .description('Write what is known of a day as CSV files and one HTML page.')
    .argument('<day>', 'business date, YYYY-MM-DD', day)
    .option('--out <folder>', 'where to', 'reconciliation')
    .addHelpText('after', '\nExample:\n  $ ledgerflow recon export 2025-07-13 --out evidence/2025-07-13')
    .action(exportDay);
}

async function exportDay(date: string, { out }: { out: string }): Promise<void> {
  mkdirSync(out, { recursive: true });
  for (const { name, text, rows } of await reconPack((sql) => queryAll(wireOf(), sql), date)) {
    writeFileSync(path.join(out, name), text);
    printLine(`${path.join(out, name)}${rows === null ? '' : `  ${rows} rows`}`);
  }
}
