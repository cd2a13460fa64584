// The corpus: files that must be read whole, and broken ones, each with what must be said of it when bad lines are refused and when they are parked.

import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CORPUS, readCorpus } from './read.testkit.ts';

const JSON_MAPPING = {
  externalId: 'id',
  bookedAt: 'date',
  money: { amount: 'amount.value' },
  currency: 'amount.currency',
  reference: 'ref',
};

function adapterOf(file: string): object {
  const kind = file.split('/')[0]!;
  if (kind === 'csv') return { kind, skipLines: file.includes('german') ? 1 : 0 };
  if (kind !== 'json') return { kind };
  if (file.endsWith('.ndjson')) return { kind, mapping: JSON_MAPPING };
  return { kind, list: 'data.entries', totals: { opening: 'opening', closing: 'closing', entries: 'count' }, mapping: JSON_MAPPING };
}

/** What is said when bad lines are refused; then the parked lines, or what is said all the same. */
const BROKEN: Readonly<Record<string, readonly [refused: RegExp, parked: RegExp | readonly (readonly [line: number, amount: string | null, reason: RegExp])[]]>> = {
  'bai2/broken-account-total.bai': [/control total of the account is stated as 315001 and is 315000: a difference of 1 \(.*line 10\)/, /difference of 1/],
  'bai2/broken-amount.bai': [/"100\.00" is no whole number of minor units \(.*line 6\)/, /1 of its lines have no amount that can be read/],
  'bai2/broken-closing-balance.bai': [/closing balance .* a difference of 1 USD/, /difference of 1 USD/],
  'bai2/broken-cut-off.bai': [/no record 99: it is cut off \(.*line 13\)/, /cut off/],
  'bai2/broken-february-30.bai': [/no such day \(.*line 5\)/, [[5, '250.00', /2026-02-30/]]],
  'bai2/broken-group-total.bai': [/control total of the group .* a difference of 100 \(.*line 14\)/, /difference of 100/],
  'bai2/broken-line-break-lost.bai': [/control total of the account .* a difference of 10000/, /difference of 10000/],
  'bai2/broken-number-of-records.bai': [/stated to have 16 records and has 15/, /has 15/],
  'camt/broken-closing-balance.xml': [/stated as 565\.01 and is 565: a difference of 0\.01 EUR, in the statement that begins at line 4 \(.*line 8\)/, /0\.01 EUR/],
  'camt/broken-cut-off.xml': [/LF_STATEMENT_FORMAT: not well-formed XML: unclosed tag.*line 6/, /not well-formed/],
  'camt/broken-doctype.xml': [/DOCTYPE.*line 2/, /DOCTYPE/],
  'camt/broken-february-30.xml': [/no such day \(.*line 5\)/, [[5, '100.00', /2026-02-30/]]],
  'camt/broken-five-decimals.xml': [/100\.00001 has 5 decimals, EUR has 2 \(.*line 5\)/, /sum of credits is stated as 107 and is 107\.00001/],
  'camt/broken-namespace.xml': [/the namespace of <Document> is "urn:example:camt\.053".*line 2/, /namespace/],
  'camt/broken-number-of-entries.xml': [/entries is stated as 5 and is 4/, /is 4/],
  'camt/broken-other-currency.xml': [/an entry in USD stands in a statement in EUR \(.*line 5\)/, /1 of its lines have no amount/],
  'camt/broken-pain-message.xml': [/pain\.001\.001\.09/, /pain\.001/],
  'camt/broken-sum-of-debits.xml': [/sum of debits is stated as 35\.1 and is 35: a difference of 0\.1 EUR/, /0\.1 EUR/],
  'csv/broken-day-or-month.csv': [/AMBIGUOUS: "dateFormat".*"d\/M\/yyyy" or "M\/d\/yyyy"/, /AMBIGUOUS/],
  'csv/broken-decimal-or-group.csv': [/AMBIGUOUS: "decimal".*"\." or ","/, /AMBIGUOUS/],
  'csv/broken-lines.csv': [/"2026-02-30" is no date of the form iso.*line 3/, [[3, '2.00', /no such day/], [4, '3.00001', /5 decimals, USD has 2/], [5, null, /1\.2E\+05/], [6, null, /3 fields, 4 are expected/], [7, '5.00', /"XXX" is no currency/], [9, '7.5', /1 decimals, JPY has 0/]]],
  'csv/broken-no-money.csv': [/no column is known to be a date, an amount, a currency/, /no column/],
  'csv/broken-quote-never-closed.csv': [/Quote Not Closed/, /Quote Not Closed/],
  'csv/broken-running-balance.csv': [/balance of the line does not follow .* a difference of 1 \(lines oldest-first\) \(.*line 4\)/, /difference of 1/],
  'json/broken-document-total.txt': [/closing balance .* a difference of 0\.01 USD/, /0\.01 USD/],
  'json/broken-lines.ndjson': [/not JSON.*line 2/, [[2, null, /not JSON/], [3, null, /"1e3" is no amount/], [4, null, /no object/]]],
  'mt940/broken-closing-balance.sta': [/stated as 844\.51 and is 844\.5: a difference of 0\.01 EUR/, /0\.01 EUR/],
  'mt940/broken-cut-off.sta': [/no closing balance \(:62F:\)/, /no closing balance/],
  'mt940/broken-decimal-point.sta': [/"250\.00" is no amount with a decimal comma.*line 5/, /1 of its lines have no amount/],
  'mt940/broken-february-30.sta': [/no such day \(.*line 5\)/, [[5, '-250.00', /2026-02-30/]]],
  'mt940/broken-five-decimals.sta': [/-250\.00001 has 5 decimals, EUR has 2 \(.*line 5\)/, /a difference of 0\.00001 EUR/],
  'mt940/broken-line-break-lost-before-62f.sta': [/:62F: stands inside a line: a line break is missing before it \(.*line 12\)/, /no closing balance/],
  'mt940/broken-line-break-lost-before-86.sta': [/:86: stands inside a line.*line 12/, [[12, '5', /:86: stands inside a line/]]],
  'mt940/broken-mt942-sum.sta': [/credit entries is stated as 2 and is 1/, /is 1/],
  'mt940/broken-two-pages-apart.sta': [/begins with 102\.00, the one before ended with 101\.00/, /102\.00/],
  'ofx/broken-cut-off.qfx': [/no <\/OFX>: it is cut off/, /cut off/],
  'ofx/broken-entry-without-end.ofx': [/<STMTTRN> stands inside the <STMTTRN> of line 11, which has no end.*line 12/, /no end/],
  'ofx/broken-february-30.qfx': [/no such day \(.*line 17\)/, [[17, '-12.50', /2026-02-30/]]],
  'ofx/broken-five-decimals.qfx': [/250\.00001 has 5 decimals, USD has 2 \(.*line 16\)/, [[16, '250.00001', /5 decimals/]]],
  'ofx/broken-server-refused.ofx': [/status 15500/, /status 15500/],
}; // prettier-ignore

const files = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\/(?:good|broken)-/.test(file))
  .sort();

describe('broken files', () => {
  it('are all in the table', () => {
    expect(files.filter((file) => file.includes('/broken-'))).toEqual(Object.keys(BROKEN).sort());
  });

  it.each(Object.entries(BROKEN))('%s', async (file, [refused, parked]) => {
    const strict = await readCorpus(file, { adapter: adapterOf(file) });
    expect(strict.refused).toMatch(refused);
    expect(strict.end).toBeNull();
    const lenient = await readCorpus(file, { adapter: adapterOf(file), badLines: 'park' });
    if (parked instanceof RegExp) {
      expect(lenient.refused).toMatch(parked);
      expect(lenient.end).toBeNull();
      return;
    }
    expect(lenient.refused).toBe('');
    expect(lenient.parked.map(({ line, amount }) => [line, amount])).toEqual(parked.map(([line, amount]) => [line, amount]));
    for (const [index, { reason, raw }] of lenient.parked.entries()) {
      expect(reason).toMatch(parked[index]![2]);
      expect(raw).not.toBe('');
    }
    expect(lenient.end).toMatchObject({ parked: parked.length, entries: lenient.entries.length });
  });
});

describe('good files', () => {
  it.each(files.filter((file) => file.includes('/good-')))('%s', async (file) => {
    const { refused, entries, statements, end } = await readCorpus(file, { adapter: adapterOf(file) });
    expect(refused).toBe('');
    const told = entries.map(({ line, externalId, bookedAt, valueDate, amount, currency, reference, description, counterparty, kind, reversal, status, batchKey }) => [line, externalId, bookedAt, valueDate, `${amount} ${currency}`, reference, description, counterparty, batchKey, kind, reversal ? 'reversal' : '', status === 'booked' ? '' : status].join(' | ')); // prettier-ignore
    const proven = statements.map(({ account, opening, closing, controlTotals, proofs }) => ({ account, opening, closing, controlTotals, proofs })); // prettier-ignore
    expect({ told, proven, readAs: end?.readAs }).toMatchSnapshot();
  });
});
