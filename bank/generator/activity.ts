// The living part: which movement comes next. Pure: the sequence depends on the seed, never on the clock or on the database.
// A shard owns its accounts alone, so its picture of their balances is right and nothing it plans is refused for lack of funds.

import { createRandom, type Random } from './random.ts';
import type { AccountPlan, World } from './world.ts';

export interface Movement {
  readonly kind: 'movement';
  /** Number of the movement in its shard, from 0; later steps refer to it. */
  readonly sequence: number;
  /** Index into World.accounts. */
  readonly account: number;
  readonly type: string;
  /** Minor units, positive. */
  readonly amount: bigint;
  readonly currency: string;
  readonly status: 'posted' | 'pending' | 'failed';
  readonly merchant?: number;
  readonly counter?: number;
  readonly device?: number;
  readonly channel: string;
  readonly description: string;
  /** Sequence of the purchase that a refund returns. */
  readonly reference?: number;
}

/** The outcome of a movement that was inserted as pending. */
export interface Resolution {
  readonly kind: 'resolution';
  readonly of: number;
  readonly status: 'posted' | 'failed';
}

export type Step = Movement | Resolution;

interface Purchase {
  readonly sequence: number;
  readonly account: number;
  readonly amount: bigint;
}

interface Shard {
  readonly random: Random;
  readonly world: World;
  readonly accounts: readonly number[];
  readonly byCurrency: ReadonlyMap<string, readonly number[]>;
  readonly available: Map<number, bigint>;
  readonly refundable: Purchase[];
  readonly pending: Purchase[];
  sequence: number;
}

/** Purchases remembered for refunds, and pending movements before the oldest is resolved. */
const REFUNDABLE_MAX = 64;
const PENDING_MAX = 8;

/** Endless steps of shard `shardNumber` of `shardCount`; a shard owns every n-th customer. */
export function* planActivity(world: World, seed: number, shardNumber: number, shardCount: number): Generator<Step, never, undefined> {
  const accounts = world.accounts.flatMap((account, index) => (account.customer % shardCount === shardNumber ? [index] : []));
  const shard: Shard = {
    random: createRandom(seed, shardNumber + 1),
    world,
    accounts,
    byCurrency: new Map(
      ['USD', 'INR'].map((currency) => [currency, accounts.filter((index) => world.accounts[index]!.currency === currency)]),
    ),
    available: new Map(accounts.map((index) => [index, openingOf(world.accounts[index]!)])),
    refundable: [],
    pending: [],
    sequence: 0,
  };
  for (;;) yield nextStep(shard);
}

function openingOf(account: AccountPlan): bigint {
  return account.opening + account.overdraftLimit;
}

function nextStep(shard: Shard): Step {
  const { random } = shard;
  if (shard.pending.length >= PENDING_MAX || (shard.pending.length > 0 && random.chance(0.05))) return resolve(shard);
  const account = random.pick(shard.accounts);
  const roll = random.unit();
  if (roll < 0.6) return purchase(shard, account);
  if (roll < 0.74)
    return credit(shard, account, { type: 'DEPOSIT', description: random.chance(0.3) ? 'salary' : 'cash deposit', range: [20, 2_500] });
  if (roll < 0.86) return transfer(shard, account);
  if (roll < 0.91) return debit(shard, account, { type: 'WITHDRAWAL', description: 'cash withdrawal', range: [20, 300] });
  if (roll < 0.94) return debit(shard, account, { type: 'FEE', description: 'account fee', range: [1, 12] });
  if (roll < 0.97 && shard.refundable.length > 0) return refund(shard);
  return credit(shard, account, { type: random.chance(0.5) ? 'INTEREST' : 'CASHBACK', description: 'monthly credit', range: [1, 15] });
}

function purchase(shard: Shard, account: number): Movement {
  const { random, world } = shard;
  const merchant = random.int(0, world.merchants.length - 1);
  const { ticket, name } = world.merchants[merchant]!;
  const amount = amountOf(shard, account, ticket);
  const extra = {
    merchant,
    device: world.accounts[account]!.customer,
    channel: random.pick(['card', 'card', 'online', 'wallet']),
    description: name,
  };
  if (random.chance(0.03) || amount > availableOf(shard, account))
    return movement(shard, account, { type: 'PURCHASE', amount, ...extra, status: 'failed' });
  shift(shard, account, -amount);
  const pending = random.chance(0.06);
  const made = movement(shard, account, { type: 'PURCHASE', amount, ...extra, status: pending ? 'pending' : 'posted' });
  const list = pending ? shard.pending : shard.refundable;
  list.push({ sequence: made.sequence, account, amount });
  if (shard.refundable.length > REFUNDABLE_MAX) shard.refundable.shift();
  return made;
}

function resolve(shard: Shard): Resolution {
  const { sequence, account, amount } = shard.pending.shift()!;
  const status = shard.random.chance(0.85) ? 'posted' : 'failed';
  if (status === 'failed') shift(shard, account, amount);
  return { kind: 'resolution', of: sequence, status };
}

function refund(shard: Shard): Movement {
  const [original] = shard.refundable.splice(shard.random.int(0, shard.refundable.length - 1), 1);
  const { sequence, account, amount } = original!;
  const returned = shard.random.chance(0.6) ? amount : (amount + 1n) / 2n;
  shift(shard, account, returned);
  return movement(shard, account, { type: 'REFUND', amount: returned, reference: sequence, channel: 'online', description: 'refund' });
}

function transfer(shard: Shard, account: number): Movement {
  const { currency } = shard.world.accounts[account]!;
  const counter = shard.random.pick(shard.byCurrency.get(currency) ?? [account]);
  const amount = amountOf(shard, account, [5, 400]);
  if (counter === account || amount > availableOf(shard, account))
    return credit(shard, account, { type: 'DEPOSIT', description: 'cash deposit', range: [20, 900] });
  shift(shard, account, -amount);
  shift(shard, counter, amount);
  return movement(shard, account, { type: 'TRANSFER', amount, counter, channel: 'online', description: 'transfer' });
}

function debit(shard: Shard, account: number, { type, description, range }: Plain): Movement {
  const amount = amountOf(shard, account, range);
  if (amount > availableOf(shard, account))
    return credit(shard, account, { type: 'DEPOSIT', description: 'cash deposit', range: [50, 900] });
  shift(shard, account, -amount);
  return movement(shard, account, { type, amount, channel: type === 'FEE' ? 'system' : 'atm', description });
}

function credit(shard: Shard, account: number, { type, description, range }: Plain): Movement {
  const amount = amountOf(shard, account, range);
  shift(shard, account, amount);
  return movement(shard, account, { type, amount, channel: type === 'DEPOSIT' ? 'branch' : 'system', description });
}

type Details = Pick<Movement, 'type' | 'amount' | 'channel' | 'description'> &
  Partial<Pick<Movement, 'status' | 'merchant' | 'counter' | 'device' | 'reference'>>;

/** A movement between an account and the house; the ticket is between `range` major units. */
interface Plain {
  readonly type: string;
  readonly description: string;
  readonly range: readonly [number, number];
}

function movement(shard: Shard, account: number, { type, amount, ...extra }: Details): Movement {
  const sequence = shard.sequence;
  shard.sequence += 1;
  return {
    kind: 'movement',
    sequence,
    account,
    type,
    amount,
    currency: shard.world.accounts[account]!.currency,
    status: 'posted',
    ...extra,
  };
}

/** A ticket in minor units between `range` major units; rupee prices are 80 times dollar prices. */
function amountOf(shard: Shard, account: number, [min, max]: readonly [number, number]): bigint {
  const minor = BigInt(shard.random.int(min * 100, max * 100));
  return shard.world.accounts[account]!.currency === 'INR' ? minor * 80n : minor;
}

function availableOf(shard: Shard, account: number): bigint {
  return shard.available.get(account) ?? 0n;
}

function shift(shard: Shard, account: number, by: bigint): void {
  shard.available.set(account, availableOf(shard, account) + by);
}
