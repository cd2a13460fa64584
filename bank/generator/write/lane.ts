// One connection that writes history: rows gathered into statements, statements into database transactions, each whole in itself:
// transactions, their entries and the balances after them become visible together.

import type { Connection } from 'mysql2/promise';
import type { Books } from './books.ts';
import { ENTRY_COLUMNS, TRANSACTION_COLUMNS, type RowText } from './history-rows.ts';
import { moneyText } from './text.ts';

const ROWS_PER_STATEMENT = 1_000;
const STATEMENTS_PER_COMMIT = 10;
/** Database transactions that wait for the connection; a full lane makes the planner wait. */
const WAITING_MAX = 2;

interface Job {
  readonly statements: readonly string[];
  readonly movements: number;
}

export class Lane {
  committed = 0;
  readonly #connection: Connection;
  readonly #books: Books;
  /** account_id by index. */
  readonly #accountIds: readonly bigint[];
  #transactions: string[] = [];
  #entries: string[] = [];
  #statements: string[] = [];
  #movements = 0;
  readonly #moved = new Set<number>();
  readonly #waiting: Promise<void>[] = [];
  #tail: Promise<void> = Promise.resolve();

  constructor(connection: Connection, books: Books, accountIds: readonly bigint[]) {
    this.#connection = connection;
    this.#books = books;
    this.#accountIds = accountIds;
  }

  /** @param moved accounts whose balance the row changes */
  async add({ transaction, entries }: RowText, moved: readonly number[]): Promise<void> {
    this.#transactions.push(transaction);
    if (entries !== '') this.#entries.push(entries);
    for (const account of moved) this.#moved.add(account);
    this.#movements += 1;
    if (this.#transactions.length < ROWS_PER_STATEMENT) return;
    this.#endStatement();
    if (this.#statements.length < STATEMENTS_PER_COMMIT * 2) return;
    await this.#enqueue();
  }

  /** Writes what is left. @throws what any of the lane's transactions threw */
  async finish(): Promise<void> {
    this.#endStatement();
    if (this.#statements.length > 0) await this.#enqueue();
    await this.#tail;
  }

  #endStatement(): void {
    if (this.#transactions.length === 0) return;
    this.#statements.push(`INSERT INTO transactions (${TRANSACTION_COLUMNS}) VALUES ${this.#transactions.join(',')}`);
    if (this.#entries.length > 0) this.#statements.push(`INSERT INTO ledger_entries (${ENTRY_COLUMNS}) VALUES ${this.#entries.join(',')}`);
    this.#transactions = [];
    this.#entries = [];
  }

  async #enqueue(): Promise<void> {
    const job: Job = { statements: [...this.#statements, ...this.#balances()], movements: this.#movements };
    this.#statements = [];
    this.#movements = 0;
    if (this.#waiting.length >= WAITING_MAX) await this.#waiting.shift();
    this.#tail = this.#tail.then(() => this.#run(job));
    // Whoever awaits the tail hears of a failure; this only keeps it from being reported as nobody's.
    this.#tail.catch(() => undefined);
    this.#waiting.push(this.#tail);
  }

  /** The balances as they are after the last row gathered: the books may be further when the job runs. */
  #balances(): string[] {
    const rows = [...this.#moved]
      .sort((one, other) => one - other)
      .map(
        (account) =>
          `ROW(${this.#accountIds[account]!},CAST(${moneyText(this.#books.balance(account))} AS DECIMAL(20,4)),${this.#books.sequence(account)})`,
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

  async #run({ statements, movements }: Job): Promise<void> {
    await this.#connection.query('BEGIN');
    for (const sql of statements) await this.#connection.query(sql);
    await this.#connection.query('COMMIT');
    this.committed += movements;
  }
}
