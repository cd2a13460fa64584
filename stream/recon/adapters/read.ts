// From a source and a day to the parts of the port: what there is to read, and reading one of it. The whole path on one screen.

import { createHash } from 'node:crypto';
import path from 'node:path';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { throwIfAborted } from '../../../infra/runtime/sleep.ts';
import { StatementChecker } from './check.ts';
import type { FormatEvent } from './events.ts';
import { readHttp } from './http/read.ts';
import { locate, withDate } from './location.ts';
import type { ReadRequest, SourceDoors, StatementInput, StatementPart } from './port.ts';
import { mysqlQuery } from './query/mysql.ts';
import { readQuery } from './query/read.ts';
import { fileReading } from './read-file.ts';

/** An input being read. */
export interface Reading {
  readonly events: AsyncIterable<FormatEvent[]>;
  readonly readAs: Readonly<Record<string, string>>;
  /** Begins the numbers of entries that have none. */
  readonly idPrefix: string;
  /** Asked for when all events have been told. */
  readonly digest: () => { readonly sha256: string; readonly bytes: number };
}

const ANSWERS = new Set(['http', 'mysql', 'lake']);

/** What there is to read for the day, in order of name. @throws LedgerflowError LF_STATEMENT_INPUT when there is nothing */
export async function inputsOf({ source, businessDate }: ReadRequest, doors: SourceDoors): Promise<StatementInput[]> {
  const { name, adapter, location } = source;
  if (ANSWERS.has(adapter.kind)) return [{ name: `${adapter.kind}:${name} ${businessDate}` }];
  if (location === undefined) throw new LedgerflowError('LF_STATEMENT_SOURCE', `source "${name}" has no location: name the file`);
  const files = await locate(location, businessDate, doors.folder);
  if (files.length === 0)
    throw new LedgerflowError('LF_STATEMENT_INPUT', `source "${name}" has no file for ${businessDate}`, { where: location });
  return files.map((file) => ({ name: path.relative(doors.folder, file), file }));
}

/**
 * Reads one input. Memory is bounded by a batch of lines, whatever the size of the input.
 * @throws LedgerflowError LF_STATEMENT_REFUSED, LF_STATEMENT_FORMAT, LF_STATEMENT_AMBIGUOUS and others: nothing of the input may be kept
 */
export async function* readInput(request: ReadRequest, input: StatementInput, doors: SourceDoors): AsyncGenerator<StatementPart> {
  const { source, signal } = request;
  try {
    const { events, readAs, idPrefix, digest } = await readingOf(request, input, doors);
    const checker = new StatementChecker({ source, idPrefix });
    for await (const batch of events) {
      throwIfAborted(signal);
      yield* checker.take(batch);
    }
    checker.finish();
    const { statements, entries, parked } = checker;
    yield { kind: 'end', end: { name: input.name, format: source.adapter.kind, ...digest(), readAs, statements, entries, parked } };
  } catch (error) {
    throw inInput(error, input.name);
  }
}

async function readingOf(request: ReadRequest, { file }: StatementInput, doors: SourceDoors): Promise<Reading> {
  const { source, businessDate, position, signal } = request;
  const { adapter, timezone } = source;
  if (adapter.kind !== 'http' && adapter.kind !== 'mysql' && adapter.kind !== 'lake') {
    if (file === undefined) throw new LedgerflowError('LF_STATEMENT_INPUT', 'the input is no file');
    return fileReading(source, path.resolve(doors.folder, file), doors.folder);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = { update: (text: string) => ((bytes += Buffer.byteLength(text)), hash.update(text)) };
  const about = { idPrefix: `${source.name}:${businessDate}`, digest: () => ({ sha256: hash.digest('hex'), bytes }) };
  if (adapter.kind === 'http')
    return {
      ...about,
      events: readHttp({ adapter, businessDate, position, secret: doors.secret, signal }, timezone, counted),
      readAs: { paging: adapter.paging.kind },
    };
  const query = adapter.kind === 'lake' ? doors.lake : mysqlOf(adapter.url, doors);
  if (query === undefined) throw new LedgerflowError('LF_STATEMENT_SOURCE', `a ${adapter.kind} query is not possible here`);
  const question = { sql: adapter.sql, date: withDate('{date}', businessDate), nextDate: withDate('{next_date}', businessDate), signal };
  return { ...about, events: readQuery({ query, question, mapping: adapter.mapping, timezone }, counted), readAs: {} };
}

function mysqlOf(name: string | undefined, { secret, mysqlUrl }: SourceDoors): ReturnType<typeof mysqlQuery> | undefined {
  const url = name === undefined ? mysqlUrl?.() : secret?.(name)?.trim();
  if (url === undefined && name !== undefined)
    throw new LedgerflowError('LF_STATEMENT_SOURCE', `there is no secret "${name}": write it to recon.secrets/${name}`);
  return url === undefined ? undefined : mysqlQuery(url);
}

/** The error with the name of its input before the line. */
function inInput(error: unknown, name: string): unknown {
  if (!(error instanceof LedgerflowError) || !error.code.startsWith('LF_STATEMENT')) return error;
  const where = error.where === undefined || error.where === name ? name : `${name}, ${error.where}`;
  return new LedgerflowError(error.code, messageOf(error), { where, cause: error });
}
