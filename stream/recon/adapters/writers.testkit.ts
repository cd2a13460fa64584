// Statements as text in each format, for the round trip. `error` is added to the first entry's amount, and to no total.

import { minorUnitsOf } from './currency.ts';

export interface WrittenRow {
  readonly id: string;
  /** Minor units, signed. */
  readonly minor: bigint;
  readonly booked: string;
  readonly value: string;
  readonly reference: string;
  readonly description: string;
  readonly reversal: boolean;
}

export interface Written {
  readonly currency: string;
  readonly opening: bigint;
  readonly rows: readonly WrittenRow[];
}

const size = (minor: bigint): bigint => (minor < 0n ? -minor : minor);
const sum = (rows: readonly WrittenRow[]): bigint => rows.reduce((total, { minor }) => total + minor, 0n);
const spoiled = (rows: readonly WrittenRow[], error: bigint): WrittenRow[] =>
  rows.map((row, index) => (index === 0 ? { ...row, minor: row.minor === -error ? error : row.minor + error } : row));

function decimal(minor: bigint, currency: string, mark: string): string {
  const digits = minorUnitsOf(currency)!;
  const text = String(size(minor)).padStart(digits + 1, '0');
  return digits === 0 ? `${text}${mark === ',' ? ',' : ''}` : `${text.slice(0, -digits)}${mark}${text.slice(-digits)}`;
}

const short = (day: string): string => day.slice(2).replaceAll('-', '');

export function mt940Text({ currency, opening, rows }: Written, error = 0n): string {
  const balance = (tag: string, minor: bigint): string =>
    `:${tag}:${minor < 0n ? 'D' : 'C'}260102${currency}${decimal(minor, currency, ',')}`;
  const lines = spoiled(rows, error).flatMap(({ id, minor, booked, value, reference, description, reversal }) => {
    const isOut = minor < 0n;
    const side = reversal ? `R${isOut ? 'C' : 'D'}` : isOut ? 'D' : 'C';
    return [
      `:61:${short(value)}${short(booked).slice(2)}${side}${decimal(minor, currency, ',')}NTRF${reference}//${id}`,
      `:86:${description}`,
    ];
  });
  return [':20:X', ':25:ACCOUNT', ':28C:1/1', balance('60F', opening), ...lines, balance('62F', opening + sum(rows)), '-', ''].join('\r\n');
}

export function camtText({ currency, opening, rows }: Written, error = 0n): string {
  const money = (minor: bigint): string =>
    `<Amt Ccy="${currency}">${decimal(minor, currency, '.')}</Amt><CdtDbtInd>${minor < 0n ? 'DBIT' : 'CRDT'}</CdtDbtInd>`;
  const balance = (code: string, minor: bigint): string =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${money(minor)}<Dt><Dt>2026-01-02</Dt></Dt></Bal>`;
  const entries = spoiled(rows, error).map(
    ({ id, minor, booked, value, reference, description }) =>
      `<Ntry><NtryRef>${id}</NtryRef>${money(minor)}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${booked}</Dt></BookgDt><ValDt><Dt>${value}</Dt></ValDt>` +
      `<NtryDtls><TxDtls><Refs><EndToEndId>${reference}</EndToEndId></Refs><RmtInf><Ustrd>${description}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
  );
  return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>1</Id>${balance('OPBD', opening)}${balance('CLBD', opening + sum(rows))}${entries.join('\n')}</Stmt></BkToCstmrStmt></Document>`;
}

export function bai2Text({ currency, opening, rows }: Written, error = 0n): string {
  const closing = opening + sum(rows);
  const details = spoiled(rows, error).map(
    ({ id, minor, value, reference, description }) =>
      `16,${minor < 0n ? '475' : '165'},${size(minor)},V,${short(value)},,${id},${reference},${description}/`,
  );
  const total = opening + closing + rows.reduce((all, { minor }) => all + size(minor), 0n);
  const count = rows.length;
  return [
    `01,A,B,260102,0600,1,,,2/`,
    `02,A,B,1,260102,,${currency},2/`,
    `03,ACCOUNT,,010,${opening},,,015,${closing},,/`,
    ...details,
    `49,${total},${count + 2}/`,
    `98,${total},1,${count + 4}/`,
    `99,${total},1,${count + 6}/`,
    '',
  ].join('\n');
}

export function ofxText({ currency, rows }: Written): string {
  const entries = rows.map(
    ({ id, minor, booked, reference, description }) =>
      `<STMTTRN><TRNTYPE>OTHER<DTPOSTED>${booked.replaceAll('-', '')}<TRNAMT>${minor < 0n ? '-' : ''}${decimal(minor, currency, '.')}<FITID>${id}<REFNUM>${reference}<MEMO>${description}</STMTTRN>`,
  );
  return `OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>${currency}<BANKACCTFROM><ACCTID>ACCOUNT</BANKACCTFROM><BANKTRANLIST>\n${entries.join('\n')}\n</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n`;
}

export function csvText({ currency, rows }: Written): string {
  const dotted = (day: string): string => day.split('-').reverse().join('.');
  const grouped = (minor: bigint): string =>
    decimal(minor, currency, ',')
      .replace(/,$/, '')
      .replace(/\B(?=(\d{3})+(?!\d))(?<!,\d*)/g, '.');
  const lines = rows.map(
    ({ id, minor, booked, value, reference, description }) =>
      `${id};${dotted(booked)};${dotted(value)};${minor < 0n ? '-' : ''}${grouped(minor)};${currency};"${reference}";"${description}"`,
  );
  return ['id;booked;value;amount;currency;ref;text', ...lines, ''].join('\r\n');
}
