// <home>/privacy.json: the column policies, written and reviewed by people. Read by the processor, by `up` (the connector's part of them)
// and by the commands; nothing writes it.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { jsonLines, lineOfSyntaxError } from './json-lines.ts';
import type { ColumnAction, Policies } from './policy.ts';

const gone = z.boolean().default(false);
const columnSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('drop'), gone }),
  z.strictObject({ action: z.literal('hash'), gone }),
  z.strictObject({ action: z.literal('mask'), show: z.int().min(0).max(4).default(0), gone }),
  z.strictObject({ action: z.literal('tokenise'), shared: z.boolean().default(false), gone }),
]);
const tableSchema = z.strictObject({
  subject: z.string().min(1).nullable().default(null),
  columns: z.record(z.string().min(1), columnSchema),
  gone,
});
const fileSchema = z.strictObject({
  reviewed: z.strictObject({ by: z.string().min(1), on: z.iso.date() }),
  tables: z.record(z.string().min(1), tableSchema),
});

export function policyFile(home: string): string {
  return path.join(home, 'privacy.json');
}

/** @returns null when there is no such file @throws LedgerflowError LF_POLICY_FILE naming the file and the line */
export function readPolicies(home: string): Policies | null {
  const file = policyFile(home);
  try {
    return parsePolicies(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    if (error instanceof LedgerflowError) throw error;
    throw new LedgerflowError('LF_POLICY_FILE', messageOf(error), { where: file, cause: error });
  }
}

/** @throws LedgerflowError LF_POLICY_FILE */
export function parsePolicies(text: string, file: string): Policies {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new LedgerflowError('LF_POLICY_FILE', `not JSON: ${messageOf(error)}`, {
      where: `${file}:${lineOfSyntaxError(text, messageOf(error))}`,
    });
  }
  const lines = jsonLines(text);
  const lineOf = (...parts: readonly (string | number)[]): number => lines.get(parts.join('.')) ?? 1;
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = (issue?.path ?? []).map(String);
    let known = at.length;
    while (known > 0 && !lines.has(at.slice(0, known).join('.'))) known -= 1;
    throw new LedgerflowError('LF_POLICY_FILE', `${at.join('.') || 'the file'}: ${issue?.message ?? 'not allowed'}`, {
      where: `${file}:${lineOf(...at.slice(0, known))}`,
    });
  }
  const tables = Object.entries(parsed.data.tables).map(([table, { subject, columns, gone: tableGone }]) => {
    const policies = Object.entries(columns).map(
      ([name, column]) => [name, { ...(column satisfies ColumnAction), line: lineOf('tables', table, 'columns', name) }] as const,
    );
    return [table, { table, subject, columns: new Map(policies), gone: tableGone, line: lineOf('tables', table) }] as const;
  });
  return { file, reviewed: parsed.data.reviewed, tables: new Map(tables) };
}
