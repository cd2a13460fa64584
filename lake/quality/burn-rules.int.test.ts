// The alert rules in the repository are those of the code, and Prometheus's own tool takes them: each burn alert fires at its rate.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { burnRules, burnRulesTest, RULES_FILE, RULES_TEST_FILE } from './burn-rules.ts';
import { METRICS } from '../../infra/runtime/metrics.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const missing = spawnSync('promtool', ['--version']).error !== undefined;
if (missing) process.stderr.write('promtool is not installed (Debian package prometheus): the alert rules are not checked by it here\n');

it('the files are what the code generates (npm run docs)', () => {
  expect(readFileSync(path.join(ROOT, RULES_FILE), 'utf8')).toBe(burnRules());
  expect(readFileSync(path.join(ROOT, RULES_TEST_FILE), 'utf8')).toBe(burnRulesTest());
});

it('the rules read only metrics that the processor has', () => {
  const named = new Set([...burnRules().matchAll(/\b(ledgerflow_\w+)/g)].map((match) => match[1]));
  const known = Object.values(METRICS).map(({ name }) => name as string);
  expect([...named].filter((name) => !known.includes(name ?? ''))).toEqual([]);
});

describe.skipIf(missing)('promtool', () => {
  const run = (...args: string[]): string =>
    execFileSync('promtool', args, { cwd: path.join(ROOT, path.dirname(RULES_FILE)), encoding: 'utf8' });

  it('accepts the rules', () => {
    expect(run('check', 'rules', path.basename(RULES_FILE))).toContain('21 rules found');
  });

  it('sees every burn alert fire at its rate and stay silent below', () => {
    expect(run('test', 'rules', path.basename(RULES_TEST_FILE))).toContain('SUCCESS');
  });
});
