// JSON lines of any size, or one JSON document with a list, as events. Numbers keep their text: no amount passes through a float.

import { stringify } from 'lossless-json';
import { entryEvent, type FormatEvent } from '../events.ts';
import { linesOf } from '../lines.ts';
import { RecordMapper } from '../mapper.ts';
import type { FieldRef, Mapping } from '../mapping.ts';
import { readAmount } from '../money.ts';
import type { Balance } from '../port.ts';
import { LineProblem, notOfFormat, refusal } from '../problem.ts';
import type { AdapterOf } from '../source-config.ts';
import { parseJson, textAt, valueAt, type Json } from './path.ts';

/** A document is held in memory as a whole; larger ones are better sent as lines. */
const DOCUMENT_CHARS_MAX = 268_435_456;

export interface JsonShape {
  readonly mapping: Mapping;
  readonly timezone: string;
  readonly list: string;
  readonly totals: AdapterOf<'json'>['totals'];
}

/** @throws LedgerflowError LF_STATEMENT_FORMAT, LF_STATEMENT_REFUSED */
export async function* readJson(
  chunks: AsyncIterable<string>,
  form: 'lines' | 'document',
  shape: JsonShape,
): AsyncGenerator<FormatEvent[]> {
  const records = new JsonRecords(shape);
  if (form === 'document') {
    let text = '';
    for await (const chunk of chunks) {
      text += chunk;
      if (text.length > DOCUMENT_CHARS_MAX)
        throw notOfFormat(1, `the document has more than ${DOCUMENT_CHARS_MAX} characters: send it as JSON lines`);
    }
    yield documentEvents(wholeOf(text), shape, records);
    return;
  }
  yield [records.open(1, null)];
  let last = 1;
  for await (const batch of linesOf(chunks)) {
    last = batch.at(-1)?.line ?? last;
    yield batch.filter(({ text }) => text.trim() !== '').flatMap(({ line, text }) => records.entry(line, text, () => parseJson(text)));
  }
  yield [{ kind: 'close', line: last, stated: {} }];
}

/** The records of a document's list, numbered from 1, with what the document says of itself. */
function documentEvents(document: Json, shape: JsonShape, records: JsonRecords): FormatEvent[] {
  const list = listOf(document, shape.list);
  const { opening, closing, entries } = statedOf(document, shape);
  const stated = { closing, entries };
  return [
    records.open(1, opening),
    ...list.flatMap((record) => records.next(record)),
    { kind: 'close', line: Math.max(1, list.length), stated },
  ];
}

/** Opening and closing balance and number of entries, where the paths lead to some. @throws LedgerflowError LF_STATEMENT_REFUSED */
export function statedOf(
  document: Json,
  { totals, mapping }: Pick<JsonShape, 'totals' | 'mapping'>,
): { opening: Balance | null; closing: Balance | null; entries: number | undefined } {
  const balance = (path: string | undefined): Balance | null => {
    const text = path === undefined ? null : strictly(() => textAt(document, path));
    return text === null ? null : { amount: strictly(() => readAmount(text, mapping.decimal === ',' ? ',' : '.')), date: null };
  };
  const path = totals.entries;
  const count = path === undefined ? null : strictly(() => textAt(document, path));
  if (count !== null && !/^\d{1,12}$/.test(count)) throw refusal(1, `the number of entries "${count}" is no number`);
  return { opening: balance(totals.opening), closing: balance(totals.closing), entries: count === null ? undefined : Number(count) };
}

/** @throws LedgerflowError LF_STATEMENT_FORMAT when there is no list at the path */
export function listOf(document: Json, path: string): Json[] {
  const list = valueAt(document, path);
  if (!Array.isArray(list)) throw notOfFormat(1, `there is no list at "${path}"`);
  return list;
}

/** Records as entries, with numbers of their own or those of lines. */
export class JsonRecords {
  readonly #mapper: RecordMapper<Json>;
  readonly #constants: Mapping['constants'];
  readonly #hasCurrency: boolean;
  /** Records so far. */
  count = 0;

  constructor({ mapping, timezone }: Pick<JsonShape, 'mapping' | 'timezone'>) {
    const fieldOf = (record: Json, field: FieldRef): string | null => textAt(record, String(field));
    this.#mapper = new RecordMapper({ mapping, fieldOf, timezone, decimal: '.', dateFormat: 'iso' });
    this.#constants = mapping.constants;
    this.#hasCurrency = mapping.currency !== undefined;
  }

  open(line: number, opening: Balance | null): FormatEvent {
    const { account = '', currency = '' } = this.#constants;
    return { kind: 'open', line, statement: { id: '', account, currency: this.#hasCurrency ? '' : currency, opening } };
  }

  next(record: Json): FormatEvent[] {
    this.count += 1;
    return this.entry(this.count, stringify(record) ?? '', () => record);
  }

  entry(line: number, raw: string, record: () => Json): FormatEvent[] {
    const event = entryEvent(line, raw, () => {
      const value = record();
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new LineProblem('the record is no object');
      const draft = this.#mapper.draftOf(value);
      return draft === null ? [] : [draft];
    });
    return event.kind === 'entry' && event.drafts.length === 0 ? [] : [event];
  }
}

function wholeOf(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw notOfFormat(1, error instanceof LineProblem ? error.message : 'not JSON', error);
  }
}

function strictly<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof LineProblem ? refusal(1, error.message, error) : error;
  }
}
