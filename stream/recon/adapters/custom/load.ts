// A custom adapter: a small module beside the configuration file. It tells events as the parsers here do; what it tells is checked as theirs is.

import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { LedgerflowError, messageOf } from '../../../../infra/runtime/errors.ts';
import type { EntryDraft, FormatEvent } from '../events.ts';
import { LineProblem, notOfFormat } from '../problem.ts';

export interface CustomInput {
  /** The file's text in chunks, decoded. */
  readonly text: AsyncIterable<string>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly timezone: string;
}

const decimal = z.string().regex(/^-?\d{1,18}(\.\d{1,12})?$/, 'decimal text');
const line = z.number().int().min(1);
const day = z.string().regex(/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\.\d{3}Z)?$/, 'YYYY-MM-DD or YYYY-MM-DDThh:mm:ss.sssZ').refine((text) => isDay(text), 'there is no such day'); // prettier-ignore
const balance = z.strictObject({ amount: decimal, date: z.string().nullable().default(null) });
const text = z.string().max(100_000);

const draft = z.strictObject({
  externalId: text.default(''),
  account: text.optional(),
  bookedAt: day,
  valueDate: day.nullable().default(null),
  amount: decimal,
  currency: text.default(''),
  reference: text.default(''),
  description: text.default(''),
  counterparty: text.default(''),
  batchKey: text.default(''),
  kind: text.default(''),
  reversal: z.boolean().default(false),
  status: z.enum(['booked', 'pending']).default('booked'),
});

const opening = z.strictObject({ kind: z.literal('open'), line, statement: z.strictObject({ id: text.default(''), account: text.default(''), currency: text.default(''), opening: balance.nullable().default(null) }) }); // prettier-ignore
const closing = z.strictObject({ kind: z.literal('close'), line, stated: z.strictObject({ closing: balance.nullable().default(null), entries: z.number().int().min(0).optional(), credits: decimal.optional(), debits: decimal.optional(), net: decimal.optional() }).prefault({}) }); // prettier-ignore
const bad = z.strictObject({
  kind: z.literal('bad'),
  line,
  raw: text,
  reason: z.string().min(1).max(1_000),
  amount: decimal.nullable().default(null),
});
const entry = z.looseObject({ kind: z.literal('entry'), line, raw: text });

/**
 * Runs the module's `read({ text, options, timezone })`, an async iterable of events.
 * @throws LedgerflowError LF_STATEMENT_SOURCE when there is no such module, LF_STATEMENT_FORMAT for what it throws or tells wrongly
 */
export async function* readCustom(folder: string, module: string, input: CustomInput): AsyncGenerator<FormatEvent[]> {
  const read = await readerOf(folder, module);
  let last = 1;
  try {
    for await (const event of read(input)) {
      const checked = eventOf(event, last);
      last = checked.line;
      yield [checked];
    }
  } catch (error) {
    if (error instanceof LedgerflowError) throw error;
    throw notOfFormat(last, `${module}: ${messageOf(error)}`, error);
  }
}

type Reader = (input: CustomInput) => AsyncIterable<unknown>;

async function readerOf(folder: string, module: string): Promise<Reader> {
  const root = await realpath(folder);
  const wrong = (why: string, cause?: unknown): LedgerflowError =>
    new LedgerflowError('LF_STATEMENT_SOURCE', `module ${module}: ${why}`, { cause });
  const file = await realpath(path.resolve(root, module)).catch((error: unknown) => {
    throw wrong(messageOf(error), error);
  });
  if (!file.startsWith(`${root}${path.sep}`)) throw wrong('it lies outside the folder of the configuration');
  const loaded: unknown = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw wrong(messageOf(error), error);
  });
  const { read } = loaded as { read?: unknown };
  if (typeof read !== 'function') throw wrong('it exports no function "read"');
  return read as Reader;
}

function eventOf(told: unknown, last: number): FormatEvent {
  const kind = (told as { kind?: unknown } | null)?.kind;
  if (kind === 'open') return checked(opening, told, last);
  if (kind === 'close') return checked(closing, told, last);
  if (kind === 'bad') {
    const { line: at, raw, reason, amount } = checked(bad, told, last);
    return { kind: 'bad', line: at, raw, problem: new LineProblem(reason, amount) };
  }
  if (kind !== 'entry') throw notOfFormat(last, `the module tells an event of kind "${String(kind)}"`);
  const { kind: _, line: at, raw, ...rest } = checked(entry, told, last);
  const parsed = draft.safeParse(rest);
  if (parsed.success) return { kind: 'entry', line: at, raw, drafts: [draftOf(parsed.data)] };
  const amount = decimal.safeParse(rest['amount']);
  return { kind: 'bad', line: at, raw, problem: new LineProblem(problemOf(parsed.error), amount.success ? amount.data : null) };
}

function draftOf({ account, ...rest }: z.infer<typeof draft>): EntryDraft {
  return account === undefined ? rest : { ...rest, account };
}

function checked<S extends z.ZodType>(schema: S, told: unknown, last: number): z.infer<S> {
  const parsed = schema.safeParse(told);
  if (parsed.success) return parsed.data;
  throw notOfFormat(last, `the module tells a wrong event: ${problemOf(parsed.error)}`);
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`;
}

function isDay(written: string): boolean {
  const at = new Date(written.length === 10 ? `${written}T00:00:00Z` : written);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(written.slice(0, 10));
}
