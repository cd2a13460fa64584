// Writes the statements of the banks on the other side, a file a day, account and currency, as the world's days go by.
// Every file ties (opening + entries = closing) but those labelled total_mismatch or malformed_line.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DAY_MS } from '../habits/clock.ts';
import type { Settled } from '../write/settle.ts';
import type { SeededWorld } from '../world/population.ts';
import { STREAM, streamOf } from '../world/streams.ts';
import { camtText, csvText, dateText, totalsOf, type DayStatement } from './formats.ts';
import type { StatementAccount, StatementLine, StatementTruth } from './line.ts';
import { linesOf, statementAccountOf } from './lines-of.ts';

export interface StatementOptions {
  readonly directory: string;
  readonly world: SeededWorld;
  /** Share of movements that are booked with a break. */
  readonly breakRate: number;
  readonly truth?: StatementTruth | undefined;
}

interface Batch {
  readonly line: StatementLine;
  readonly transactionIds: bigint[];
}

/** Lines that no transaction of ours explains, per statement and day, on average. */
const STRANGERS_A_DAY = 0.2;
/** Of files. */
const FILE_FAULT_CHANCE = 0.01;

export class StatementFiles {
  files = 0;
  readonly #options: StatementOptions;
  /** Lines by `account currency`, by day of booking. */
  readonly #lines = new Map<string, Map<number, StatementLine[]>>();
  /** Rents of a day go to a landlord in one sum. */
  readonly #batches = new Map<string, Batch>();
  readonly #balances = new Map<string, bigint>();
  #today = Number.NaN;
  #fileDay = Number.NaN;

  constructor(options: StatementOptions) {
    this.#options = options;
  }

  /** Takes a movement that was written; days before it become files. */
  movement(settled: Settled, transactionId: bigint): void {
    const { movement, postedMs } = settled;
    if (postedMs === null) return;
    const postedDay = Math.floor(postedMs / DAY_MS);
    this.#turnTo(postedDay);
    const account = statementAccountOf(movement);
    if (account === null) return;
    if (movement.type === 'PURCHASE' && movement.description === 'rent') return this.#batch(settled, transactionId, postedDay);
    const random = streamOf(this.#options.world.seed, STREAM.statements, movement.n);
    const number = `X${String(movement.n).padStart(9, '0')}`;
    const { lines, found } = linesOf(random, { movement, transactionId, postedDay, account, number }, this.#options.breakRate);
    for (const line of lines) this.#add(line);
    const { truth } = this.#options;
    if (found !== null) truth?.break(found);
    if (lines.length === 0) return;
    const external = (found?.kind === 'duplicate' ? lines.slice(0, 1) : lines).map(({ externalId }) => externalId);
    truth?.match({ kind: found?.kind === 'split' ? 'split' : 'one', external_ids: external, transaction_ids: [transactionId] });
  }

  /** Writes the files of the days before `untilMs`; what is booked later is expected, not missing. */
  close(untilMs: number): void {
    const end = Math.floor(untilMs / DAY_MS);
    this.#turnTo(end);
    for (const [key, days] of this.#lines) {
      const [account, currency] = key.split(' ') as [StatementAccount, string];
      const external = [...days.values()].flat().map(({ externalId }) => externalId);
      if (external.length > 0) this.#options.truth?.break({ kind: 'expected', account, currency, external_ids: external });
    }
  }

  #turnTo(day: number): void {
    if (!(day > this.#today)) {
      if (Number.isNaN(this.#today)) [this.#today, this.#fileDay] = [day, day];
      return;
    }
    this.#closeBatches();
    for (; this.#fileDay < day; this.#fileDay += 1) this.#writeDay(this.#fileDay);
    this.#today = day;
  }

  #batch({ movement }: Settled, transactionId: bigint, day: number): void {
    const key = `${movement.shop ?? 0}`;
    const signed = movement.direction === 'CREDIT' ? movement.amount : -movement.amount;
    const before = this.#batches.get(key);
    const line: StatementLine = {
      externalId: `B${day}-${key}`,
      account: 'settlement',
      currency: movement.currency,
      bookedDay: day + 1,
      valueDay: day,
      amount: signed + (before?.line.amount ?? 0n),
      reference: `BATCH ${dateText(day)}`,
      description: 'RENT COLLECTION',
    };
    this.#batches.set(key, { line, transactionIds: [...(before?.transactionIds ?? []), transactionId] });
  }

  #closeBatches(): void {
    for (const { line, transactionIds } of this.#batches.values()) {
      this.#add(line);
      this.#options.truth?.match({ kind: 'batch', external_ids: [line.externalId], transaction_ids: transactionIds });
    }
    this.#batches.clear();
  }

  #add(line: StatementLine): void {
    const key = `${line.account} ${line.currency}`;
    const days = this.#lines.get(key) ?? new Map<number, StatementLine[]>();
    this.#lines.set(key, days);
    const day = days.get(line.bookedDay);
    if (day === undefined) days.set(line.bookedDay, [line]);
    else day.push(line);
  }

  #writeDay(day: number): void {
    for (const [key, days] of [...this.#lines].sort(([one], [other]) => (one < other ? -1 : 1))) {
      const [account, currency] = key.split(' ') as [StatementAccount, string];
      const random = streamOf(this.#options.world.seed, STREAM.statements, day, account === 'float' ? 1 : 2, currency.charCodeAt(0));
      const lines = days.get(day) ?? [];
      days.delete(day);
      if (random.chance(STRANGERS_A_DAY))
        lines.push(this.#stranger(`N${day}-${account}`, { account, currency, day, amount: random.int(100, 90_000) }));
      const statement = { account, currency, day, opening: this.#balances.get(key) ?? 0n, lines };
      this.#balances.set(key, totalsOf(statement).closing);
      this.#writeFile(statement, random.chance(FILE_FAULT_CHANCE) ? random.pick(['total_mismatch', 'malformed_line'] as const) : null);
    }
  }

  #stranger(externalId: string, at: { account: StatementAccount; currency: string; day: number; amount: number }): StatementLine {
    const { account, currency, day } = at;
    this.#options.truth?.break({ kind: 'missing_internal', account, currency, external_ids: [externalId] });
    const booked = { bookedDay: day, valueDay: day, reference: '', description: 'UNKNOWN COUNTERPARTY' };
    return { externalId, account, currency, amount: BigInt(at.amount), ...booked };
  }

  #writeFile(statement: DayStatement, fault: 'total_mismatch' | 'malformed_line' | null): void {
    const { account, currency, day } = statement;
    const file = path.join(account, currency, `${dateText(day)}.${account === 'float' ? 'xml' : 'csv'}`);
    const target = path.join(this.#options.directory, file);
    mkdirSync(path.dirname(target), { recursive: true });
    const printed = fault === 'total_mismatch' ? { ...statement, closingError: 1n } : statement;
    const text = account === 'float' ? camtText(printed) : csvText(printed);
    // A malformed file ends in the middle of a line.
    writeFileSync(target, fault === 'malformed_line' ? text.slice(0, Math.floor((text.length * 2) / 3)) : text);
    this.files += 1;
    if (fault !== null) this.#options.truth?.break({ kind: fault, account, currency, file });
  }
}
