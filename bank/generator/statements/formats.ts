// A day's statement as a file: CSV with header and control totals, or XML after ISO 20022 camt.053. Pure text.

import { DAY_MS } from '../habits/clock.ts';
import { moneyText } from '../write/text.ts';
import type { StatementAccount, StatementLine } from './line.ts';

export interface DayStatement {
  readonly account: StatementAccount;
  readonly currency: string;
  /** Days since 1970. */
  readonly day: number;
  /** Minor units. */
  readonly opening: bigint;
  readonly lines: readonly StatementLine[];
  /** Minor units by which the printed closing balance is wrong, in a file that does not tie. */
  readonly closingError?: bigint;
}

export interface Totals {
  readonly credits: bigint;
  readonly debits: bigint;
  readonly closing: bigint;
}

export function totalsOf({ opening, lines }: DayStatement): Totals {
  let credits = 0n;
  let debits = 0n;
  for (const { amount } of lines)
    if (amount > 0n) credits += amount;
    else debits -= amount;
  return { credits, debits, closing: opening + credits - debits };
}

export function dateText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Our account at the other bank. */
function accountName({ account, currency }: DayStatement): string {
  return `${account === 'float' ? 'NOSTRO' : 'SCHEME'}-${currency}`;
}

/** H: header with the opening balance; E: one entry; T: entries, sum of credits, sum of debits, closing balance. */
export function csvText(statement: DayStatement): string {
  const { currency, day, opening, lines } = statement;
  const { credits, debits, closing } = totalsOf(statement);
  const entries = lines.map(
    (line) =>
      `E,${line.externalId},${dateText(line.bookedDay)},${dateText(line.valueDay)},${moneyText(line.amount)},${quoted(line.reference)},${quoted(line.description)}`,
  );
  const header = `H,${accountName(statement)},${currency},${dateText(day)},${moneyText(opening)}`;
  const trailer = `T,${lines.length},${moneyText(credits)},${moneyText(debits)},${moneyText(closing + (statement.closingError ?? 0n))}`;
  return `${[header, ...entries, trailer].join('\n')}\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The part of camt.053.001.08 that reconciliation needs: balances OPBD and CLBD, totals, entries with references. */
export function camtText(statement: DayStatement): string {
  const { currency, day, opening, lines } = statement;
  const { credits, debits, closing } = totalsOf(statement);
  const date = dateText(day);
  const balance = (code: string, amount: bigint): string =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amountXml(amount, currency)}<Dt><Dt>${date}</Dt></Dt></Bal>`;
  const total = (name: string, sum: bigint, count: number): string =>
    `<Ttl${name}Ntries><NbOfNtries>${count}</NbOfNtries><Sum>${moneyText(sum)}</Sum></Ttl${name}Ntries>`;
  const credit = lines.filter(({ amount }) => amount > 0n).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>',
    `<GrpHdr><MsgId>${accountName(statement)}-${date}</MsgId><CreDtTm>${date}T23:59:59Z</CreDtTm></GrpHdr>`,
    `<Stmt><Id>${accountName(statement)}-${date}</Id><Acct><Id><Othr><Id>${accountName(statement)}</Id></Othr></Id><Ccy>${currency}</Ccy></Acct>`,
    balance('OPBD', opening),
    balance('CLBD', closing + (statement.closingError ?? 0n)),
    `<TxsSummry>${total('Cdt', credits, credit)}${total('Dbt', debits, lines.length - credit)}</TxsSummry>`,
    ...lines.map(entryXml),
    '</Stmt></BkToCstmrStmt></Document>\n',
  ].join('\n');
}

function entryXml(line: StatementLine): string {
  const { externalId, amount, currency, bookedDay, valueDay, reference, description } = line;
  const ours = reference === '' ? 'NOTPROVIDED' : reference;
  return (
    `<Ntry><NtryRef>${externalId}</NtryRef>${amountXml(amount, currency)}<Sts><Cd>BOOK</Cd></Sts>` +
    `<BookgDt><Dt>${dateText(bookedDay)}</Dt></BookgDt><ValDt><Dt>${dateText(valueDay)}</Dt></ValDt>` +
    `<NtryDtls><TxDtls><Refs><EndToEndId>${escaped(ours)}</EndToEndId></Refs><RmtInf><Ustrd>${escaped(description)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`
  );
}

function amountXml(amount: bigint, currency: string): string {
  const size = amount < 0n ? -amount : amount;
  return `<Amt Ccy="${currency}">${moneyText(size)}</Amt><CdtDbtInd>${amount < 0n ? 'DBIT' : 'CRDT'}</CdtDbtInd>`;
}

/** XML allows no control characters, escaped or not. */
function escaped(text: string): string {
  const clean = text.replaceAll(/\p{Cc}/gu, ' ');
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
