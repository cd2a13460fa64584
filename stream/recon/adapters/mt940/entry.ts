// Field 61 and the field 86 behind it as one entry. Pure.

import { readDay, readDigits } from '../dates.ts';
import { knowingAmount, type EntryDraft } from '../events.ts';
import { clip, negated, readAmount } from '../money.ts';
import { LineProblem } from '../problem.ts';
import { refuseLostBreak, type Field } from './fields.ts';
import { informationOf } from './information.ts';

/** 6!n[4!n]2a[1!a]15d1!a3!c16x[//16x] and a second line of 34x; C and D, with R for a reversal or E for an expected one. */
const LINE = /^(\d{6})(\d{4})?(R|E)?([CD])([A-Z])?([\d.,]+)([NFS][A-Z0-9]{3})(.*)$/;
const NO_REFERENCE = /^(?:NONREF|NOREF|)$/;

/** @throws LineProblem with the amount, where that is not the fault */
export function draftOf(line: Field, information: Field | null, currency: string): EntryDraft {
  const { amount, parts } = moneyOf(line);
  return knowingAmount(amount, () => {
    refuseLostBreak(line);
    if (information !== null) refuseLostBreak(information);
    const valueDate = readDigits(parts[1]!);
    const [ours = '', theirs = ''] = split(parts[8]!);
    const told = informationOf(information?.lines ?? []);
    const supplement = line.lines.slice(1).join(' ').trim();
    return {
      externalId: NO_REFERENCE.test(theirs) ? '' : theirs,
      bookedAt: parts[2] === undefined ? valueDate : nearest(parts[2], valueDate),
      valueDate,
      amount,
      currency,
      reference: told.reference || (NO_REFERENCE.test(ours) ? '' : ours),
      description: [told.description, supplement].filter((text) => text !== '').join(' '),
      counterparty: told.counterparty,
      kind: parts[7]!,
      reversal: parts[3] === 'R',
      status: parts[3] === 'E' ? 'pending' : 'booked',
    };
  });
}

/** A reversed credit takes money out, a reversed debit brings it back. */
function moneyOf({ lines }: Field): { amount: string; parts: RegExpExecArray } {
  const parts = LINE.exec(lines[0]?.trim() ?? '');
  if (parts === null) throw new LineProblem(`":61:${clip(lines[0] ?? '')}" is no statement line`);
  const size = swiftAmount(parts[6]!);
  const isOut = (parts[4] === 'D') !== (parts[3] === 'R');
  return { amount: isOut ? negated(size) : size, parts };
}

/** A comma is always there, digits before it too; after it there may be none. */
export function swiftAmount(written: string): string {
  if (!/^\d{1,14},\d*$/.test(written)) throw new LineProblem(`"${clip(written)}" is no amount with a decimal comma`);
  return readAmount(written.replace(/,$/, ''), ',');
}

/** References stand before and behind `//`; a bank's own may be empty. */
function split(text: string): string[] {
  const at = text.indexOf('//');
  return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 2).trim()];
}

/** The entry date has no year: it is the one that lies nearest to the value date, which may be over a year's end. */
function nearest(monthDay: string, valueDate: string): string {
  const year = Number(valueDate.slice(0, 4));
  const days = [year - 1, year, year + 1].map((it) => `${it}-${monthDay.slice(0, 2)}-${monthDay.slice(2)}`);
  const real = days.filter((day) => isDay(day));
  const distance = (day: string): number => Math.abs(Date.parse(day) - Date.parse(valueDate));
  const [best] = real.sort((one, other) => distance(one) - distance(other));
  return readDay(best ?? days[1]!);
}

function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
