// What a file looks like, before it is used: its format, encoding and dialect, what cannot be decided, a source to review, and a reading by it.

import path from 'node:path';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { inspectCsv, type CsvFindings } from './csv/dialect.ts';
import type { InputEnd, Statement, StatementEntry } from './port.ts';
import { readInput } from './read.ts';
import { sampleOf } from './read-file.ts';
import { parseSource } from './registry.ts';
import type { AdapterOf, SourceConfig } from './source-config.ts';
import { surveyFile, type FileSurvey } from './survey.ts';

export type FileFormat = 'csv' | 'json' | 'camt' | 'mt940' | 'ofx' | 'bai2';

export interface Inspection {
  readonly format: FileFormat;
  readonly survey: FileSurvey;
  readonly csv: Omit<CsvFindings, 'sample'> | null;
  /** A source as it would stand in the registry; null when a mapping must be written by a person. */
  readonly source: object | null;
  /** Why there is none, or what the reading was refused for. */
  readonly problem: string | null;
  readonly end: InputEnd | null;
  readonly statements: readonly Statement[];
  /** The first entries, as read. */
  readonly entries: readonly StatementEntry[];
}

const ENTRIES_SHOWN = 5;
const STATEMENTS_SHOWN = 20;

/** @param configured the source that the file is for; otherwise one is proposed. @throws LedgerflowError LF_STATEMENT_INPUT, LF_STATEMENT_FORMAT for what is no text */
export async function inspectFile(file: string, configured: SourceConfig | null, skipLines: number): Promise<Inspection> {
  const survey = await surveyFile(file, configured !== null && 'encoding' in configured.adapter ? configured.adapter.encoding : 'auto');
  const sample = await sampleOf(file, survey.encoding);
  const format = formatOf(sample);
  const none = { source: null, end: null, statements: [], entries: [] };
  if (configured !== null) return { format, survey, csv: null, source: null, ...(await readingBy(configured, file)) };
  if (format === 'json')
    return { format, survey, csv: null, ...none, problem: 'a JSON source needs a mapping: docs/recon-adapters.md has examples' };
  if (format !== 'csv') {
    const source = { name: nameOf(file), adapter: { kind: format } };
    return { format, survey, csv: null, source, ...(await readingBy(parseSource(source, file), file)) };
  }
  const asked = { ...parseSource({ name: 'inspect', adapter: { kind: 'csv', skipLines } }, file).adapter } as AdapterOf<'csv'>;
  const { sample: _, ...csv } = await inspectCsv(sample, asked);
  if (csv.mapping === null) return { format, survey, csv, ...none, problem: csv.missing };
  const source = { name: nameOf(file), adapter: adapterFor(csv, skipLines) };
  return { format, survey, csv, source, ...(await readingBy(parseSource(source, file), file)) };
}

/** The file's format by how it begins; what is none of the others is CSV. */
export function formatOf(sample: string): FileFormat {
  const head = sample.trimStart();
  if (/^OFXHEADER|<OFX>|<\?OFX/i.test(head.slice(0, 2_000))) return 'ofx';
  if (/^<\?xml|^<(?:\w+:)?Document\b/.test(head)) return 'camt';
  if (/^01,[^\n]*/.test(head) && /^02,/m.test(head)) return 'bai2';
  if (/^(?:\{1:|:20:)/.test(head)) return 'mt940';
  return /^[[{]/.test(head) ? 'json' : 'csv';
}

/** What was decided is written down; what could be either is left at `auto`, which is refused until a person sets it. */
function adapterFor({ delimiter, mapping, decimal, dateFormat }: Omit<CsvFindings, 'sample'>, skipLines: number): object {
  const { value: mark, others: marks } = decimal;
  const { value: format, others: formats } = dateFormat;
  const decided = {
    decimal: marks.length === 0 ? (mark ?? 'auto') : 'auto',
    dateFormat: formats.length === 0 ? (format ?? 'auto') : 'auto',
  };
  return { kind: 'csv', delimiter, ...(skipLines > 0 ? { skipLines } : {}), mapping: { ...mapping, ...decided } };
}

function nameOf(file: string): string {
  const name = path
    .basename(file)
    .toLowerCase()
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z]+/, '');
  return name.slice(0, 63) || 'source';
}

async function readingBy(source: SourceConfig, file: string): Promise<Pick<Inspection, 'problem' | 'end' | 'statements' | 'entries'>> {
  const statements: Statement[] = [];
  const entries: StatementEntry[] = [];
  let end: InputEnd | null = null;
  try {
    const request = { source, businessDate: new Date().toISOString().slice(0, 10) };
    for await (const part of readInput(
      request,
      { name: path.basename(file), file: path.resolve(file) },
      { folder: path.dirname(path.resolve(file)) },
    )) {
      if (part.kind === 'end') end = part.end;
      else if (part.kind === 'statement' && statements.length < STATEMENTS_SHOWN) statements.push(part.statement);
      else if (part.kind === 'rows') entries.push(...part.entries.slice(0, Math.max(0, ENTRIES_SHOWN - entries.length)));
    }
    return { problem: null, end, statements, entries };
  } catch (error) {
    if (!(error instanceof LedgerflowError)) throw error;
    return { problem: error.toLine(), end: null, statements, entries };
  }
}
