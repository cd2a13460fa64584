// docs/fraud.md lists the rules as the files have them. `npx vitest run --project unit stream/fraud/rules-page -u` writes the table.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { parameterText } from './parameter.ts';
import { loadRules, type FraudRule } from './rule-file.ts';

const PAGE = path.join(import.meta.dirname, '../../docs/fraud.md');
const PLACE = /(?<=<!-- rules -->\n)[\s\S]*(?=<!-- \/rules -->)/;

function line({ header, parameters }: FraudRule): string {
  const { rule, version, status, severity, score, description } = header;
  const values = parameters.filter(({ type }) => type !== 'list').map(({ name, value }) => `${name} ${parameterText(value)}`);
  const state = status === 'active' ? '' : ` (${status})`;
  return `| \`${rule}\` ${version}${state} | ${description} | ${severity} | ${score} | ${values.join(', ')} |`;
}

it('docs/fraud.md has the rules of the files', async () => {
  const table = [
    '',
    '| Rule | Looks for | Severity | Score | Thresholds |',
    '| --- | --- | --- | --- | --- |',
    ...loadRules().map(line),
    '',
    '',
  ];
  const page = readFileSync(PAGE, 'utf8');
  const wanted = await format(page.replace(PLACE, table.join('\n')), { ...(await resolveConfig(PAGE)), parser: 'markdown' });
  await expect(wanted).toMatchFileSnapshot(PAGE);
});
