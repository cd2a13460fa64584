// Turns what a parser tells into the port's parts: currencies and digits checked, bad lines parked or refused, every statement tied.

import type { EntryDraft, FormatEvent, StatedTotals } from './events.ts';
import { inCurrency, negated } from './money.ts';
import type { ParkedLine, StatementEntry, StatementPart } from './port.ts';
import { LineProblem, refusal } from './problem.ts';
import type { SourceConfig } from './source-config.ts';
import { tie } from './tie.ts';
import { Tally } from './tally.ts';

export interface CheckOptions {
  readonly source: Pick<SourceConfig, 'badLines' | 'parkedLinesMax' | 'accounts' | 'sign'>;
  /** Begins the numbers of entries that have none. */
  readonly idPrefix: string;
}

export class StatementChecker {
  readonly #options: CheckOptions;
  #tally: Tally | null = null;
  #entries: StatementEntry[] = [];
  #parkedNow: ParkedLine[] = [];
  statements = 0;
  entries = 0;
  parked = 0;
  lastLine = 0;

  constructor(options: CheckOptions) {
    this.#options = options;
  }

  /**
   * The parts that a batch of events makes.
   * @throws LedgerflowError LF_STATEMENT_REFUSED with the line: a bad line where those are refused, or totals that do not tie
   */
  take(events: readonly FormatEvent[]): StatementPart[] {
    const parts: StatementPart[] = [];
    for (const event of events) {
      this.lastLine = Math.max(this.lastLine, event.line);
      if (event.kind === 'open') this.#open(event);
      else if (event.kind === 'close') {
        this.#flush(parts);
        parts.push({ kind: 'statement', statement: this.#close(event.line, event.stated) });
      } else this.#line(event);
    }
    this.#flush(parts);
    return parts;
  }

  /** @throws LedgerflowError LF_STATEMENT_REFUSED when a statement has no end, or there is none at all */
  finish(): void {
    if (this.#tally !== null)
      throw refusal(this.lastLine, `the input ends inside the statement that begins at line ${this.#tally.line}: it is cut off`);
    if (this.statements === 0) throw refusal(Math.max(1, this.lastLine), 'the input holds no statement');
  }

  #open({ line, statement }: Extract<FormatEvent, { kind: 'open' }>): void {
    if (this.#tally !== null)
      throw refusal(line, `a statement begins before the one of line ${this.#tally.line} has ended: its closing balance is missing`);
    const { accounts, sign } = this.#options.source;
    if (accounts.length > 0 && statement.account !== '' && !accounts.includes(statement.account))
      throw refusal(line, `the statement is of account "${statement.account}", which is none of the source's`);
    this.#tally = new Tally(this.statements, line, statement, sign === 'inverted');
  }

  #line(event: Extract<FormatEvent, { kind: 'entry' | 'bad' }>): void {
    const tally = this.#tally;
    if (tally === null) throw refusal(event.line, 'an entry stands outside any statement');
    if (event.kind === 'bad') return this.#bad(tally, event, event.problem);
    try {
      const made = event.drafts.map((draft, index) =>
        this.#entryOf(tally, event, { draft, part: event.drafts.length > 1 ? index + 1 : 0 }),
      );
      tally.add(made, event.line, event.drafts[0]?.balance);
      this.#entries.push(...made);
      this.entries += made.length;
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      this.#bad(tally, event, error);
    }
  }

  #entryOf(
    tally: Tally,
    { line, raw }: { line: number; raw: string },
    { draft, part }: { draft: EntryDraft; part: number },
  ): StatementEntry {
    const { source, idPrefix } = this.#options;
    const currency = draft.currency === '' ? tally.opened.currency : draft.currency;
    if (tally.opened.currency !== '' && currency !== tally.opened.currency)
      throw new LineProblem(`an entry in ${currency} stands in a statement in ${tally.opened.currency}`);
    const exact = inCurrency(draft.amount, currency);
    const account = draft.account ?? tally.opened.account;
    if (source.accounts.length > 0 && !source.accounts.includes(account))
      throw new LineProblem(`the entry is of account "${account}", which is none of the source's`, exact);
    return {
      statement: tally.index,
      line,
      externalId: draft.externalId === '' ? `${idPrefix}:${line}${part === 0 ? '' : `/${part}`}` : draft.externalId,
      account,
      bookedAt: draft.bookedAt,
      valueDate: draft.valueDate,
      amount: source.sign === 'inverted' ? negated(exact) : exact,
      currency,
      reference: draft.reference,
      description: draft.description,
      counterparty: draft.counterparty ?? '',
      batchKey: draft.batchKey ?? '',
      kind: draft.kind ?? '',
      reversal: draft.reversal ?? false,
      status: draft.status ?? 'booked',
      raw,
    };
  }

  #bad(tally: Tally, { line, raw }: { line: number; raw: string }, problem: LineProblem): void {
    const { badLines, parkedLinesMax } = this.#options.source;
    if (badLines === 'refuse') throw refusal(line, problem.message);
    this.parked += 1;
    if (this.parked > parkedLinesMax) throw refusal(line, `more than ${parkedLinesMax} lines cannot be read; this one: ${problem.message}`);
    tally.park(problem.amount, line);
    this.#parkedNow.push({ statement: tally.index, line, reason: problem.message, amount: problem.amount, raw });
  }

  #close(line: number, stated: StatedTotals): ReturnType<typeof tie> {
    const tally = this.#tally;
    if (tally === null) throw refusal(line, 'a closing stands outside any statement');
    this.#tally = null;
    this.statements += 1;
    return tie(tally, stated, line);
  }

  #flush(parts: StatementPart[]): void {
    if (this.#entries.length === 0 && this.#parkedNow.length === 0) return;
    parts.push({ kind: 'rows', entries: this.#entries, parked: this.#parkedNow });
    this.#entries = [];
    this.#parkedNow = [];
  }
}
