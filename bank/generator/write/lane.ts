// One connection that writes history: rows gathered into statements, statements into database transactions, each whole in itself:
// transactions, their entries, trades, the balances and holdings after them, and how far the lane is, become visible together.

import type { Connection } from 'mysql2/promise';
import { INSTRUMENTS } from '../world/market.ts';
import type { Books } from './books.ts';
import { ENTRY_COLUMNS, TRADE_COLUMNS, TRANSACTION_COLUMNS, type RowText } from './history-rows.ts';
import { fourDigits } from './market-text.ts';
import { moneyText } from './text.ts';

const ROWS_PER_STATEMENT = 1_000;
const STATEMENTS_PER_COMMIT = 4;
/** Database transactions that wait for the connection; a full lane makes the planner wait. */
const WAITING_MAX = 2;

interface Job {
  readonly statements: readonly string[];
  readonly movements: number;
}

export interface LaneOptions {
  readonly connection: Connection;
  readonly books: Books;
  /** account_id by index. */
  readonly accountIds: readonly bigint[];
  readonly worldId: bigint;
  readonly lane: number;
  /** Steps that the database has already. */
  readonly steps: number;
}

export class Lane {
  committed = 0;
  readonly #options: LaneOptions;
  /** Movements and devices taken, those that the database has included. */
  #steps = 0;
  #devices: string[] = [];
  #transactions: string[] = [];
  #entries: string[] = [];
  #trades: string[] = [];
  #statements: string[] = [];
  #full = 0;
  #movements = 0;
  readonly #moved = new Set<number>();
  /** Last time of a trade, by account and instrument. */
  readonly #traded = new Map<number, string>();
  readonly #waiting: Promise<void>[] = [];
  #tail: Promise<void> = Promise.resolve();

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Counts a step. False: the database has it already. */
  next(): boolean {
    this.#steps += 1;
    return this.#steps > this.#options.steps;
  }

  device(row: string): void {
    this.#devices.push(row);
  }

  /** @param moved accounts whose balance the row changes */
  async add({ transaction, entries, trade }: RowText, moved: readonly number[]): Promise<void> {
    this.#transactions.push(transaction);
    if (entries !== '') this.#entries.push(entries);
    if (trade !== null) {
      this.#trades.push(trade.row);
      this.#traded.set(trade.holding, trade.at);
    }
    for (const account of moved) this.#moved.add(account);
    this.#movements += 1;
    if (this.#transactions.length < ROWS_PER_STATEMENT) return;
    this.#endStatement();
    this.#full += 1;
    if (this.#full >= STATEMENTS_PER_COMMIT) await this.#enqueue();
  }

  /** Writes what is left. @throws what any of the lane's transactions threw */
  async finish(): Promise<void> {
    this.#endStatement();
    if (this.#statements.length > 0) await this.#enqueue();
    await this.#tail;
  }

  #endStatement(): void {
    const insert = (target: string, rows: readonly string[]): void => {
      if (rows.length > 0) this.#statements.push(`INSERT INTO ${target} VALUES ${rows.join(',')}`);
    };
    insert('devices (device_id, customer_id, kind, os, fingerprint, created_at)', this.#devices);
    insert(`transactions (${TRANSACTION_COLUMNS})`, this.#transactions);
    insert(`ledger_entries (${ENTRY_COLUMNS})`, this.#entries);
    insert(`trades (${TRADE_COLUMNS})`, this.#trades);
    this.#devices = [];
    this.#transactions = [];
    this.#entries = [];
    this.#trades = [];
  }

  async #enqueue(): Promise<void> {
    const { worldId, lane } = this.#options;
    const progress = `UPDATE generator_lanes SET steps = ${this.#steps} WHERE world_id = ${worldId} AND lane = ${lane}`;
    const job: Job = { statements: [...this.#statements, ...this.#balances(), ...this.#holdings(), progress], movements: this.#movements };
    this.#statements = [];
    this.#full = 0;
    this.#movements = 0;
    if (this.#waiting.length >= WAITING_MAX) await this.#waiting.shift();
    this.#tail = this.#tail.then(() => this.#run(job));
    // Whoever awaits the tail hears of a failure; this only keeps it from being reported as nobody's.
    this.#tail.catch(() => undefined);
    this.#waiting.push(this.#tail);
  }

  /** The balances as they are after the last row gathered: the books may be further when the job runs. */
  #balances(): string[] {
    const { books, accountIds } = this.#options;
    const rows = [...this.#moved]
      .sort((one, other) => one - other)
      .map(
        (account) => `ROW(${accountIds[account]!},CAST(${moneyText(books.balance(account))} AS DECIMAL(20,4)),${books.sequence(account)})`,
      );
    this.#moved.clear();
    const statements: string[] = [];
    for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT)
      statements.push(
        `UPDATE (VALUES ${rows.slice(from, from + ROWS_PER_STATEMENT).join(',')}) v(id, balance, sequence)
         STRAIGHT_JOIN accounts a ON a.account_id = v.id SET a.balance = v.balance, a.entry_seq = v.sequence`,
      );
    return statements;
  }

  #holdings(): string[] {
    const { books, accountIds } = this.#options;
    const rows = [...this.#traded].map(([holding, at]) => {
      const account = accountIds[Math.floor(holding / INSTRUMENTS.length)]!;
      return `(${account},'${INSTRUMENTS[holding % INSTRUMENTS.length]!.symbol}',${fourDigits(books.quantity(holding))},'${at}')`;
    });
    this.#traded.clear();
    if (rows.length === 0) return [];
    return [
      `INSERT INTO holdings (account_id, symbol, quantity, updated_at) VALUES ${rows.join(',')} AS v
       ON DUPLICATE KEY UPDATE quantity = v.quantity, updated_at = v.updated_at`,
    ];
  }

  async #run({ statements, movements }: Job): Promise<void> {
    const { connection } = this.#options;
    await connection.query('BEGIN');
    for (const sql of statements) await connection.query(sql);
    await connection.query('COMMIT');
    this.committed += movements;
  }
}
