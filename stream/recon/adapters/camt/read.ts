// ISO 20022 camt.052 (report), camt.053 (statement) and camt.054 (notification), any version, as events.

import { eventsOf, type FormatEvent, type StatedTotals } from '../events.ts';
import { Exact } from '../money.ts';
import type { Balance } from '../port.ts';
import { LineProblem, notOfFormat, refusal } from '../problem.ts';
import { dayAt, entryOf, signedAmount, type CamtOptions } from './entry.ts';
import { at, textAt, xmlSteps, type Element, type XmlStep } from './xml.ts';

const NAMESPACE = /^urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\.\d{3}\.\d{2}$/;
/** The element of a statement, by the kind of message. */
const STATEMENTS = new Set(['Stmt', 'Rpt', 'Ntfctn']);
const RECORDS = new Set(['Id', 'ElctrncSeqNb', 'LglSeqNb', 'Acct', 'Bal', 'TxsSummry', 'Ntry', 'GrpHdr']);

/** @throws LedgerflowError LF_STATEMENT_FORMAT, LF_STATEMENT_REFUSED */
export async function* readCamt(chunks: AsyncIterable<string>, options: CamtOptions): AsyncGenerator<FormatEvent[]> {
  const reader = new CamtReader(options);
  for await (const steps of xmlSteps(chunks, { namespace: NAMESPACE, records: RECORDS })) {
    yield* eventsOf(steps, (step) => reader.take(step));
  }
  reader.end();
}

interface Opening {
  readonly line: number;
  id: string;
  number: string;
  account: string;
  currency: string;
  readonly balances: Map<string, Balance>;
  stated: StatedTotals;
  /** Its begin was told: all that stands before the first entry is known. */
  told: boolean;
}

class CamtReader {
  readonly #options: CamtOptions;
  #now: Opening | null = null;
  #documents = 0;

  constructor(options: CamtOptions) {
    this.#options = options;
  }

  take(step: XmlStep): FormatEvent[] {
    if (step.kind === 'record') return this.#record(step.element);
    if (step.kind === 'open') return this.#open(step.name, step.line);
    return STATEMENTS.has(step.name) ? this.#close(step.line) : [];
  }

  end(): void {
    if (this.#documents === 0) throw notOfFormat(1, 'the file holds no camt message');
  }

  #open(name: string, line: number): FormatEvent[] {
    if (name === 'Document') this.#documents += 1;
    if (STATEMENTS.has(name))
      this.#now = { line, id: '', number: '', account: '', currency: '', balances: new Map(), stated: {}, told: false };
    return [];
  }

  #record(element: Element): FormatEvent[] {
    const now = this.#now;
    if (now === null) return []; // the group header
    switch (element.name) {
      case 'Id':
        now.id = element.text.trim();
        return [];
      case 'ElctrncSeqNb':
        now.number ||= element.text.trim();
        return [];
      case 'LglSeqNb': // where a bank has both, this one leaves no statement out
        now.number = element.text.trim();
        return [];
      case 'Acct':
        now.account = textAt(element, 'Id', 'IBAN') || textAt(element, 'Id', 'Othr', 'Id');
        now.currency = textAt(element, 'Ccy');
        return [];
      case 'Bal':
        this.#balance(now, element);
        return [];
      case 'TxsSummry':
        now.stated = statedOf(element);
        return [];
      default:
        return [...this.#tell(now), entryOf(element, this.#options)];
    }
  }

  #tell(now: Opening): FormatEvent[] {
    if (now.told) return [];
    now.told = true;
    const { id, number, account, line } = now;
    const currency = now.currency || [...now.balances.keys()].map((key) => key.split(' ')[1] ?? '')[0] || '';
    const opening = now.balances.get(`OPBD ${currency}`) ?? now.balances.get(`PRCD ${currency}`) ?? null;
    return [{ kind: 'open', line, statement: { id, number, account, currency, opening } }];
  }

  #close(line: number): FormatEvent[] {
    const now = this.#now!;
    this.#now = null;
    const told = this.#tell(now);
    const closing = [...now.balances].find(([key]) => key.startsWith('CLBD '))?.[1] ?? null;
    return [...told, { kind: 'close', line, stated: { ...now.stated, closing } }];
  }

  /** Of several pages the first has OPBD and the last CLBD; a page between has them as interim. Only plain balances are tied. */
  #balance({ balances }: Opening, element: Element): void {
    const code = textAt(element, 'Tp', 'CdOrPrtry', 'Cd');
    const isInterim = textAt(element, 'Tp', 'SubTp', 'Cd') === 'INTM';
    if (!['OPBD', 'PRCD', 'CLBD'].includes(code) && !isInterim) return;
    try {
      const { amount, currency } = signedAmount(element, textAt(element, 'CdtDbtInd'));
      const key = `${code} ${currency}`;
      if (balances.has(key) && code !== 'PRCD') throw refusal(element.line, `the statement has two balances ${code}`);
      balances.set(key, { amount, date: dayAt(at(element, 'Dt'), 'UTC') });
    } catch (error) {
      throw error instanceof LineProblem ? refusal(element.line, `balance ${code}: ${error.message}`, error) : error;
    }
  }
}

function statedOf(summary: Element): StatedTotals {
  const number = (...path: string[]): number | undefined => {
    const text = textAt(summary, ...path);
    if (text === '') return undefined;
    if (!/^\d{1,15}$/.test(text)) throw refusal(summary.line, `the number of entries "${text}" is no number`);
    return Number(text);
  };
  const sum = (...path: string[]): string | undefined => {
    const text = textAt(summary, ...path);
    if (text === '') return undefined;
    if (!/^\d{1,30}(\.\d{1,30})?$/.test(text)) throw refusal(summary.line, `the sum "${text}" is no amount`);
    return text;
  };
  const whole = at(summary, 'TtlNtries');
  const net = sum('TtlNtries', 'TtlNetNtry', 'Amt') ?? sum('TtlNtries', 'TtlNetNtryAmt');
  const side = textAt(whole, 'TtlNetNtry', 'CdtDbtInd') || textAt(whole, 'CdtDbtInd');
  return {
    entries: number('TtlNtries', 'NbOfNtries'),
    net: net === undefined || side === '' ? undefined : new Exact(net).times(side === 'DBIT' ? -1 : 1).toFixed(),
    creditEntries: number('TtlCdtNtries', 'NbOfNtries'),
    credits: sum('TtlCdtNtries', 'Sum'),
    debitEntries: number('TtlDbtNtries', 'NbOfNtries'),
    debits: sum('TtlDbtNtries', 'Sum'),
  };
}
