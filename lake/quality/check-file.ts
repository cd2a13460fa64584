// A data-quality check: one .sql file in rules/, a header checked by zod, and, for kind `sql`, a SELECT of the rows that violate it.
// The other kinds make their SELECT from the header (kinds.ts). They run as jobs over silver and gold as they are; what must hold
// before readers see gold is a check of the gate instead (lake/checks): only that can block.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { LedgerflowError } from '../../infra/runtime/errors.ts';

const name = z.string().regex(/^[a-z][a-z0-9_]*$/);
const relation = z.string().regex(/^(silver|gold|ops)\.\w+$/, 'must read silver.T, gold.M or ops.T');
const columns = z
  .string()
  .transform((text) => text.split(',').map((column) => column.trim()))
  .pipe(z.array(z.string().regex(/^\w+$/)).min(1));
const number = z.coerce.number();

const common = {
  check: name,
  table: relation,
  severity: z.enum(['page', 'warn']),
  dimension: z.enum(['freshness', 'completeness', 'validity', 'accuracy']),
  run: z.enum(['commits', 'minutes', 'hourly', 'daily']),
  expected: z.string().min(10),
};

/** One shape per kind; a field of another kind is refused. */
export const checkHeaderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('not_null'), columns }),
  z.strictObject({ ...common, kind: z.literal('unique'), columns }),
  z.strictObject({ ...common, kind: z.literal('accepted_values'), column: name, values: z.string().min(1) }),
  z.strictObject({ ...common, kind: z.literal('relationship'), column: name, to: relation, key: name }),
  z.strictObject({ ...common, kind: z.literal('range'), column: name, min: number.optional(), max: number.optional() }),
  z.strictObject({ ...common, kind: z.literal('row_count'), min: number.optional(), max: number.optional() }),
  z.strictObject({ ...common, kind: z.literal('volume'), column: name, weeks: number.min(1).max(12), least: number, most: number }),
  z.strictObject({ ...common, kind: z.literal('freshness'), column: name, seconds: number.min(1) }),
  z.strictObject({
    ...common,
    kind: z.literal('drift'),
    column: name,
    time: name,
    days: number.min(1),
    against: number.min(1),
    psi: number,
  }),
  z.strictObject({ ...common, kind: z.literal('schema'), has: z.string().min(1) }),
  /** Counts of MySQL, Kafka and the lake beside each other, as the pipeline's reconciliation of itself found them last. */
  z.strictObject({ ...common, kind: z.literal('three_way'), hours: number.min(1) }),
  /** `column`, signed by `direction` (CREDIT or DEBIT), by `currency`: nil in every commit. */
  z.strictObject({ ...common, kind: z.literal('commit_zero'), column: name, direction: name, currency: name }),
  /** Accounts of these types are empty again within some days of every entry. */
  z.strictObject({ ...common, kind: z.literal('clearing'), types: z.string().min(1), days: number.min(1) }),
  z.strictObject({ ...common, kind: z.literal('sql'), inputs: z.string().optional() }),
]);
export type CheckHeader = z.infer<typeof checkHeaderSchema>;
export type Cadence = CheckHeader['run'];

export interface QualityCheck {
  readonly header: CheckHeader;
  /** SELECT of a `sql` check; empty otherwise. */
  readonly sql: string;
}

/** Kinds that judge each row by itself: among changed rows only, as long as they pass. */
const ROW_KINDS: readonly string[] = ['not_null', 'accepted_values', 'relationship', 'range'];

/** Kinds that judge each commit by itself: those since the last run, as long as they pass. */
export function judgesCommits({ header }: QualityCheck): boolean {
  return header.kind === 'commit_zero' && header.table.startsWith('silver.');
}

export function judgesRows({ header }: QualityCheck): boolean {
  return ROW_KINDS.includes(header.kind) && header.table.startsWith('silver.');
}

/** @throws LedgerflowError LF_CHECK_FILE naming the field */
export function parseQualityCheck(file: string, text: string): QualityCheck {
  const header: Record<string, string> = {};
  const body: string[] = [];
  for (const line of text.split('\n')) {
    const field = /^-- ([a-z]+): (.*)$/.exec(line);
    if (field !== null && body.length === 0) header[field[1] ?? ''] = field[2] ?? '';
    else if (line.trim() !== '' || body.length > 0) body.push(line);
  }
  const fail = (problem: string): LedgerflowError =>
    new LedgerflowError('LF_CHECK_FILE', `the check file is not valid: ${problem}`, { where: `lake/quality/rules/${file}.sql` });
  const parsed = checkHeaderSchema.safeParse(header);
  if (!parsed.success) throw fail(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  const sql = body.join('\n').trim();
  if (parsed.data.check !== file) throw fail('its name and its file name differ');
  if ((parsed.data.kind === 'sql') !== (sql !== '')) throw fail('a check of kind sql has a SELECT, every other kind has none');
  return { header: parsed.data, sql };
}

export function loadQualityChecks(folder: string = path.join(import.meta.dirname, 'rules')): QualityCheck[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
  return files.sort().map((file) => parseQualityCheck(file.replace(/\.sql$/, ''), readFileSync(path.join(folder, file), 'utf8')));
}

/** What kinds read besides their table. */
const READ_BESIDE: Readonly<Partial<Record<CheckHeader['kind'], readonly string[]>>> = { clearing: ['silver.accounts'] };

/** Relations a check reads. */
export function relationsOf({ header, sql }: QualityCheck): string[] {
  const named = header.kind === 'relationship' ? [header.table, header.to] : [header.table, ...(READ_BESIDE[header.kind] ?? [])];
  return [...new Set([...named, ...(sql.match(/\b(?:silver|gold|ops)\.\w+/g) ?? [])])];
}
