// One STMTTRN of an OFX statement as an entry. Pure.

import { DateReader, readDigits } from '../dates.ts';
import { knowingAmount, type EntryDraft } from '../events.ts';
import { clip, readAmount } from '../money.ts';
import { LineProblem } from '../problem.ts';

/** YYYYMMDD, or with HHMMSS, .XXX and [offset:zone] behind it; a time without an offset is UTC, as OFX says. */
const DATE = /^(\d{8})(?:(\d{2})(\d{2})(\d{2})?(?:\.(\d{3}))?)?(?:\[([+-]?\d{1,2})(?:\.(\d{1,2}))?(?::[A-Za-z]*)?\])?$/;

export interface OfxPlace {
  readonly currency: string;
  readonly timezone: string;
}

/** @param values texts of the record under their paths, such as `PAYEE.NAME`. @throws LineProblem */
export function draftOf(values: ReadonlyMap<string, string>, { currency, timezone }: OfxPlace): EntryDraft {
  const text = (...names: string[]): string => names.map((name) => values.get(name)?.trim() ?? '').find((it) => it !== '') ?? '';
  const amount = amountOf(text('TRNAMT'));
  return knowingAmount(amount, () => {
    const other = text('CURRENCY.CURSYM');
    if (other !== '' && other !== currency) throw new LineProblem(`the amount is in ${other}, the statement in ${currency}`);
    const value = text('DTAVAIL');
    const name = text('NAME', 'PAYEE.NAME', 'EXTDNAME');
    return {
      externalId: text('FITID'),
      bookedAt: dateOf(text('DTPOSTED'), timezone),
      valueDate: value === '' ? null : dateOf(value, timezone).slice(0, 10),
      amount,
      currency,
      reference: text('REFNUM', 'CHECKNUM'),
      description: text('MEMO') || name,
      counterparty: name,
      kind: text('TRNTYPE'),
      reversal: text('CORRECTACTION') === 'DELETE',
    };
  });
}

/** Either mark is allowed, grouping is not. */
export function amountOf(written: string): string {
  if (!/^[+-]?\d*[.,]?\d+$|^[+-]?\d+[.,]$/.test(written)) throw new LineProblem(`"${clip(written)}" is no amount of OFX`);
  return readAmount(written.replace(',', '.').replace(/\.$/, ''), '.');
}

/** A day; or a time, which the day is in the source's time zone for. */
export function dateOf(written: string, timezone: string): string {
  const parts = DATE.exec(written.trim());
  if (parts === null) throw new LineProblem(`"${clip(written)}" is no date of OFX`);
  const [, day = '', hour, minute, second = '00', milli = '000', offset, fraction = '0'] = parts;
  const date = readDigits(day);
  // Many banks write midnight or noon for want of a time: that is the day itself.
  if (hour === undefined || (offset === undefined && `${hour}${minute}${second}` === '000000')) return date;
  const minutes = Math.round(Number(`0.${fraction}`) * 60);
  const sign = offset?.startsWith('-') === true ? '-' : '+';
  const zone = `${sign}${(offset ?? '0').replace(/[+-]/, '').padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
  return new DateReader('iso', timezone).read(`${date}T${hour}:${minute}:${second}.${milli}${zone}`);
}
