// A check: one .sql file in rules/, a header of comments, and a SELECT of the rows that violate it. Three forms: over what a
// refresh changed (runs before its COMMIT), over what is moved into settled sums (runs before that is committed), and over
// everything (runs at a rebuild and on demand).

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { LedgerflowError } from '../../infra/runtime/errors.ts';

/** block: gold keeps its last good state; page: somebody is told at once; warn: recorded. */
export type Severity = 'block' | 'page' | 'warn';

export interface Check {
  readonly name: string;
  /** The model whose truth it guards. */
  readonly model: string;
  readonly severity: Severity;
  /** Gold models it reads: it runs when one of them changed and all of them are ready. */
  readonly inputs: readonly string[];
  readonly scope: string;
  readonly expected: string;
  /** Captured tables: when rows of one are removed, the full form runs, because anything may have pointed to them. */
  readonly fullWhenGone: readonly string[];
  /** Violations among what changed; null: there is no such form. */
  readonly changedSql: string | null;
  /** Violations among the sums that pending changes have moved; null: there is no such form. */
  readonly settledSql: string | null;
  /** Violations anywhere. */
  readonly fullSql: string;
}

const names = z.string().transform((text) => text.split(',').map((name) => name.trim()));
const headerSchema = z.strictObject({
  check: z.string().min(1),
  model: z.string().min(1),
  severity: z.enum(['block', 'page', 'warn']),
  inputs: names,
  scope: z.string().min(1),
  expected: z.string().min(1),
  gone: names.default([]),
});

/** @throws LedgerflowError LF_GOLD_MODEL naming what the file lacks. */
export function parseCheck(name: string, text: string): Check {
  const fail = (problem: string): never => {
    throw new LedgerflowError('LF_GOLD_MODEL', `the check file is not valid: ${problem}`, { where: `lake/checks/rules/${name}.sql` });
  };
  const header = new Map<string, string>();
  const sections = new Map<string, string[]>();
  let section: string[] | null = null;
  for (const line of text.split('\n')) {
    const marker = /^-- == (changed|settled|full)$/.exec(line);
    const field = /^-- ([a-z]+): (.*)$/.exec(line);
    if (marker !== null) sections.set(marker[1] ?? '', (section = []));
    else if (section !== null) section.push(line);
    else if (field !== null) header.set(field[1] ?? '', field[2] ?? '');
    else if (line.trim() !== '') fail(`line not understood: ${line}`);
  }
  const parsed = headerSchema.safeParse(Object.fromEntries(header));
  if (!parsed.success) {
    const told = (field: string): string => [field, header.get(field)].filter((part) => part !== undefined).join(' ');
    return fail(parsed.error.issues.map(({ path: at, message }) => `${told(String(at[0] ?? ''))}: ${message}`).join('; '));
  }
  const { check, gone, ...fields } = parsed.data;
  if (check !== name) fail('its name and its file name differ');
  const full = sections.get('full') ?? fail('the section "-- == full" is missing');
  return {
    name,
    ...fields,
    fullWhenGone: gone,
    changedSql: sections.get('changed')?.join('\n').trim() ?? null,
    settledSql: sections.get('settled')?.join('\n').trim() ?? null,
    fullSql: full.join('\n').trim(),
  };
}

export function loadChecks(folder: string = path.join(import.meta.dirname, 'rules')): Check[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
  return files.sort().map((file) => parseCheck(file.replace(/\.sql$/, ''), readFileSync(path.join(folder, file), 'utf8')));
}
