// From a source and a day to the parts of the port: what there is to read, and reading one of it. The whole path on one screen.

import { open } from 'node:fs/promises';
import path from 'node:path';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { throwIfAborted } from '../../../infra/runtime/sleep.ts';
import { readBai2 } from './bai2/read.ts';
import { readCamt } from './camt/read.ts';
import { StatementChecker } from './check.ts';
import { dialectOf } from './csv/dialect.ts';
import { readCsv } from './csv/read.ts';
import type { FormatEvent } from './events.ts';
import { readJson } from './json/read.ts';
import { locate } from './location.ts';
import { readMt940 } from './mt940/read.ts';
import { readOfx } from './ofx/read.ts';
import type { ReadRequest, SourceDoors, StatementInput, StatementPart } from './port.ts';
import { surveyFile, textOf, type FileSurvey } from './survey.ts';

/** What a parser of a format gives: events, and how it read. */
export interface Reading {
  readonly events: AsyncIterable<FormatEvent[]>;
  readonly readAs: Readonly<Record<string, string>>;
}

/** What there is to read for the day, in order of name. @throws LedgerflowError LF_STATEMENT_INPUT when there is nothing */
export async function inputsOf(request: ReadRequest, doors: SourceDoors): Promise<StatementInput[]> {
  const { source, businessDate } = request;
  if (source.location === undefined)
    throw new LedgerflowError('LF_STATEMENT_SOURCE', `source "${source.name}" has no location: name the file`);
  const files = await locate(source.location, businessDate, doors.folder);
  if (files.length === 0)
    throw new LedgerflowError('LF_STATEMENT_INPUT', `source "${source.name}" has no file for ${businessDate}`, { where: source.location });
  return files.map((file) => ({ name: path.relative(doors.folder, file), file }));
}

/**
 * Reads one input. Memory is bounded by a batch of lines, whatever the size of the input.
 * @throws LedgerflowError LF_STATEMENT_REFUSED, LF_STATEMENT_FORMAT, LF_STATEMENT_AMBIGUOUS: nothing of the input may be kept
 */
export async function* readInput(request: ReadRequest, input: StatementInput, doors: SourceDoors): AsyncGenerator<StatementPart> {
  const { source, signal } = request;
  const file = requireFile(input, doors);
  try {
    const survey = await surveyFile(file, encodingOf(request));
    const { events, readAs } = await readingOf(request, file, survey);
    const checker = new StatementChecker({ source, idPrefix: survey.sha256.slice(0, 16) });
    for await (const batch of events) {
      throwIfAborted(signal);
      yield* checker.take(batch);
    }
    checker.finish();
    const { statements, entries, parked } = checker;
    const { sha256, bytes, encoding, encodingBy } = survey;
    const all = { encoding: `${encoding} (${encodingBy})`, ...readAs };
    yield { kind: 'end', end: { name: input.name, format: source.adapter.kind, sha256, bytes, readAs: all, statements, entries, parked } };
  } catch (error) {
    throw inFile(error, input.name);
  }
}

async function readingOf({ source }: ReadRequest, file: string, { encoding }: FileSurvey): Promise<Reading> {
  const { adapter } = source;
  const text = textOf(file, encoding);
  switch (adapter.kind) {
    case 'csv': {
      const dialect = await dialectOf(await sampleOf(file, encoding), adapter);
      const { delimiter, decimal, dateFormat } = dialect;
      return { events: readCsv(text, dialect, source), readAs: { delimiter, decimal, dateFormat } };
    }
    case 'camt':
      return { events: readCamt(text, { details: adapter.details, timezone: source.timezone }), readAs: { details: adapter.details } };
    case 'mt940':
      return { events: readMt940(text), readAs: {} };
    case 'ofx':
      return { events: readOfx(text, source.timezone), readAs: {} };
    case 'bai2':
      return { events: readBai2(text, adapter.currency), readAs: {} };
    case 'json': {
      const { mapping, list, totals } = adapter;
      const form = adapter.form === 'auto' ? formOf(await sampleOf(file, encoding), list) : adapter.form;
      return { events: readJson(text, form, { mapping, list, totals, timezone: source.timezone }), readAs: { form } };
    }
    default:
      throw new LedgerflowError('LF_STATEMENT_SOURCE', `there is no reader of ${adapter.kind} files`);
  }
}

/** Lines hold an object each; a document is a list, or has its list at a path. */
function formOf(sample: string, list: string): 'lines' | 'document' {
  const [first = ''] = sample.trimStart().split(/\r\n|\n|\r/);
  const isObject = first.startsWith('{') && first.trimEnd().endsWith('}');
  return isObject && (list === '' || first.trim() !== sample.trim()) ? 'lines' : 'document';
}

const SAMPLE_BYTES = 262_144;

/** The begin of a file as text, for looking at how it is written. */
export async function sampleOf(file: string, encoding: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
    const text = new TextDecoder(encoding).decode(buffer.subarray(0, bytesRead), { stream: true });
    if (bytesRead < SAMPLE_BYTES) return text;
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
    return end > 0 ? text.slice(0, end + 1) : text;
  } finally {
    await handle.close();
  }
}

function encodingOf({ source: { adapter } }: ReadRequest): string {
  return 'encoding' in adapter ? adapter.encoding : 'auto';
}

function requireFile({ file, name }: StatementInput, { folder }: SourceDoors): string {
  if (file === undefined) throw new LedgerflowError('LF_STATEMENT_INPUT', 'the input is no file', { where: name });
  return path.resolve(folder, file);
}

/** The error with the name of its input before the line. */
function inFile(error: unknown, name: string): unknown {
  if (!(error instanceof LedgerflowError) || !error.code.startsWith('LF_STATEMENT')) return error;
  const where = error.where === undefined || error.where === name ? name : `${name}, ${error.where}`;
  return new LedgerflowError(error.code, messageOf(error), { where, cause: error });
}
