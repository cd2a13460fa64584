// The ledger validation: five questions, each put to MySQL and to gold. One .sql file per question and side in validate/: a SELECT of the
// rows that are wrong.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { LedgerflowError } from '../../infra/runtime/errors.ts';

export type Side = 'mysql' | 'gold';

export interface Validation {
  readonly name: string;
  readonly side: Side;
  readonly title: string;
  readonly expected: string;
  readonly sql: string;
}

/** Rows as an object per row, values as text. */
export type Ask = (sql: string) => Promise<readonly Readonly<Record<string, string | null>>[]>;

export interface ValidationResult {
  readonly name: string;
  readonly side: Side;
  readonly title: string;
  readonly expected: string;
  readonly passed: boolean;
  /** Wrong rows found; `more` when there may be others beyond the limit. */
  readonly violations: number;
  readonly more: boolean;
  readonly rows: readonly Readonly<Record<string, string | null>>[];
}

const ROWS_MAX = 100;
const FOLDER = path.join(import.meta.dirname, 'validate');

/** In the order of the README of the seed: balances, refunds, revenue, roll-ups, events. */
const ORDER = ['balance_consistency', 'refund_reversals', 'revenue_reconciliation', 'account_rollups', 'event_sanity'];

export function loadValidations(side: Side): Validation[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(`.${side}.sql`));
  const found = files.map((file) => parse(file.replace(`.${side}.sql`, ''), side, readFileSync(path.join(FOLDER, file), 'utf8')));
  return found.sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
}

function parse(name: string, side: Side, text: string): Validation {
  const field = (key: string): string => {
    const value = new RegExp(`^-- ${key}: (.+)$`, 'm').exec(text)?.[1];
    if (value === undefined)
      throw new LedgerflowError('LF_CHECK_FILE', `"-- ${key}: …" is missing`, { where: `lake/quality/validate/${name}.${side}.sql` });
    return value;
  };
  return { name, side, title: field('title'), expected: field('expected'), sql: text.replaceAll(/^--.*$/gm, '').trim() };
}

/** Puts the questions one by one. @param ask must read one state of the bank throughout */
export async function validate(validations: readonly Validation[], ask: Ask): Promise<ValidationResult[]> {
  const results: ValidationResult[] = [];
  for (const { name, side, title, expected, sql } of validations) {
    const found = await ask(`SELECT * FROM (${sql}) AS wrong LIMIT ${ROWS_MAX + 1}`);
    const rows = found.slice(0, ROWS_MAX);
    results.push({ name, side, title, expected, passed: rows.length === 0, violations: rows.length, more: found.length > ROWS_MAX, rows });
  }
  return results;
}
