// The benchmark's changes: seeded source transactions of four events each, 60 % inserts, 35 % updates, 5 % deletes over five tables.
// Money stays balanced, so gold's checks hold at every cut.

import {
  FIRST_ACCOUNT,
  FIRST_CUSTOMER,
  FIRST_HOUSE_ACCOUNT,
  FIRST_MERCHANT,
  FIRST_TRANSACTION,
  failedId,
  HOUSE_ACCOUNTS,
  NOW_US,
  pendingId,
  PRELOADED_SEQ,
  type WorldSizes,
} from './sizes.ts';
import {
  accountRow,
  beginMessage,
  customerRow,
  endMessage,
  entryRow,
  envelope,
  merchantRow,
  transactionRow,
  type BenchMessage,
  type TransactionState,
} from './rows.ts';
import type { BenchTable } from './tables.ts';

export type ChangeTopic = BenchTable | 'transaction';

/** Of 30 transactions: 20 post a purchase (3 c, 1 u), 3 settle a pending one (2 c, 2 u), 4 edit (4 u), 3 clean up (2 c, 2 d). */
const SHAPES = 'ppspepcppeppspcppeppppcppsppep';
const EVENTS_PER_TRANSACTION = 4;
const OPENING_CENTS = 1_000_000;

export class ChangeWorld {
  private readonly sizes: WorldSizes;
  private readonly emit: (topic: ChangeTopic, message: BenchMessage) => void;
  private readonly cents: Float64Array;
  private readonly entrySeq: Int32Array;
  private seq = PRELOADED_SEQ;
  private order = 0;
  private atUs = NOW_US;
  private readonly counts = new Map<string, number>();
  private seed = 42;
  private edits = 0;
  private pending = 0;
  private failed = 0;
  private nextTransaction: number;
  private nextEntry: number;
  private nextMerchant: number;
  private nextCustomer: number;
  private goneMerchants = 0;

  constructor(sizes: WorldSizes, emit: (topic: ChangeTopic, message: BenchMessage) => void) {
    this.sizes = sizes;
    this.emit = emit;
    this.cents = new Float64Array(sizes.accounts).fill(OPENING_CENTS);
    this.entrySeq = new Int32Array(sizes.accounts);
    this.nextTransaction = FIRST_TRANSACTION + sizes.transactions;
    this.nextEntry = 1 + sizes.ledgerEntries;
    this.nextMerchant = FIRST_MERCHANT + sizes.merchants;
    this.nextCustomer = FIRST_CUSTOMER + sizes.customers;
  }

  /** Sequence of the last transaction emitted. */
  get lastSeq(): number {
    return this.seq;
  }

  /** Emits the next source transaction with its BEGIN and END; `p` is a purchase. */
  step(shape = SHAPES[this.seq % SHAPES.length]): void {
    this.seq += 1;
    this.order = 0;
    this.atUs += 1_000;
    this.counts.clear();
    this.emit('transaction', beginMessage(this.seq, this.atMs));
    if (shape === 's') this.settle();
    else if (shape === 'e') this.edit();
    else if (shape === 'c') this.cleanUp();
    else this.purchase();
    if (this.order !== EVENTS_PER_TRANSACTION) throw new Error(`shape ${shape} has ${this.order} events`);
    this.emit('transaction', endMessage(this.seq, this.counts, this.atMs));
  }

  private get atMs(): number {
    return Math.floor(this.atUs / 1_000);
  }

  /** 0 … bound - 1. */
  private random(bound: number): number {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.seed / 4_294_967_296) * bound);
  }

  private change(table: BenchTable, key: string, before: string | null, after: string | null): void {
    this.order += 1;
    this.counts.set(table, (this.counts.get(table) ?? 0) + 1);
    const place = { seq: this.seq, order: this.order, atMs: this.atMs };
    this.emit(table, { key, value: envelope(table, { before, after }, place) });
    if (after === null) this.emit(table, { key, value: null });
  }

  private purchase(): void {
    const account = this.random(this.sizes.accounts - HOUSE_ACCOUNTS);
    const t = this.transaction(this.nextTransaction, account, 'posted');
    this.nextTransaction += 1;
    this.change('transactions', `{"transaction_id":${t.id}}`, null, transactionRow(t));
    this.post(t, account);
  }

  private settle(): void {
    const account = this.random(this.sizes.accounts - HOUSE_ACCOUNTS);
    const t = this.transaction(pendingId(this.pending), account, 'posted');
    this.pending += 1;
    this.change('transactions', `{"transaction_id":${t.id}}`, transactionRow({ ...t, status: 'pending' }), transactionRow(t));
    this.post(t, account);
  }

  private transaction(id: number, account: number, status: TransactionState['status']): TransactionState {
    return {
      id,
      account: FIRST_ACCOUNT + account,
      customer: FIRST_CUSTOMER + (account % this.sizes.customers),
      merchant: FIRST_MERCHANT + this.random(this.sizes.merchants),
      counter: FIRST_HOUSE_ACCOUNT + this.random(HOUSE_ACCOUNTS),
      cents: 1 + this.random(50_000),
      status,
      atUs: this.atUs,
    };
  }

  /** Two entries and the account's cached balance. */
  private post(t: TransactionState, account: number): void {
    const before = { id: t.account, customer: t.customer, cents: this.cents[account] ?? 0, seq: this.entrySeq[account] ?? 0, label: null };
    const after = { ...before, cents: before.cents - t.cents, seq: before.seq + 1 };
    this.cents[account] = after.cents;
    this.entrySeq[account] = after.seq;
    const leg = { transaction: t.id, cents: t.cents, atUs: t.atUs };
    this.entry({ ...leg, account: t.account, posting: 'DEBIT', after: after.cents, seq: after.seq, leg: 1 });
    this.entry({ ...leg, account: t.counter, posting: 'CREDIT', after: null, seq: null, leg: 2 });
    this.change('accounts', `{"account_id":${t.account}}`, accountRow(before), accountRow(after));
  }

  private entry(entry: Omit<Parameters<typeof entryRow>[0], 'id'>): void {
    const id = this.nextEntry;
    this.nextEntry += 1;
    this.change('ledger_entries', `{"entry_id":${id}}`, null, entryRow({ ...entry, id }));
  }

  private edit(): void {
    this.edits += 1;
    const version = this.edits;
    for (let i = 0; i < 2; i += 1) {
      const customer = FIRST_CUSTOMER + this.random(this.sizes.customers);
      this.change('customers', `{"customer_id":${customer}}`, customerRow(customer, version - 1), customerRow(customer, version));
    }
    const half = Math.floor(this.sizes.merchants / 2);
    const merchant = FIRST_MERCHANT + half + this.random(half);
    this.change('merchants', `{"merchant_id":${merchant}}`, merchantRow(merchant, version - 1), merchantRow(merchant, version));
    const account = this.random(this.sizes.accounts - HOUSE_ACCOUNTS);
    const id = FIRST_ACCOUNT + account;
    const state = {
      id,
      customer: FIRST_CUSTOMER + (account % this.sizes.customers),
      cents: this.cents[account] ?? 0,
      seq: this.entrySeq[account] ?? 0,
    };
    this.change(
      'accounts',
      `{"account_id":${id}}`,
      accountRow({ ...state, label: null }),
      accountRow({ ...state, label: `label ${version}` }),
    );
  }

  private cleanUp(): void {
    const t = this.transaction(failedId(this.failed), 0, 'failed');
    this.failed += 1;
    this.change('transactions', `{"transaction_id":${t.id}}`, transactionRow(t), null);
    const gone = FIRST_MERCHANT + this.goneMerchants;
    this.goneMerchants += 1;
    this.change('merchants', `{"merchant_id":${gone}}`, merchantRow(gone, 0), null);
    this.change('merchants', `{"merchant_id":${this.nextMerchant}}`, null, merchantRow(this.nextMerchant, 0));
    this.nextMerchant += 1;
    this.change('customers', `{"customer_id":${this.nextCustomer}}`, null, customerRow(this.nextCustomer, 0));
    this.nextCustomer += 1;
  }
}
