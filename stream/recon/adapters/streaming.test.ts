// Text is read only as fast as its entries are taken, whatever the format: memory does not grow with the file.

import { expect, it } from 'vitest';
import { readCamt } from './camt/read.ts';
import { dialectOf } from './csv/dialect.ts';
import { readCsv } from './csv/read.ts';
import type { FormatEvent } from './events.ts';
import { readMt940 } from './mt940/read.ts';
import { readOfx } from './ofx/read.ts';
import { parseSource } from './registry.ts';
import type { AdapterOf } from './source-config.ts';

const CHUNKS = 200;
const LINES = 100;
/** Chunks of about 8 KiB that may lie between text and entries. */
const AHEAD_MAX = 32;

const CAMT_NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08';
const CAMT_LINE = '<Ntry><NtryRef>N</NtryRef><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-01-02</Dt></BookgDt></Ntry>\n'; // prettier-ignore
const csv = parseSource({ name: 'csv', adapter: { kind: 'csv' } }, 'test');
const CSV_HEAD = 'date,amount,currency,description\n';
const CSV_LINE = '2026-01-02,1.00,EUR,"a payment, of some length, as they are on statements of banks"\n';

const FORMATS: Readonly<
  Record<string, { head: string; line: string; read: (text: AsyncIterable<string>) => AsyncIterable<FormatEvent[]> }>
> = {
  csv: {
    head: CSV_HEAD,
    line: CSV_LINE,
    async *read(text) {
      yield* readCsv(text, await dialectOf(CSV_HEAD + CSV_LINE, csv.adapter as AdapterOf<'csv'>), csv);
    },
  },
  mt940: {
    head: ':20:X\n:25:A\n:60F:C260101EUR0,00\n',
    line: ':61:260102C1,00NTRFREFERENCE//NUMBER\n:86:a payment of some length\n',
    read: readMt940,
  },
  camt: {
    head: `<Document xmlns="${CAMT_NAMESPACE}"><BkToCstmrStmt><Stmt><Id>1</Id>\n`,
    line: CAMT_LINE,
    read: (text) => readCamt(text, { details: 'split', timezone: 'UTC' }),
  },
  ofx: {
    head: '<OFX><STMTRS><CURDEF>EUR<BANKTRANLIST>\n',
    line: '<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260102<TRNAMT>1.00<FITID>F<NAME>somebody<MEMO>a payment</STMTTRN>\n',
    read: (text) => readOfx(text, 'UTC'),
  },
};

it.each(Object.entries(FORMATS))('%s', async (_, { head, line, read }) => {
  let given = 0;
  async function* text(): AsyncGenerator<string> {
    yield head;
    while (given < CHUNKS) {
      given += 1;
      yield await Promise.resolve(line.repeat(LINES));
    }
  }
  let taken = 0;
  let ahead = 0;
  for await (const events of read(text())) {
    ahead = Math.max(ahead, given - taken / LINES);
    taken += events.filter(({ kind }) => kind === 'entry').length;
    if (taken >= (CHUNKS - 1) * LINES) break; // the text has no end that ties
  }
  expect(taken).toBeGreaterThanOrEqual((CHUNKS - 1) * LINES);
  expect(ahead).toBeLessThanOrEqual(AHEAD_MAX);
});
