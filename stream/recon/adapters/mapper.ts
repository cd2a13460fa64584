// A record with named fields, by a source's mapping, as an entry. The same for CSV, JSON, APIs and queries.

import { DateReader } from './dates.ts';
import { knowingAmount, type EntryDraft } from './events.ts';
import type { FieldRef, FieldRefs, Mapping } from './mapping.ts';
import { Exact, clip, fromMinorUnits, negated, readAmount, type DecimalMark } from './money.ts';
import type { EntryStatus } from './port.ts';
import { LineProblem } from './problem.ts';

/** A field's text; null where the record has no such field or nothing in it. */
export type FieldOf<R> = (record: R, field: FieldRef) => string | null;

export interface MapperOptions<R> {
  readonly mapping: Mapping;
  readonly fieldOf: FieldOf<R>;
  readonly timezone: string;
  /** For `auto` of the mapping. */
  readonly decimal: DecimalMark;
  readonly dateFormat: string;
}

export class RecordMapper<R> {
  readonly #mapping: Mapping;
  readonly #fieldOf: FieldOf<R>;
  readonly #decimal: DecimalMark;
  readonly #dates: DateReader;

  constructor({ mapping, fieldOf, timezone, decimal, dateFormat }: MapperOptions<R>) {
    this.#mapping = mapping;
    this.#fieldOf = fieldOf;
    this.#decimal = mapping.decimal === 'auto' ? decimal : mapping.decimal;
    this.#dates = new DateReader(mapping.dateFormat === 'auto' ? dateFormat : mapping.dateFormat, timezone);
  }

  /** Null for a record whose status the mapping leaves out. @throws LineProblem when it is no entry */
  draftOf(record: R): EntryDraft | null {
    const status = this.#status(record);
    if (status === null) return null;
    const mapping = this.#mapping;
    const currency = (this.#text(record, mapping.currency) || (mapping.constants.currency ?? '')).toUpperCase();
    const amount = this.#amount(record, currency);
    return knowingAmount(amount, () => ({
      externalId: this.#joined(record, mapping.externalId, '|'),
      ...(mapping.account === undefined ? {} : { account: this.#text(record, mapping.account) }),
      ...this.#days(record),
      amount,
      currency,
      reference: this.#joined(record, mapping.reference, ' '),
      description: this.#joined(record, mapping.description, ' '),
      counterparty: this.#joined(record, mapping.counterparty, ' '),
      batchKey: this.#text(record, mapping.batchKey),
      kind: this.#text(record, mapping.kind),
      status,
      balance: this.#balance(record, currency),
    }));
  }

  /** The amount and the balance beside it, for looking at how they follow. @throws LineProblem */
  moneyOf(record: R): { amount: string; balance: string | undefined } {
    const currency = (this.#text(record, this.#mapping.currency) || (this.#mapping.constants.currency ?? '')).toUpperCase();
    return { amount: this.#amount(record, currency), balance: this.#balance(record, currency) };
  }

  #days(record: R): { bookedAt: string; valueDate: string | null } {
    const { bookedAt, bookedTime, valueDate } = this.#mapping;
    const day = this.#needed(record, bookedAt, 'a date');
    const time = this.#text(record, bookedTime);
    const value = this.#text(record, valueDate);
    return {
      bookedAt: this.#dates.read(time === '' ? day : `${day} ${time}`),
      valueDate: value === '' ? null : this.#dates.read(value).slice(0, 10),
    };
  }

  #amount(record: R, currency: string): string {
    const { money } = this.#mapping;
    if ('direction' in money) return this.#directed(record, money, currency);
    if ('credit' in money && 'debit' in money) {
      const credit = this.#number(this.#text(record, money.credit), currency);
      const debit = this.#number(this.#text(record, money.debit), currency);
      const isCredit = credit !== null && !new Exact(credit).isZero();
      const isDebit = debit !== null && !new Exact(debit).isZero();
      if (isCredit && isDebit) throw new LineProblem('the line has both a credit and a debit');
      if (isCredit) return credit;
      if (isDebit) return negated(debit.replace('-', '')); // some banks write a sign before a debit
      if (credit === null && debit === null) throw new LineProblem('the line has neither a credit nor a debit');
      return credit ?? debit!;
    }
    return this.#number(this.#needed(record, money.amount, 'an amount'), currency)!;
  }

  #directed(record: R, money: Extract<Mapping['money'], { direction: unknown }>, currency: string): string {
    const amount = this.#number(this.#needed(record, money.amount, 'an amount'), currency)!;
    const side = this.#needed(record, money.direction, 'a direction').toUpperCase();
    const has = (words: readonly string[]): boolean => words.some((word) => word.toUpperCase() === side);
    if (has(money.credit)) return amount;
    if (has(money.debit)) return negated(amount);
    throw new LineProblem(`"${clip(side)}" says neither credit nor debit`);
  }

  #number(written: string, currency: string): string | null {
    if (written === '') return null;
    return this.#mapping.minorUnits ? fromMinorUnits(written, currency) : readAmount(written, this.#decimal);
  }

  #balance(record: R, currency: string): string | undefined {
    const { runningBalance } = this.#mapping;
    if (runningBalance === undefined) return undefined;
    return this.#number(this.#text(record, runningBalance.field), currency) ?? undefined;
  }

  #status(record: R): EntryStatus | null {
    const { status } = this.#mapping;
    if (status === undefined) return 'booked';
    const value = this.#text(record, status.field);
    if (status.booked.includes(value)) return 'booked';
    return status.pending?.includes(value) === true ? 'pending' : null;
  }

  #needed(record: R, field: FieldRef, what: string): string {
    const text = this.#text(record, field);
    if (text === '') throw new LineProblem(`${what} is missing: "${field}" is empty or not there`);
    return text;
  }

  #text(record: R, field: FieldRef | undefined): string {
    return field === undefined ? '' : (this.#fieldOf(record, field)?.trim() ?? '');
  }

  #joined(record: R, fields: FieldRefs | undefined, between: string): string {
    if (fields === undefined) return '';
    const list = Array.isArray(fields) ? fields : [fields];
    return list
      .map((field) => this.#text(record, field))
      .filter((text) => text !== '')
      .join(between);
  }
}
