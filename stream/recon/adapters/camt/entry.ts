// One Ntry of a camt message: as one entry, or as one for each transaction in it when their amounts sum to it. Pure.

import { DateReader, readDay } from '../dates.ts';
import { entryEvent, knowingAmount, type EntryDraft, type FormatEvent } from '../events.ts';
import { clip, Exact, negated, readAmount } from '../money.ts';
import type { EntryStatus } from '../port.ts';
import { LineProblem } from '../problem.ts';
import { all, at, textAt, xmlOf, type Element } from './xml.ts';

export interface CamtOptions {
  readonly details: 'split' | 'whole';
  readonly timezone: string;
}

const NOT_PROVIDED = new Set(['', 'NOTPROVIDED', 'NOT PROVIDED', 'NONREF']);

export function entryOf(entry: Element, options: CamtOptions): FormatEvent {
  return entryEvent(entry.line, xmlOf(entry), () => draftsOf(entry, options));
}

/** Money in positive, by CdtDbtInd; the sign of a reversal is in it already. @throws LineProblem */
export function signedAmount(element: Element, side: string): { amount: string; currency: string } {
  const amount = at(element, 'Amt');
  const text = amount?.text.trim() ?? '';
  if (!/^\d+(\.\d*)?$/.test(text)) throw new LineProblem(`"${clip(text)}" is no amount of a camt message`);
  const size = readAmount(text, '.');
  if (side !== 'CRDT' && side !== 'DBIT') throw new LineProblem(`"${clip(side)}" is neither CRDT nor DBIT`);
  return { amount: side === 'DBIT' ? negated(size) : size, currency: amount!.currency };
}

function draftsOf(entry: Element, options: CamtOptions): EntryDraft[] {
  const side = textAt(entry, 'CdtDbtInd');
  const { amount, currency } = signedAmount(entry, side);
  return knowingAmount(amount, () => {
    const number = textAt(entry, 'NtryRef') || textAt(entry, 'AcctSvcrRef');
    const transactions = all(entry, 'NtryDtls').flatMap((details) => all(details, 'TxDtls'));
    const batch = textAt(entry, 'NtryDtls', 'Btch', 'PmtInfId') || textAt(entry, 'NtryDtls', 'Btch', 'MsgId');
    const bookedAt = dateAt(at(entry, 'BookgDt'), options.timezone) ?? dateAt(at(entry, 'ValDt'), options.timezone);
    if (bookedAt === null) throw new LineProblem('the entry has neither a booking date nor a value date');
    const whole: EntryDraft = {
      externalId: number,
      bookedAt,
      valueDate: dayAt(at(entry, 'ValDt'), options.timezone),
      amount,
      currency,
      ...textsOf(transactions[0], side),
      description: transactions.length > 0 ? descriptionOf(transactions[0]!, entry) : textAt(entry, 'AddtlNtryInf'),
      batchKey: batch,
      kind: kindOf(entry),
      reversal: ['true', '1'].includes(textAt(entry, 'RvslInd')),
      status: statusOf(entry),
    };
    const parts = options.details === 'split' ? partsOf(transactions, { side, amount, currency }) : null;
    if (parts === null) return [transactions.length > 1 ? { ...whole, description: descriptionOf(transactions[0]!, entry) } : whole];
    return transactions.map((transaction, index) => ({
      ...whole,
      externalId: number === '' ? '' : `${number}/${index + 1}`,
      amount: parts[index]!,
      ...textsOf(transaction, side),
      description: descriptionOf(transaction, entry),
      batchKey: batch || number,
    }));
  });
}

/** The signed amounts of the transactions, if there are several, each has one in the entry's currency, and they sum to the entry. */
function partsOf(transactions: readonly Element[], whole: { side: string; amount: string; currency: string }): string[] | null {
  if (transactions.length < 2) return null;
  const parts: string[] = [];
  for (const transaction of transactions) {
    const holder = at(transaction, 'Amt') === undefined ? at(transaction, 'AmtDtls', 'TxAmt') : transaction;
    if (holder === undefined || at(holder, 'Amt') === undefined) return null;
    const { amount, currency } = signedAmount(holder, textAt(transaction, 'CdtDbtInd') || whole.side);
    if (currency !== whole.currency) return null;
    parts.push(amount);
  }
  return parts.reduce((sum, part) => sum.plus(part), new Exact(0)).equals(whole.amount) ? parts : null;
}

function textsOf(transaction: Element | undefined, side: string): Pick<EntryDraft, 'reference' | 'description' | 'counterparty'> {
  const refs = at(transaction, 'Refs');
  const structured = textAt(transaction, 'RmtInf', 'Strd', 'CdtrRefInf', 'Ref');
  const names = ['EndToEndId', 'InstrId', 'TxId', 'PmtInfId', 'ChqNb'].map((name) => textAt(refs, name));
  const reference = [names[0] ?? '', structured, ...names.slice(1)].find((text) => !NOT_PROVIDED.has(text.toUpperCase())) ?? '';
  // Who paid for a credit, who was paid for a debit.
  const party = at(transaction, 'RltdPties', side === 'CRDT' ? 'Dbtr' : 'Cdtr');
  return { reference, description: '', counterparty: textAt(party, 'Nm') || textAt(party, 'Pty', 'Nm') };
}

function descriptionOf(transaction: Element, entry: Element): string {
  const remittance = all(at(transaction, 'RmtInf'), 'Ustrd').map(({ text }) => text.trim());
  const texts = remittance.length > 0 ? remittance : [textAt(transaction, 'AddtlTxInf') || textAt(entry, 'AddtlNtryInf')];
  return texts.filter((text) => text !== '').join(' ');
}

/** Domain, family and sub-family, or the bank's own code. */
function kindOf(entry: Element): string {
  const code = at(entry, 'BkTxCd');
  const iso = [textAt(code, 'Domn', 'Cd'), textAt(code, 'Domn', 'Fmly', 'Cd'), textAt(code, 'Domn', 'Fmly', 'SubFmlyCd')];
  return iso[0] === '' ? textAt(code, 'Prtry', 'Cd') : iso.join('-');
}

/** An entry for information (INFO) moves nothing: it is told as pending, which is in no balance. */
function statusOf(entry: Element): EntryStatus {
  const code = textAt(entry, 'Sts', 'Cd') || textAt(entry, 'Sts', 'Prtry') || textAt(entry, 'Sts');
  if (code === 'BOOK' || code === '') return 'booked';
  if (['PDNG', 'INFO', 'FUTR'].includes(code)) return 'pending';
  throw new LineProblem(`the status "${clip(code)}" is not known`);
}

/** Dt is a day, DtTm a time. */
function dateAt(element: Element | undefined, timezone: string): string | null {
  const day = textAt(element, 'Dt');
  if (day !== '') return readDay(day.replace(/(?:Z|[+-]\d\d:\d\d)$/, ''));
  const time = textAt(element, 'DtTm');
  return time === '' ? null : new DateReader('iso', timezone).read(time);
}

export function dayAt(element: Element | undefined, timezone: string): string | null {
  return dateAt(element, timezone)?.slice(0, 10) ?? null;
}
