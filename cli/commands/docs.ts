// `ledgerflow docs` (hidden): writes the reference pages of docs/ from the tables in the code. For those who change LedgerFlow.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { bankErrorsPage } from '../../bank/api/errors-page.ts';
import { schemaChangesPage } from '../../cdc/schema/changes-page.ts';
import { referencePages } from '../../infra/runtime/reference-docs.ts';
import { burnRules, burnRulesTest, RULES_FILE, RULES_TEST_FILE } from '../../lake/quality/burn-rules.ts';
import { dictionaryPage } from '../pages/dictionary-page.ts';
import { typesPage } from '../pages/types-page.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export function register(program: Command): void {
  program
    .command('docs', { hidden: true })
    .description('Write the reference pages of docs/ and the alert rules from the tables in the code.')
    .action(async () => {
      const more = [
        ['docs/types.md', typesPage()] as const,
        ['docs/schema-changes.md', schemaChangesPage()] as const,
        ['docs/bank-errors.md', bankErrorsPage()] as const,
        ['docs/data-dictionary.md', await dictionaryPage()] as const,
        [RULES_FILE, burnRules()] as const,
        [RULES_TEST_FILE, burnRulesTest()] as const,
      ];
      for (const [file, content] of [...referencePages(), ...more]) {
        writeFileSync(path.join(ROOT, file), content);
        console.log(`wrote ${file}`);
      }
    });
}
