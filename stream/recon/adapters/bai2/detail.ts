// One detail record (16) of a BAI2 file as an entry. Pure.

import { readDigits } from '../dates.ts';
import { knowingAmount, type EntryDraft } from '../events.ts';
import { fromMinorUnits, negated } from '../money.ts';
import { LineProblem } from '../problem.ts';
import type { BaiRecord } from './records.ts';
import { afterFunds } from './summaries.ts';

export interface DetailPlace {
  readonly currency: string;
  readonly asOf: string;
}

/** Null for type 890, which is a text without money. @throws LineProblem */
export function detailOf({ fields }: BaiRecord, { currency, asOf }: DetailPlace): EntryDraft | null {
  const [type = '', written = ''] = fields.map((field) => field.trim());
  if (type === '890') return null;
  const side = sideOf(type);
  const size = fromMinorUnits(written, currency);
  const amount = side === 'D' ? negated(size) : size;
  return knowingAmount(amount, () => {
    const rest = fields.slice(afterFunds(fields, 2));
    const [bank = '', customer = '', ...text] = rest;
    const value = fields[2]?.trim() === 'V' ? (fields[3]?.trim() ?? '') : '';
    return {
      externalId: bank.trim(),
      bookedAt: asOf,
      valueDate: value === '' ? null : readDigits(value),
      amount,
      currency,
      reference: customer.trim(),
      description: text.join(',').trim(),
      kind: type,
    };
  });
}

/** 100 to 399 are credits, 400 to 699 debits; 700 to 799 are loans by their own code, 900 to 999 of one bank and of no known side. */
function sideOf(type: string): 'C' | 'D' {
  const code = /^\d{3}$/.test(type) ? Number(type) : 0;
  if (code >= 100 && code < 400) return 'C';
  if (code >= 400 && code < 700) return 'D';
  throw new LineProblem(`the type code "${type}" says neither credit nor debit`);
}
