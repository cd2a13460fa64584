// `recon.sources.json`: every statement source of a home, checked as a whole when it is read.

import type { z } from 'zod';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { sourceSchema, sourcesFileSchema, type SourceConfig } from './source-config.ts';

export const SOURCES_FILE = 'recon.sources.json';

/** @throws LedgerflowError LF_STATEMENT_SOURCE */
export function parseSources(text: string, where: string): SourceConfig[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LedgerflowError('LF_STATEMENT_SOURCE', `not JSON: ${messageOf(error)}`, { where, cause: error });
  }
  const { sources } = valid(sourcesFileSchema, value, where);
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new LedgerflowError('LF_STATEMENT_SOURCE', `two sources are called "${twice}"`, { where });
  for (const source of sources) requireWindows(source, where);
  return sources;
}

/** A source that is read continuously must know what it has read. */
function requireWindows({ name, every, adapter }: SourceConfig, where: string): void {
  if (every === undefined) return;
  const isReady =
    adapter.kind === 'http' &&
    adapter.position !== undefined &&
    adapter.url.includes('{position}') &&
    adapter.mapping.externalId !== undefined;
  if (isReady) return;
  const needs = 'an adapter of kind http with position, {position} in its url, and externalId in its mapping';
  throw new LedgerflowError('LF_STATEMENT_SOURCE', `source "${name}" has every, which needs ${needs}`, { where });
}

/** One source that is in no file, such as a detected one. @throws LedgerflowError LF_STATEMENT_SOURCE */
export function parseSource(value: unknown, where: string): SourceConfig {
  return valid(sourceSchema, value, where);
}

function valid<S extends z.ZodType>(schema: S, value: unknown, where: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LedgerflowError('LF_STATEMENT_SOURCE', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`, { where });
}
