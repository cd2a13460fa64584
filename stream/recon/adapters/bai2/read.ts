// BAI2 cash-management files as events: files, groups, accounts, details; every trailer's control total and count is checked.

import { readDigits } from '../dates.ts';
import { entryEvent, eventsOf, type FormatEvent, type StatedTotals } from '../events.ts';
import { linesOf } from '../lines.ts';
import { fromMinorUnits } from '../money.ts';
import type { Balance } from '../port.ts';
import { LineProblem, notOfFormat, refusal } from '../problem.ts';
import { detailOf } from './detail.ts';
import { RecordReader, type BaiRecord } from './records.ts';
import { summariesOf } from './summaries.ts';
import { ControlSum } from './control-sum.ts';

/** @param currency of files that name none. @throws LedgerflowError LF_STATEMENT_FORMAT, LF_STATEMENT_REFUSED */
export async function* readBai2(chunks: AsyncIterable<string>, currency: string): AsyncGenerator<FormatEvent[]> {
  const records = new RecordReader();
  const reader = new Bai2Reader(currency);
  for await (const batch of linesOf(chunks)) {
    yield* eventsOf(batch, (line) => records.take(line).flatMap((record) => reader.take(record)));
  }
  yield* eventsOf(records.end(), (record) => reader.take(record));
  reader.end();
}

interface Account {
  readonly line: number;
  readonly number: string;
  readonly currency: string;
  readonly opening: Balance | null;
  readonly stated: StatedTotals;
}

class Bai2Reader {
  readonly #currency: string;
  readonly #file = new ControlSum('file');
  readonly #group = new ControlSum('group');
  readonly #sum = new ControlSum('account');
  #level: 'none' | 'file' | 'group' | 'account' | 'ended' = 'none';
  #groupCurrency = '';
  #asOf: string | null = null;
  #account: Account | null = null;
  #line = 1;

  constructor(currency: string) {
    this.#currency = currency;
  }

  take(record: BaiRecord): FormatEvent[] {
    const { code, line } = record;
    this.#line = line;
    switch (code) {
      case '01':
        this.#step(line, ['none'], 'file');
        this.#file.begin(record.lines);
        return [];
      case '02':
        return this.#beginGroup(record);
      case '03':
        return this.#beginAccount(record);
      case '16':
        return this.#detail(record);
      case '49':
        return this.#endAccount(record);
      case '98':
        this.#step(line, ['group'], 'file');
        this.#group.check(record, 'accounts');
        this.#file.addChild(this.#group);
        return [];
      case '99':
        this.#step(line, ['file'], 'ended');
        this.#file.check(record, 'groups');
        return [];
      default:
        throw notOfFormat(line, `the record code ${code} is none of BAI2`);
    }
  }

  end(): void {
    if (this.#level !== 'ended') throw refusal(this.#line, 'the file has no record 99: it is cut off');
  }

  #beginGroup(record: BaiRecord): FormatEvent[] {
    this.#step(record.line, ['file'], 'group');
    this.#group.begin(record.lines);
    const [, , , date = '', , currency = ''] = record.fields;
    this.#groupCurrency = currency.trim();
    this.#asOf = this.#strict(record, () => readDigits(date.trim()));
    return [];
  }

  #beginAccount(record: BaiRecord): FormatEvent[] {
    this.#step(record.line, ['group'], 'account');
    this.#sum.begin(record.lines);
    const [number = '', own = ''] = record.fields;
    const currency = own.trim() || this.#groupCurrency || this.#currency;
    const summaries = this.#strict(record, () => summariesOf(record.fields.slice(2)));
    for (const { amount } of summaries) if (amount !== '') this.#strict(record, () => this.#sum.add(amount));
    const valueOf = (type: string): string | undefined => {
      const found = summaries.find((it) => it.type === type && it.amount !== '');
      return found === undefined ? undefined : this.#strict(record, () => fromMinorUnits(found.amount, currency));
    };
    const countOf = (type: string): number | undefined => {
      const count = summaries.find((it) => it.type === type)?.count ?? '';
      return /^\d{1,9}$/.test(count) ? Number(count) : undefined;
    };
    const balance = (type: string): Balance | null => {
      const amount = valueOf(type);
      return amount === undefined ? null : { amount, date: this.#asOf };
    };
    const stated = { closing: balance('015'), credits: valueOf('100'), creditEntries: countOf('100'), debits: valueOf('400'), debitEntries: countOf('400') }; // prettier-ignore
    this.#account = { line: record.line, number: number.trim(), currency, opening: balance('010'), stated };
    const { opening } = this.#account;
    return [
      {
        kind: 'open',
        line: record.line,
        statement: { id: `${number.trim()} ${this.#asOf ?? ''}`, account: number.trim(), currency, opening },
      },
    ];
  }

  #detail(record: BaiRecord): FormatEvent[] {
    const account = this.#account;
    if (account === null) throw refusal(record.line, 'a detail (16) stands outside an account (03)');
    this.#sum.lines += record.lines;
    const amount = record.fields[1]?.trim() ?? '';
    if (/^[+-]?\d+$/.test(amount)) this.#sum.add(amount);
    const event = entryEvent(record.line, record.raw, () => {
      const draft = detailOf(record, { currency: account.currency, asOf: this.#asOf! });
      return draft === null ? [] : [draft];
    });
    return event.kind === 'entry' && event.drafts.length === 0 ? [] : [event];
  }

  #endAccount(record: BaiRecord): FormatEvent[] {
    this.#step(record.line, ['account'], 'group');
    this.#sum.check(record, null);
    this.#group.addChild(this.#sum);
    const { stated } = this.#account!;
    this.#account = null;
    return [{ kind: 'close', line: record.line, stated: { ...stated, controlTotal: true } }];
  }

  #step(line: number, from: readonly string[], to: 'file' | 'group' | 'account' | 'ended'): void {
    if (!from.includes(this.#level)) throw refusal(line, `a record for the ${to} stands in the wrong place: a record before it is missing`);
    this.#level = to;
  }

  #strict<T>({ line, code }: BaiRecord, make: () => T): T {
    try {
      return make();
    } catch (error) {
      throw error instanceof LineProblem ? refusal(line, `record ${code}: ${error.message}`, error) : error;
    }
  }
}
