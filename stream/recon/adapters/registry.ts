// `recon.sources.json`: every statement source of a home, checked as a whole when it is read.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { sourceSchema, sourcesFileSchema, type SourceConfig } from './source-config.ts';

export const SOURCES_FILE = 'recon.sources.json';

export interface SourceRegistry {
  /** Folder of the file: relative paths of sources start there. */
  readonly folder: string;
  readonly sources: readonly SourceConfig[];
}

/** No file: no sources. @throws LedgerflowError LF_STATEMENT_SOURCE naming the place in the file and what is wrong */
export async function loadSources(file: string): Promise<SourceRegistry> {
  const folder = path.dirname(path.resolve(file));
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new LedgerflowError('LF_STATEMENT_SOURCE', messageOf(error), { where: file, cause: error });
  });
  return { folder, sources: text === null ? [] : parseSources(text, file) };
}

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
  return sources;
}

/** One source that is in no file, such as a detected one. @throws LedgerflowError LF_STATEMENT_SOURCE */
export function parseSource(value: unknown, where: string): SourceConfig {
  return valid(sourceSchema, value, where);
}

/** @throws LedgerflowError LF_STATEMENT_SOURCE when there is no source of this name */
export function sourceOf({ sources }: SourceRegistry, name: string): SourceConfig {
  const found = sources.find((source) => source.name === name);
  if (found !== undefined) return found;
  const names = sources.length === 0 ? 'none is configured' : `there are ${sources.map((it) => it.name).join(', ')}`;
  throw new LedgerflowError('LF_STATEMENT_SOURCE', `there is no source "${name}": ${names}`);
}

function valid<S extends z.ZodType>(schema: S, value: unknown, where: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LedgerflowError('LF_STATEMENT_SOURCE', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`, { where });
}
