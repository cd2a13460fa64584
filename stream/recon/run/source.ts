// A source of statements: where its rows come from, which of our movements they speak of, how they are matched, when a break is late.
// One reviewed JSON file per source: those of stream/recon/sources, and those of <home>/recon, which come first.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { ruleSetSchema } from '../match/rule-set.ts';

const decimal = z.string().regex(/^\d{1,16}(\.\d{1,4})?$/);
const days = z.number().int().min(0).max(366);
export const sourceNameSchema = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'lower-case letters, digits, _ and -');

/** Which of our movements an external statement has to show. */
const internalSchema = z.strictObject({
  /** Types of transactions; empty: all. */
  types: z.array(z.string().regex(/^[A-Z_]{1,12}$/)).default([]),
  currencies: z.array(z.string().regex(/^[A-Z]{3}$/)).default([]),
  /** Customer accounts the transactions act on; empty: all. */
  accounts: z.array(z.string().regex(/^\d{1,19}$/)).default([]),
  /** Accounts of ours whose entries are compared instead of transactions: a debit is money that came in there. */
  entriesOf: z.array(z.string().regex(/^\d{1,19}$/)).default([]),
  /** `merchant_day`: what was paid to one merchant on one day may arrive as one sum. */
  batchKey: z.enum(['none', 'merchant_day']).default('none'),
});

export const sourceSchema = z.strictObject({
  source: sourceNameSchema,
  description: z.string().default(''),
  /** How the statement is read (docs/recon-adapters.md). `{date}` in `path` stands for the day. */
  statement: z.looseObject({ adapter: z.string().default('csv'), path: z.string().optional() }).prefault({}),
  internal: internalSchema.prefault({}),
  /** A movement without a line is expected for this many days, then missing. */
  settleDays: days.default(0),
  /** Run by the schedule, for the day before. */
  scheduled: z.boolean().default(false),
  sla: z
    .strictObject({ days: days.default(5), largeAmount: decimal.default('10000'), largeDays: days.default(1) })
    .prefault({}),
  rules: ruleSetSchema,
});
export type Source = z.output<typeof sourceSchema>;

const SHIPPED = path.join(import.meta.dirname, '..', 'sources');

export class Sources {
  private readonly folders: readonly string[];

  /** @param own folder whose files come before the shipped ones; need not exist */
  constructor(own: string) {
    this.folders = [own, SHIPPED];
  }

  /** @throws LedgerflowError LF_RECON_SOURCE when there is none of this name, or its file is not valid */
  get(name: string): Source {
    const file = this.folders.map((folder) => path.join(folder, `${name}.json`)).find((each) => existsSync(each));
    if (!sourceNameSchema.safeParse(name).success || file === undefined)
      throw new LedgerflowError('LF_RECON_SOURCE', `there is no source ${name}; known: ${this.names().join(', ')}`);
    return readSource(file);
  }

  names(): string[] {
    const files = this.folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
    return [...new Set(files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length)))].sort();
  }
}

function readSource(file: string): Source {
  let parsed;
  try {
    parsed = sourceSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new LedgerflowError('LF_RECON_SOURCE', `cannot be read: ${messageOf(error)}`, { where: file, cause: error });
  }
  const [issue] = parsed.error?.issues ?? [];
  if (issue !== undefined) throw new LedgerflowError('LF_RECON_SOURCE', `${issue.path.join('.')}: ${issue.message}`, { where: file });
  const source = parsed.data!;
  if (source.source !== path.basename(file, '.json'))
    throw new LedgerflowError('LF_RECON_SOURCE', `source: must be ${path.basename(file, '.json')}, as its file`, { where: file });
  return source;
}
