// OFX and QFX: bank and credit-card statements as events. OFX has a closing balance (LEDGERBAL) and no opening one.

import { entryEvent, eventsOf, type FormatEvent } from '../events.ts';
import type { Balance } from '../port.ts';
import { LineProblem, refusal } from '../problem.ts';
import { ofxTags, type TagStep } from './tags.ts';
import { amountOf, dateOf, draftOf } from './transaction.ts';

const STATEMENTS = new Set(['STMTRS', 'CCSTMTRS']);
const RECORDS = new Set(['STMTTRN', 'BANKACCTFROM', 'CCACCTFROM', 'LEDGERBAL']);

/** @throws LedgerflowError LF_STATEMENT_FORMAT, LF_STATEMENT_REFUSED */
export async function* readOfx(chunks: AsyncIterable<string>, timezone: string): AsyncGenerator<FormatEvent[]> {
  const reader = new OfxReader(timezone);
  for await (const steps of ofxTags(chunks)) {
    yield* eventsOf(steps, (step) => reader.take(step));
  }
  reader.end();
}

interface Now {
  readonly line: number;
  currency: string;
  account: string;
  period: string;
  closing: Balance | null;
  told: boolean;
}

interface OpenRecord {
  readonly name: string;
  readonly line: number;
  readonly values: Map<string, string>;
  readonly path: string[];
}

class OfxReader {
  readonly #timezone: string;
  #now: Now | null = null;
  /** The record that is open, with its values under their paths. */
  #record: OpenRecord | null = null;
  #isEnded = false;
  #line = 1;

  constructor(timezone: string) {
    this.#timezone = timezone;
  }

  take(step: TagStep): FormatEvent[] {
    this.#line = step.line;
    if (step.name === 'OFX' && step.kind === 'close') this.#isEnded = true;
    if (step.name === 'CODE' && step.kind === 'value') this.#status(step);
    if (this.#record !== null) return this.#inRecord(step, this.#record);
    if (step.kind === 'value') return this.#value(step);
    if (step.kind === 'open') {
      if (STATEMENTS.has(step.name)) this.#now = { line: step.line, currency: '', account: '', period: '', closing: null, told: false };
      else if (RECORDS.has(step.name) && this.#now !== null)
        this.#record = { name: step.name, line: step.line, values: new Map(), path: [] };
      return [];
    }
    return STATEMENTS.has(step.name) ? this.#close(step.line) : [];
  }

  end(): void {
    if (!this.#isEnded) throw refusal(this.#line, 'the file has no </OFX>: it is cut off');
  }

  #value({ name, text }: Extract<TagStep, { kind: 'value' }>): FormatEvent[] {
    if (this.#now === null) return [];
    if (name === 'CURDEF') this.#now.currency = text.toUpperCase();
    if (name === 'DTSTART' || name === 'DTEND') this.#now.period = [this.#now.period, text.slice(0, 8)].filter((it) => it !== '').join('-');
    return [];
  }

  #inRecord(step: TagStep, record: OpenRecord): FormatEvent[] {
    if (step.kind === 'value') record.values.set([...record.path, step.name].join('.'), step.text);
    else if (step.kind === 'open') {
      if (step.name === record.name || STATEMENTS.has(step.name)) throw refusal(step.line, `<${step.name}> stands inside the <${record.name}> of line ${record.line}, which has no end`); // prettier-ignore
      record.path.push(step.name);
    } else if (step.name === record.name) {
      this.#record = null;
      return this.#recorded(record.name, record.line, record.values);
    } else if (record.path.at(-1) === step.name) record.path.pop();
    return [];
  }

  #recorded(name: string, line: number, values: ReadonlyMap<string, string>): FormatEvent[] {
    const now = this.#now!;
    if (name === 'STMTTRN') {
      const raw = [...values].map(([path, text]) => `<${path}>${text}`).join('');
      return [...this.#tell(now), entryEvent(line, raw, () => [draftOf(values, { currency: now.currency, timezone: this.#timezone })])];
    }
    if (name === 'LEDGERBAL') now.closing = this.#balance(line, values);
    else now.account = values.get('ACCTID') ?? '';
    return [];
  }

  #balance(line: number, values: ReadonlyMap<string, string>): Balance {
    try {
      const date = values.get('DTASOF');
      return { amount: amountOf(values.get('BALAMT') ?? ''), date: date === undefined ? null : dateOf(date, this.#timezone).slice(0, 10) };
    } catch (error) {
      throw error instanceof LineProblem ? refusal(line, `the ledger balance: ${error.message}`, error) : error;
    }
  }

  /** A server that refuses answers with a code other than 0 and no statement. */
  #status({ text, line }: Extract<TagStep, { kind: 'value' }>): void {
    if (/^\d+$/.test(text) && Number(text) >= 2_000)
      throw refusal(line, `the sender's server answered with status ${text} in place of a statement`);
  }

  #tell(now: Now): FormatEvent[] {
    if (now.told) return [];
    now.told = true;
    const { line, account, currency, period } = now;
    return [{ kind: 'open', line, statement: { id: period, account, currency } }];
  }

  #close(line: number): FormatEvent[] {
    const now = this.#now!;
    this.#now = null;
    return [...this.#tell(now), { kind: 'close', line, stated: { closing: now.closing } }];
  }
}
