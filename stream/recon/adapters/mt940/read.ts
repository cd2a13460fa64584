// SWIFT MT940 (end of day, with balances) and MT942 (within the day, with sums) as events.

import { readDigits } from '../dates.ts';
import { entryEvent, eventsOf, type FormatEvent, type StatedTotals } from '../events.ts';
import { linesOf } from '../lines.ts';
import { negated } from '../money.ts';
import type { Balance } from '../port.ts';
import { LineProblem, notOfFormat, refusal } from '../problem.ts';
import { draftOf, swiftAmount } from './entry.ts';
import { FieldReader, refuseLostBreak, type Field, type FieldStep } from './fields.ts';

interface Message {
  readonly line: number;
  readonly id: string;
  account: string;
  number: string;
  currency: string;
  opening: Balance | null;
  closing: Balance | null;
  /** Sums of MT942. */
  sums: Pick<StatedTotals, 'credits' | 'debits' | 'creditEntries' | 'debitEntries'>;
  told: boolean;
  /** It goes on from the page before. */
  isLater: boolean;
}

/** @throws LedgerflowError LF_STATEMENT_FORMAT, LF_STATEMENT_REFUSED */
export async function* readMt940(chunks: AsyncIterable<string>): AsyncGenerator<FormatEvent[]> {
  const fields = new FieldReader();
  const reader = new Mt940Reader();
  let last = 1;
  for await (const batch of linesOf(chunks)) {
    last = batch.at(-1)?.line ?? last;
    yield* eventsOf(batch, (line) => fields.take(line).flatMap((step) => reader.take(step)));
  }
  yield* eventsOf(fields.end(last), (step) => reader.take(step));
}

class Mt940Reader {
  #now: Message | null = null;
  #line: Field | null = null;
  /** Closing balances of pages that go on, by account. */
  readonly #pages = new Map<string, Balance>();

  take(step: FieldStep): FormatEvent[] {
    if (step.tag === 'end') return [...this.#entry(null), ...this.#close(step.line)];
    const field = step;
    if (field.tag === '20') return [...this.#entry(null), ...this.#close(field.line), ...this.#begin(field)];
    const now = this.#now;
    if (now === null) throw notOfFormat(field.line, `the field :${field.tag}: stands outside a message: :20: is missing`);
    if (field.tag === '86' && this.#line !== null) return this.#entry(field);
    const events = this.#entry(null);
    if (field.tag === '61') {
      events.push(...this.#tell(now));
      this.#line = field;
    } else this.#head(now, field);
    return events;
  }

  #begin(field: Field): FormatEvent[] {
    this.#now = { line: field.line, id: field.lines[0]!.trim(), account: '', number: '', currency: '', opening: null, closing: null, sums: {}, told: false, isLater: false }; // prettier-ignore
    return [];
  }

  /** All that is neither a line nor its information. */
  #head(now: Message, field: Field): void {
    const text = field.lines[0]!.trim();
    if (field.tag !== '86') this.#strict(field, () => refuseLostBreak(field));
    switch (field.tag) {
      case '25':
      case '25P':
        now.account = text;
        break;
      case '28':
      case '28C':
        now.number = text;
        break;
      case '60F':
      case '60M':
        now.isLater = field.tag === '60M';
        now.opening = this.#balance(now, field);
        this.#follow(now, field);
        break;
      case '62F':
      case '62M':
        now.closing = this.#balance(now, field);
        if (field.tag === '62M') this.#pages.set(now.account, now.closing);
        break;
      case '34F':
        now.currency = text.slice(0, 3);
        break;
      case '90C':
      case '90D':
        now.sums = { ...now.sums, ...this.#sum(now, field) };
        break;
      default: // :13D: time, :21: related reference, :64: and :65: available balances, :86: about the message, :NS: of one bank
    }
  }

  /** A later page begins where the one before ended. */
  #follow(now: Message, { line }: Field): void {
    const before = this.#pages.get(now.account);
    this.#pages.delete(now.account);
    if (now.isLater && before !== undefined && before.amount !== now.opening!.amount)
      throw refusal(line, `the page begins with ${now.opening!.amount}, the one before ended with ${before.amount}`);
  }

  #balance(now: Message, field: Field): Balance {
    const parts = /^([CD])(\d{6})([A-Z]{3})([\d.,]+)$/.exec(field.lines[0]!.trim());
    if (parts === null) throw refusal(field.line, `":${field.tag}:${field.lines[0]!.slice(0, 40)}" is no balance`);
    const [, side, date, currency, amount] = parts;
    if (now.currency !== '' && now.currency !== currency) throw refusal(field.line, `the balance is in ${currency}, the statement in ${now.currency}`); // prettier-ignore
    now.currency = currency!;
    const size = this.#strict(field, () => swiftAmount(amount!));
    return { amount: side === 'D' ? negated(size) : size, date: this.#strict(field, () => readDigits(date!)) };
  }

  #sum(now: Message, field: Field): Message['sums'] {
    const parts = /^(\d{1,5})([A-Z]{3})([\d.,]+)$/.exec(field.lines[0]!.trim());
    if (parts === null) throw refusal(field.line, `":${field.tag}:${field.lines[0]!.slice(0, 40)}" is no number and sum of entries`);
    if (now.currency !== '' && now.currency !== parts[2]) throw refusal(field.line, `the sum is in ${parts[2]}, the statement in ${now.currency}`); // prettier-ignore
    const sum = this.#strict(field, () => swiftAmount(parts[3]!));
    const count = Number(parts[1]);
    return field.tag === '90C' ? { credits: sum, creditEntries: count } : { debits: sum, debitEntries: count };
  }

  #tell(now: Message): FormatEvent[] {
    if (now.told) return [];
    now.told = true;
    const { account, number, currency, opening, id, line } = now;
    return [
      { kind: 'open', line, statement: { id: [number, id].filter((it) => it !== '').join(' '), number, account, currency, opening } },
    ];
  }

  #entry(information: Field | null): FormatEvent[] {
    const line = this.#line;
    this.#line = null;
    if (line === null) return [];
    const raw = [line, information].flatMap((field) => (field === null ? [] : [`:${field.tag}:${field.lines.join('\n')}`])).join('\n');
    const { currency } = this.#now!;
    return [entryEvent(line.line, raw, () => [draftOf(line, information, currency)])];
  }

  #close(line: number): FormatEvent[] {
    const now = this.#now;
    this.#now = null;
    if (now === null) return [];
    if (now.opening !== null && now.closing === null)
      throw refusal(line, `the statement that begins at line ${now.line} has no closing balance (:62F:)`);
    if (now.account === '') throw refusal(now.line, 'the message names no account (:25:)');
    return [...this.#tell(now), { kind: 'close', line, stated: { closing: now.closing, ...now.sums } }];
  }

  /** A fault in what is no entry refuses the file. */
  #strict<T>(field: Field, make: () => T): T {
    try {
      return make();
    } catch (error) {
      throw error instanceof LineProblem ? refusal(field.line, `:${field.tag}: ${error.message}`, error) : error;
    }
  }
}
