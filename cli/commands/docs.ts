// `ledgerflow docs` (hidden): writes the reference pages of docs/ from the tables in the code. For those who change LedgerFlow.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { referencePages } from '../../infra/runtime/reference-docs.ts';
import { typesPage } from '../support/types-page.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export function register(program: Command): void {
  program
    .command('docs', { hidden: true })
    .description('Write docs/configuration.md, docs/errors.md, docs/metrics.md and docs/types.md from the tables in the code.')
    .action(() => {
      for (const [file, content] of [...referencePages(), ['docs/types.md', typesPage()] as const]) {
        writeFileSync(path.join(ROOT, file), content);
        console.log(`wrote ${file}`);
      }
    });
}
