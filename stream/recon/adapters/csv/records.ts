// CSV text as numbered records, by csv-parse; what it cannot split is told with its line.

import { Readable } from 'node:stream';
import { parse, type CsvError } from 'csv-parse';
import { notOfFormat } from '../problem.ts';

export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
  readonly raw: string;
  /** Set when the line could not be split. */
  readonly fault?: string;
}

export interface CsvShape {
  readonly delimiter: string;
  readonly quote: string;
}

const RECORD_CHARS_MAX = 1_048_576;
const BATCH_RECORDS = 1_000;

interface Parsed {
  readonly record: string[];
  readonly raw: string;
  readonly lines: number;
}

/** Batches of records in order. @throws LedgerflowError LF_STATEMENT_FORMAT when the text ends inside quotes or a record is too long */
export async function* csvRecords(chunks: AsyncIterable<string>, { delimiter, quote }: CsvShape): AsyncGenerator<CsvRecord[]> {
  let batch: CsvRecord[] = [];
  let line = 1;
  const parser = parse({
    delimiter,
    quote,
    escape: quote,
    record_delimiter: ['\r\n', '\n', '\r'],
    raw: true,
    relax_column_count: true,
    relax_quotes: true, // a quote inside an unquoted field is text
    skip_records_with_error: true,
    max_record_size: RECORD_CHARS_MAX,
    on_skip: (error: CsvError | undefined, raw: string | undefined) => {
      if (error?.code === 'CSV_QUOTE_NOT_CLOSED' || error?.code === 'CSV_MAX_RECORD_SIZE') parser.destroy(error);
      else batch.push({ line: Number(error?.['lines'] ?? line), cells: [], raw: raw ?? '', fault: error?.message ?? 'cannot be split' });
      return undefined;
    },
  });
  // The parser's own option `info` copies all it knows, and the record's text once more, for every record.
  const push = parser.push.bind(parser);
  parser.push = (parsed: Parsed | null) => push(parsed === null ? null : { ...parsed, lines: parser.info.lines });
  const source = Readable.from(chunks, { objectMode: false });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const parsed of parser as AsyncIterable<Parsed>) {
      const raw = parsed.raw.replace(/[\r\n]+$/, '');
      const spans = raw.split(/\r\n|\n|\r/).length;
      line = parsed.lines;
      if (!(parsed.record.length === 1 && parsed.record[0] === ''))
        batch.push({ line: Math.max(1, line - spans + 1), cells: parsed.record, raw });
      if (batch.length < BATCH_RECORDS) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if ((error as CsvError).code?.startsWith('CSV_'))
      throw notOfFormat(Number((error as CsvError)['lines'] ?? line), (error as Error).message, error);
    throw error;
  } finally {
    source.destroy();
  }
  if (batch.length > 0) yield batch;
}
