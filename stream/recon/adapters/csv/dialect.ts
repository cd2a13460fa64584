// How a CSV file is written: what the source sets, and for `auto` what a sample of the file shows. What could be either is refused.

import { LedgerflowError } from '../../../../infra/runtime/errors.ts';
import type { FieldRef, FieldRefs, Mapping, RecordsMapping } from '../mapping.ts';
import type { DecimalMark } from '../money.ts';
import type { AdapterOf } from '../source-config.ts';
import { csvRecords, type CsvRecord, type CsvShape } from './records.ts';
import { decimalOf, dateFormatOf, type Choice } from './guess-values.ts';
import { withBalance } from './guess-balance.ts';
import { mappingOf, type GuessedMapping } from './guess-columns.ts';

export interface CsvDialect extends CsvShape {
  readonly skipLines: number;
  readonly names: boolean;
  readonly records?: RecordsMapping | undefined;
  readonly mapping: Mapping;
  readonly decimal: DecimalMark;
  readonly dateFormat: string;
  /** Every field that the mapping reads. */
  readonly fields: readonly FieldRef[];
}

export interface CsvFindings {
  readonly delimiter: string;
  readonly columns: readonly string[];
  readonly mapping: Mapping | null;
  /** Why there is no mapping. */
  readonly missing: string;
  readonly decimal: Choice<DecimalMark>;
  readonly dateFormat: Choice<string>;
  readonly sample: readonly CsvRecord[];
}

const DELIMITERS = [',', ';', '\t', '|'];
const SAMPLE_RECORDS = 2_000;

/** What a sample of the file shows; settings of the source come first. */
export async function inspectCsv(sample: string, adapter: AdapterOf<'csv'>): Promise<CsvFindings> {
  const delimiter = adapter.delimiter === 'auto' ? await delimiterOf(sample, adapter.quote) : adapter.delimiter;
  const records = (await sampleRecords(sample, { delimiter, quote: adapter.quote }, true)).filter(({ line }) => line > adapter.skipLines);
  const head = adapter.names ? (records[0]?.cells ?? []) : [];
  const columns = head.map((cell, index) => (cell.trim() === '' ? `column ${index + 1}` : cell.trim()));
  const body = (adapter.names ? records.slice(1) : records).filter(
    ({ cells }) => adapter.records === undefined || cells[adapter.records.field - 1] === adapter.records.entry,
  );
  const guessed: GuessedMapping = adapter.mapping === 'auto' ? mappingOf(columns, body) : { mapping: adapter.mapping, missing: '' };
  const at = (field: FieldRef): number => (typeof field === 'number' ? field - 1 : columns.indexOf(field));
  const valuesOf = (fields: readonly FieldRef[]): string[] =>
    body.flatMap(({ cells }) => fields.map((field) => cells[at(field)]?.trim() ?? '')).filter((text) => text !== '');
  const set = <T extends string>(value: T | 'auto', guess: () => Choice<T>): Choice<T> => (value === 'auto' ? guess() : { value, others: [], by: 'setting' }); // prettier-ignore
  const { mapping: first, missing, balance } = guessed;
  if (first === null) return { delimiter, columns, mapping: null, missing, decimal: NOTHING, dateFormat: NOTHING, sample: body };
  const amounts = [...moneyFields(first), ...(balance === undefined ? [] : [balance])];
  const decimal = set(first.decimal, () => decimalOf(valuesOf(amounts)));
  const isProvable = balance !== undefined && decimal.value !== null && decimal.others.length === 0;
  const mapping = isProvable ? withBalance(first, balance, body, { decimal: decimal.value, at }) : first;
  const dateFormat = set(mapping.dateFormat, () => dateFormatOf(dateValues(mapping, body, at)));
  return { delimiter, columns, mapping, missing, decimal, dateFormat, sample: body };
}

const NOTHING = { value: null, others: [], by: 'nothing to see' } as const;

/** @throws LedgerflowError LF_STATEMENT_AMBIGUOUS naming what could be either, and the choices */
export async function dialectOf(sample: string, adapter: AdapterOf<'csv'>): Promise<CsvDialect> {
  const { delimiter, mapping, missing, decimal, dateFormat } = await inspectCsv(sample, adapter);
  if (mapping === null) throw new LedgerflowError('LF_STATEMENT_AMBIGUOUS', missing);
  const { quote, skipLines, names, records } = adapter;
  return {
    ...{ delimiter, quote, skipLines, names, records, mapping },
    decimal: decided('decimal', decimal),
    dateFormat: decided('dateFormat', dateFormat),
    fields: allFields(mapping),
  };
}

function decided<T extends string>(what: string, choice: Choice<T>): T {
  if (choice.value !== null && choice.others.length === 0) return choice.value;
  const choices = [choice.value, ...choice.others].filter((it) => it !== null);
  const why = choices.length === 0 ? `nothing known fits (${choice.by})` : `it could be ${choices.map((it) => `"${it}"`).join(' or ')}`;
  throw new LedgerflowError('LF_STATEMENT_AMBIGUOUS', `"${what}" is not set, and ${why}`);
}

/** The delimiter that splits most lines into the same number of fields, more than one; ties go to more fields. */
async function delimiterOf(sample: string, quote: string): Promise<string> {
  let best = { delimiter: ',', share: 0, width: 0 };
  for (const delimiter of DELIMITERS) {
    const records = await sampleRecords(sample, { delimiter, quote });
    const widths = new Map<number, number>();
    for (const { cells } of records) if (cells.length > 1) widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
    for (const [width, count] of widths) {
      const share = count / records.length;
      if (share > best.share + 0.05 || (share > best.share - 0.05 && width > best.width)) best = { delimiter, share, width };
    }
  }
  return best.delimiter;
}

async function sampleRecords(sample: string, shape: CsvShape, isAll = false): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  try {
    for await (const batch of csvRecords(chunkOf(sample), shape)) {
      records.push(...batch.filter(({ fault }) => fault === undefined));
      if (records.length >= SAMPLE_RECORDS) break;
    }
  } catch (error) {
    // A quote that is never closed, with this delimiter or at the end of the sample: what was split before it is sample enough.
    if (!(error instanceof LedgerflowError) || (isAll && records.length === 0)) throw error;
  }
  return records;
}

async function* chunkOf(text: string): AsyncGenerator<string> {
  yield await Promise.resolve(text);
}

function moneyFields({ money, runningBalance }: Mapping): FieldRef[] {
  const own = 'credit' in money && !('direction' in money) ? [money.credit, money.debit] : [money.amount];
  return [...own, ...(runningBalance === undefined ? [] : [runningBalance.field])];
}

function dateValues({ bookedAt, bookedTime, valueDate }: Mapping, body: readonly CsvRecord[], at: (field: FieldRef) => number): string[] {
  const joined = body.map(({ cells }) => [bookedAt, bookedTime].flatMap((field) => (field === undefined ? [] : [cells[at(field)]?.trim() ?? ''])).join(' ')); // prettier-ignore
  const values = valueDate === undefined ? [] : body.map(({ cells }) => cells[at(valueDate)]?.trim() ?? '');
  return [...joined, ...values].filter((text) => text !== '');
}

function allFields(mapping: Mapping): FieldRef[] {
  const { externalId, bookedAt, bookedTime, valueDate, currency, account, reference, description, counterparty, batchKey, kind, status } =
    mapping;
  const many = [externalId, reference, description, counterparty].flatMap((it: FieldRefs | undefined) => it ?? []);
  const single = [bookedAt, bookedTime, valueDate, currency, account, batchKey, kind, status?.field];
  const direction = 'direction' in mapping.money ? [mapping.money.direction] : [];
  return [...moneyFields(mapping), ...direction, ...many, ...single.filter((it) => it !== undefined)];
}
