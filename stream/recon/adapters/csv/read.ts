// A CSV file as events: with names or without, with header and trailer records or bare.

import { entryEvent, eventsOf, type FormatEvent, type OpenedStatement, type StatedTotals } from '../events.ts';
import { RecordMapper } from '../mapper.ts';
import type { FieldRef, RecordsMapping } from '../mapping.ts';
import { LineProblem, notOfFormat, refusal } from '../problem.ts';
import type { SourceConfig } from '../source-config.ts';
import { readAmount } from '../money.ts';
import type { CsvDialect } from './dialect.ts';
import { csvRecords, type CsvRecord } from './records.ts';

/** Events of the file's text, in batches. @throws LedgerflowError LF_STATEMENT_FORMAT, LF_STATEMENT_REFUSED */
export async function* readCsv(chunks: AsyncIterable<string>, dialect: CsvDialect, source: SourceConfig): AsyncGenerator<FormatEvent[]> {
  const reader = new CsvReader(dialect, source);
  for await (const batch of csvRecords(chunks, dialect)) {
    yield* eventsOf(
      batch.sort((one, other) => one.line - other.line),
      (record) => reader.take(record),
    );
  }
  yield reader.end();
}

class CsvReader {
  readonly #dialect: CsvDialect;
  readonly #mapper: RecordMapper<CsvRecord>;
  readonly #constants: { readonly account: string; readonly currency: string };
  #columns: ReadonlyMap<string, number> | null = null;
  #opened = false;
  #trailed = false;
  #line = 1;

  constructor(dialect: CsvDialect, { timezone }: Pick<SourceConfig, 'timezone'>) {
    const { mapping, decimal, dateFormat } = dialect;
    this.#dialect = dialect;
    this.#constants = {
      account: mapping.constants.account ?? '',
      currency: mapping.currency === undefined ? (mapping.constants.currency ?? '') : '',
    };
    const fieldOf = (record: CsvRecord, field: FieldRef): string | null => record.cells[this.#indexOf(field)] ?? null;
    this.#mapper = new RecordMapper({ mapping, fieldOf, timezone, decimal, dateFormat });
  }

  take(record: CsvRecord): FormatEvent[] {
    this.#line = record.line;
    const { skipLines, names, records } = this.#dialect;
    if (record.line <= skipLines) return [];
    if (names && this.#columns === null) {
      this.#columns = columnsOf(record);
      this.#checkFields(record.line);
      return [];
    }
    if (records !== undefined) return this.#typed(record, records);
    return [...this.#open(record.line), ...this.#entry(record)];
  }

  end(): FormatEvent[] {
    const { records, mapping } = this.#dialect;
    if (records?.trailer !== undefined && !this.#trailed)
      throw refusal(this.#line, 'the record with the totals is missing: the file is cut off at this line');
    if (records?.trailer !== undefined) return [];
    if (this.#dialect.names && this.#columns === null) throw notOfFormat(this.#line, 'the line with the names of the columns is missing');
    return [...this.#open(this.#line), { kind: 'close', line: this.#line, stated: { runningBalance: mapping.runningBalance?.order } }];
  }

  #open(line: number, statement: Partial<OpenedStatement> = {}): FormatEvent[] {
    if (this.#opened) return [];
    this.#opened = true;
    return [{ kind: 'open', line, statement: { id: '', ...this.#constants, ...statement } }];
  }

  #entry(record: CsvRecord): FormatEvent[] {
    const { line, raw, fault, cells } = record;
    if (fault !== undefined) return [{ kind: 'bad', line, raw, problem: new LineProblem(fault) }];
    const width = this.#columns?.size ?? cells.length;
    if (cells.length !== width) {
      // A trailing delimiter is harmless; any other number of fields may have moved an amount into another column.
      const isHarmless = cells.length === width + 1 && cells.at(-1) === '';
      if (!isHarmless)
        return [{ kind: 'bad', line, raw, problem: new LineProblem(`the line has ${cells.length} fields, ${width} are expected`) }];
    }
    const event = entryEvent(line, raw, () => {
      const draft = this.#mapper.draftOf(record);
      return draft === null ? [] : [draft];
    });
    return event.kind === 'entry' && event.drafts.length === 0 ? [] : [event];
  }

  #typed(record: CsvRecord, records: RecordsMapping): FormatEvent[] {
    const { header, entry, trailer } = records;
    const { line, raw, cells, fault } = record;
    const type = fault === undefined ? cells[records.field - 1] : entry;
    if (this.#trailed && type !== header?.value) throw refusal(line, 'a record stands behind the one with the totals');
    if (header !== undefined && type === header.value) {
      this.#trailed = false;
      this.#opened = false;
      return this.#open(line, this.#headerOf(record, header));
    }
    if (header !== undefined && !this.#opened) throw refusal(line, 'the record that begins a statement is missing');
    if (trailer !== undefined && type === trailer.value) {
      this.#trailed = true;
      return [...this.#open(line), { kind: 'close', line, stated: this.#trailerOf(record, trailer) }];
    }
    if (type === entry) return [...this.#open(line), ...this.#entry(record)];
    return [{ kind: 'bad', line, raw, problem: new LineProblem(`"${type ?? ''}" is no known kind of record`) }];
  }

  #headerOf(record: CsvRecord, header: NonNullable<RecordsMapping['header']>): Partial<OpenedStatement> {
    const text = (at: number | undefined): string | undefined => (at === undefined ? undefined : record.cells[at - 1]?.trim());
    const account = text(header.account);
    const date = text(header.date) ?? null;
    const opening = this.#money(record, header.opening);
    return {
      id: [account, date].filter((it) => it !== undefined && it !== null).join(' '),
      ...(account === undefined ? {} : { account }),
      ...(header.currency === undefined ? {} : { currency: text(header.currency) ?? '' }),
      ...(opening === undefined ? {} : { opening: { amount: opening, date } }),
    };
  }

  #trailerOf(record: CsvRecord, trailer: NonNullable<RecordsMapping['trailer']>): StatedTotals {
    const count = trailer.entries === undefined ? undefined : record.cells[trailer.entries - 1]?.trim();
    if (trailer.entries !== undefined && !/^\d{1,12}$/.test(count ?? ''))
      throw refusal(record.line, `the number of entries "${count ?? ''}" is no number`);
    const closing = this.#money(record, trailer.closing);
    return {
      entries: count === undefined ? undefined : Number(count),
      credits: this.#money(record, trailer.credits),
      debits: this.#money(record, trailer.debits),
      net: this.#money(record, trailer.net),
      closing: closing === undefined ? null : { amount: closing, date: null },
    };
  }

  /** A total that cannot be read refuses the file: nothing could be tied to it. */
  #money(record: CsvRecord, at: number | undefined): string | undefined {
    if (at === undefined) return undefined;
    try {
      return readAmount(record.cells[at - 1] ?? '', this.#dialect.decimal);
    } catch (error) {
      throw refusal(record.line, error instanceof LineProblem ? error.message : 'a total cannot be read', error);
    }
  }

  #indexOf(field: FieldRef): number {
    return typeof field === 'number' ? field - 1 : (this.#columns?.get(field) ?? -1);
  }

  /** A mapping that names a column which is not there would read every line without it. */
  #checkFields(line: number): void {
    for (const field of this.#dialect.fields)
      if (this.#indexOf(field) < 0 || (typeof field === 'number' && field > (this.#columns?.size ?? 0)))
        throw notOfFormat(line, `the mapping names a column "${field}", the file has ${[...(this.#columns?.keys() ?? [])].join(', ')}`);
  }
}

function columnsOf({ cells, line }: CsvRecord): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  for (const [index, cell] of cells.entries()) {
    const name = cell.trim() === '' ? `column ${index + 1}` : cell.trim();
    if (columns.has(name)) throw notOfFormat(line, `two columns are called "${name}": name them by position`);
    columns.set(name, index);
  }
  return columns;
}
