// A seeded bank for tests: random, valid changes of all kinds a captured bank can make, late events and corrections included.

import { ShopWorld } from './testkit-shops.ts';
import type { Change, Row } from './testkit-store.ts';
import { HOUSE, HOUSE_TYPES, MOVEMENTS } from './testkit-tables.ts';

const MONTHS = ['2026-09', '2026-10', '2026-11'];
const DAYS = 12;

interface Posted {
  readonly transaction: Row;
  entries: Row[];
}

export class BankWorld {
  private seed: number;
  /** New and corrected movements are all of the newest day. */
  onlyToday = false;
  private nextTransaction = 1;
  private nextEntry = 1;
  private readonly customers: Row[] = [];
  private readonly accounts: Row[] = [];
  private readonly movements = new Map<number, Posted>();
  private readonly shops: ShopWorld;

  constructor(seed: number) {
    this.seed = seed * 2_654_435_761;
    this.shops = new ShopWorld(this);
  }

  /** Uniform in [0, bound), deterministic (mulberry32). */
  below(bound: number): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let value = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return (((value ^ (value >>> 14)) >>> 0) % 1_000_003) % bound;
  }

  chance(probability: number): boolean {
    return this.below(1_000) < probability * 1_000;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  opening(): Change[] {
    for (let id = 1; id <= 5; id += 1)
      this.customers.push({ customer_id: id, first_name: `F${id}`, last_name: `L${id}`, email: null, created_at: '2026-01-01 00:00:00' });
    for (const id of HOUSE) this.accounts.push(this.account(id, 1, HOUSE_TYPES[id] ?? 'house_interest'));
    for (let id = 1001; id <= 1012; id += 1) this.accounts.push(this.account(id, 1 + this.below(5), 'checking'));
    const rows = [
      ...this.customers.map((row) => ({ table: 'customers', row })),
      ...this.accounts.map((row) => ({ table: 'accounts', row })),
    ];
    const changes: Change[] = rows.map(({ table, row }) => ({ table, op: 'c', row }));
    for (let count = 0; count < 20; count += 1) changes.push(...this.posting());
    return [
      ...changes,
      ...this.shops.opening(),
      { table: 'heartbeat', op: 'c', row: { id: 1, beat: 1, beaten_at: '2026-11-20 00:00:00' } },
    ];
  }

  private account(id: number, customer: number, type: string): Row {
    return {
      account_id: id,
      customer_id: customer,
      account_type: type,
      balance: type === 'checking' ? '0' : null,
      status: 'active',
      created_at: '2026-01-01 00:00:00',
      currency: 'USD',
      overdraft_limit: '0',
      entry_seq: 0,
    };
  }

  time(): string {
    const day = this.onlyToday ? DAYS : 1 + this.below(DAYS);
    const month = this.onlyToday ? '2026-11' : this.pick(MONTHS);
    return `${month}-${String(day).padStart(2, '0')} ${String(this.below(24)).padStart(2, '0')}:00:00.${String(this.below(1_000_000)).padStart(6, '0')}`;
  }

  private entriesOf(transaction: Row): Row[] {
    return [transaction['account_id'], transaction['counter_account_id']].map((account, leg) => ({
      entry_id: this.nextEntry++,
      transaction_id: transaction['transaction_id'] ?? null,
      account_id: account ?? null,
      posting_type: (leg === 0) === (transaction['direction'] === 'CREDIT') ? 'CREDIT' : 'DEBIT',
      amount: transaction['amount'] ?? null,
      currency: 'USD',
      balance_after: null,
      account_seq: null,
      created_at: transaction['created_at'] ?? null,
    }));
  }

  /** A posted transaction and its two entries, on any day. */
  posting(amount = `${this.below(100_000)}.${String(this.below(10_000)).padStart(4, '0')}`, status = 'posted'): Change[] {
    const created = this.time();
    const [type, direction, counter] = this.pick(MOVEMENTS);
    const transaction: Row = {
      transaction_id: this.nextTransaction++,
      account_id: this.pick(this.accounts.slice(HOUSE.length))['account_id'] ?? null,
      customer_id: this.pick(this.customers)['customer_id'] ?? null,
      merchant_id: counter === 802 && this.chance(0.9) ? 1 + this.below(6) : null,
      amount,
      currency: 'USD',
      status,
      event_ts: this.chance(0.3) ? this.time() : created,
      created_at: created,
      ...{ type, direction, counter_account_id: counter },
      device_id: this.chance(0.5) ? 1 + this.below(4) : null,
      channel: 'web',
    };
    const movement: Posted = { transaction, entries: status === 'posted' ? this.entriesOf(transaction) : [] };
    this.movements.set(Number(transaction['transaction_id']), movement);
    return [
      { table: 'transactions', op: 'c', row: transaction },
      ...movement.entries.map((row): Change => ({ table: 'ledger_entries', op: 'c', row })),
    ];
  }

  batch(): Change[] {
    const changes: Change[] = [];
    for (let count = 1 + this.below(8); count > 0; count -= 1) changes.push(...this.oneChange());
    return changes;
  }

  private oneChange(): Change[] {
    const kind = this.below(16);
    if (kind < 4) return this.posting();
    if (kind === 4) return this.posting(undefined, this.pick(['pending', 'failed']));
    if (kind === 5) return this.settle();
    if (kind === 6) return this.correct();
    if (kind === 7) return this.remove();
    if (kind === 8) return this.changeAccount();
    if (kind === 9) return [this.newAccount()];
    if (kind === 10) return [{ table: 'heartbeat', op: 'u', row: { id: 1, beat: this.below(1_000), beaten_at: this.time() } }];
    if (kind > 11) return this.shops.change();
    return this.changeCustomer();
  }

  private someMovement(status?: string): Posted | undefined {
    const all = [...this.movements.values()].filter(({ transaction }) => status === undefined || transaction['status'] === status);
    return all.length === 0 ? undefined : this.pick(all);
  }

  /** pending turns posted: an update of the transaction and its entries, of this moment or late. */
  private settle(): Change[] {
    const movement = this.someMovement('pending');
    if (movement === undefined) return [];
    const transaction: Row = { ...movement.transaction, status: 'posted' };
    const entries = this.entriesOf(transaction);
    this.movements.set(Number(transaction['transaction_id']), { transaction, entries });
    return [
      { table: 'transactions', op: 'u', row: transaction },
      ...entries.map((row): Change => ({ table: 'ledger_entries', op: 'c', row })),
    ];
  }

  /** Both legs move to another amount and day: what a bank must not do, and a capture must follow. */
  private correct(): Change[] {
    const movement = this.someMovement('posted');
    if (movement === undefined) return [];
    const created = this.time();
    const amount = `${this.below(500)}.5000`;
    const transaction: Row = {
      ...movement.transaction,
      amount,
      created_at: created,
      event_ts: this.time(),
      merchant_id: this.chance(0.5) ? 1 + this.below(6) : null,
    };
    const entries = movement.entries.map((row): Row => ({ ...row, amount, created_at: created }));
    this.movements.set(Number(transaction['transaction_id']), { transaction, entries });
    return [
      { table: 'transactions', op: 'u', row: transaction },
      ...entries.map((row): Change => ({ table: 'ledger_entries', op: 'u', row })),
    ];
  }

  private remove(): Change[] {
    const movement = this.someMovement();
    if (movement === undefined) return [];
    this.movements.delete(Number(movement.transaction['transaction_id']));
    const removed: Change[] = [
      ...movement.entries.map((row): Change => ({ table: 'ledger_entries', op: 'd', row })),
      { table: 'transactions', op: 'd', row: movement.transaction },
    ];
    if (!this.chance(0.3)) return removed;
    // the same keys come back at once
    this.movements.set(Number(movement.transaction['transaction_id']), movement);
    return [
      ...removed,
      { table: 'transactions', op: 'c', row: movement.transaction },
      ...movement.entries.map((row): Change => ({ table: 'ledger_entries', op: 'c', row })),
    ];
  }

  private changeAccount(): Change[] {
    const index = this.below(this.accounts.length);
    const row = {
      ...this.accounts[index]!,
      ...(this.chance(0.5) ? { status: this.pick(['active', 'frozen', 'closed']) } : { entry_seq: this.below(1_000) }),
    };
    this.accounts[index] = row;
    return [{ table: 'accounts', op: 'u', row }];
  }

  private newAccount(): Change {
    const row = this.account(1_001 + this.accounts.length - HOUSE.length, 1 + this.below(this.customers.length), 'savings');
    this.accounts.push(row);
    return { table: 'accounts', op: 'c', row };
  }

  private changeCustomer(): Change[] {
    const index = this.below(this.customers.length);
    const row = { ...this.customers[index]!, email: `mail${this.below(1_000)}@example.com` };
    this.customers[index] = row;
    return [{ table: 'customers', op: 'u', row }];
  }

  removedAccount(): Change {
    return { table: 'accounts', op: 'd', row: this.accounts[0]! };
  }

  /** Tables to truncate so that what stays is still whole. */
  truncateMoney(): string[] {
    this.movements.clear();
    return ['transactions', 'ledger_entries'];
  }
}
