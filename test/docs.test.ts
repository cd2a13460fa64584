// The documents agree with the tree: links lead somewhere, named tests exist, every guarantee and every command is described.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../infra/runtime/error-codes.ts';
import { SETTINGS } from '../infra/runtime/settings.ts';
import { filesUnder, readSources, ROOT } from './support/source-tree.ts';

const PAGES = ['README.md', 'CHANGELOG.md', ...filesUnder('docs').filter((file) => file.endsWith('.md'))];
const GENERATED = ['docs/configuration.md', 'docs/errors.md', 'docs/metrics.md'];

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

describe.each(PAGES)('%s', (page) => {
  it('links only to what exists', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !existsSync(path.join(ROOT, path.dirname(page), link)))).toEqual([]);
  });

  it('names only tests that exist', () => {
    const named = [...read(page).matchAll(/`([\w./-]+\.test\.ts)`/g)].map((match) => match[1]!);
    expect(named.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });
});

it('the README leads to every page', () => {
  const readme = read('README.md');
  const pages = readdirSync(path.join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
  expect(pages.filter((file) => !readme.includes(`](docs/${file})`))).toEqual([]);
});

it('docs/guarantees.md states G1 to G12', () => {
  const stated = [...read('docs/guarantees.md').matchAll(/^\| (G\d+) *\|/gm)].map((match) => match[1]);
  expect(stated).toEqual(Array.from({ length: 12 }, (_, i) => `G${i + 1}`));
});

it('decision records have unique numbers and a title with the number', () => {
  const records = readdirSync(path.join(ROOT, 'docs/adr')).filter((file) => file.endsWith('.md'));
  const numbers = records.map((file) => file.slice(0, 4));
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const file of records) expect(read(`docs/adr/${file}`), file).toMatch(new RegExp(`^# (ADR[ -])?${file.slice(0, 4)}`));
});

describe('tables in the code', () => {
  const code = readSources().filter((file) => !file.isTest && !file.path.startsWith('infra/runtime/error-codes'));

  it('every error code is used', () => {
    const unused = Object.keys(ERROR_CODES).filter((name) => !code.some((file) => file.text.includes(`'${name}'`)));
    expect(unused).toEqual([]);
  });

  it('every setting is read', () => {
    const others = code.filter((file) => file.path !== 'infra/runtime/settings.ts');
    const unread = Object.keys(SETTINGS).filter((name) => !others.some((file) => new RegExp(`\\b${name}\\b`).test(file.text)));
    expect(unread).toEqual([]);
  });

  it('every error code and setting stands in its page', () => {
    const pages = GENERATED.map(read).join('\n');
    const names = [...Object.keys(ERROR_CODES), ...Object.values(SETTINGS).map((setting) => setting.env)];
    expect(names.filter((name) => !pages.includes(`\`${name}\``))).toEqual([]);
  });
});
