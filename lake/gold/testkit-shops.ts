// The rest of the seeded bank for tests: merchants, devices, budgets, instruments with prices, and trades; they change as a bank lets them.

import type { Change, Row } from './testkit-store.ts';

/** What it needs of the bank's world. */
interface Chances {
  below(bound: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  time(): string;
}

const CATEGORIES = ['groceries', 'books', 'unclassified'];
const CODES = ['5411', '5942', '7832', null];
const SYMBOLS = ['ACME', 'GOLD'];

export class ShopWorld {
  private readonly world: Chances;
  private readonly merchants: Row[] = [];
  private readonly devices: Row[] = [];
  private readonly budgets: Row[] = [];
  private readonly ticks = new Map<string, number>();
  private readonly held = new Map<string, number>();
  private nextTrade = 1;

  constructor(world: Chances) {
    this.world = world;
  }

  opening(): Change[] {
    for (let id = 1; id <= 6; id += 1) this.merchants.push(this.merchant(id));
    for (let id = 1; id <= 4; id += 1)
      this.devices.push({
        device_id: id,
        customer_id: 1 + this.world.below(5),
        kind: 'phone',
        os: null,
        created_at: '2026-01-01 00:00:00',
      });
    const instruments = SYMBOLS.map((symbol): Row => ({ symbol, name: `${symbol} Inc.`, kind: 'stock', currency: 'USD' }));
    return [
      ...this.merchants.map((row): Change => ({ table: 'merchants', op: 'c', row })),
      ...this.devices.map((row): Change => ({ table: 'devices', op: 'c', row })),
      ...instruments.map((row): Change => ({ table: 'instruments', op: 'c', row })),
      ...SYMBOLS.map((symbol) => this.price(symbol)),
      this.budget(),
    ];
  }

  private merchant(id: number): Row {
    const { below, pick } = { below: (bound: number) => this.world.below(bound), pick: <T>(items: readonly T[]) => this.world.pick(items) };
    const name = `Shop ${id}-${below(3)}, Ltd.`;
    return {
      merchant_id: id,
      name,
      mcc: pick(CODES),
      category: pick(CATEGORIES),
      city: null,
      country: 'US',
      created_at: '2026-01-01 00:00:00',
    };
  }

  change(): Change[] {
    const kind = this.world.below(5);
    if (kind === 0) return [this.changedMerchant()];
    if (kind === 1) return [this.price(this.world.pick(SYMBOLS))];
    if (kind === 2) return [this.trade()];
    if (kind === 3) return [this.changedBudget()];
    return [this.changedDevice()];
  }

  private changedMerchant(): Change {
    const index = this.world.below(this.merchants.length);
    const row = this.merchant(index + 1);
    this.merchants[index] = row;
    return { table: 'merchants', op: 'u', row };
  }

  private changedDevice(): Change {
    const index = this.world.below(this.devices.length);
    const row = { ...this.devices[index]!, os: this.world.pick(['Android', 'iOS']) };
    this.devices[index] = row;
    return { table: 'devices', op: 'u', row };
  }

  private price(symbol: string): Change {
    const tick = this.ticks.get(symbol) ?? 0;
    this.ticks.set(symbol, tick + 1);
    const day = String(1 + (tick % 12)).padStart(2, '0');
    const row = { symbol, tick, price: `${50 + this.world.below(100)}.2500`, currency: 'USD', priced_at: `2026-11-${day} 12:00:00` };
    return { table: 'market_prices', op: 'c', row };
  }

  private trade(): Change {
    const [symbol, account] = [this.world.pick(SYMBOLS), 1001 + this.world.below(2)];
    const holding = this.held.get(`${account} ${symbol}`) ?? 0;
    const sells = holding > 0 && this.world.chance(0.4);
    const quantity = sells ? 1 + this.world.below(holding) : 1 + this.world.below(9);
    this.held.set(`${account} ${symbol}`, holding + (sells ? -quantity : quantity));
    const id = this.nextTrade;
    this.nextTrade += 1;
    const day = String(Math.min(12, 1 + Math.floor(id / 2))).padStart(2, '0');
    const parties = { account_id: account, customer_id: 1, symbol, side: sells ? 'sell' : 'buy', currency: 'USD' };
    const money = { quantity, price: '100.0000', amount: `${quantity * 100}.0000` };
    const row = { trade_id: id, ...parties, ...money, price_tick: 0, transaction_id: id, traded_at: `2026-11-${day} 10:00:00` };
    return { table: 'trades', op: 'c', row };
  }

  private budget(): Change {
    const category = this.world.pick(CATEGORIES);
    const id = this.budgets.length + 1;
    const row = {
      budget_id: id,
      customer_id: id,
      category,
      month: '2026-11',
      currency: 'USD',
      limit_amount: `${1000 * (1 + this.world.below(99))}`,
    };
    this.budgets.push(row);
    return { table: 'budgets', op: 'c', row };
  }

  private changedBudget(): Change {
    if (this.world.chance(0.5)) return this.budget();
    const index = this.world.below(this.budgets.length);
    const row = { ...this.budgets[index]!, limit_amount: `${1000 * (1 + this.world.below(99))}` };
    this.budgets[index] = row;
    return { table: 'budgets', op: 'u', row };
  }
}
