// The standing part of the synthetic world: customers, accounts, merchants, devices, decided by the seed alone. Pure.

import { CITIES, DEVICE_KINDS, FIRST_NAMES, LAST_NAMES, MERCHANT_KINDS } from './catalogue.ts';
import { createRandom, type Random } from './random.ts';

export interface CustomerPlan {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly city: string;
  readonly country: string;
}

export interface AccountPlan {
  /** Index into World.customers. */
  readonly customer: number;
  readonly type: 'checking' | 'savings' | 'credit' | 'investment';
  readonly currency: 'USD' | 'INR';
  /** Minor units. */
  readonly opening: bigint;
  /** Minor units. */
  readonly overdraftLimit: bigint;
}

export interface MerchantPlan {
  readonly name: string;
  readonly mcc: string;
  readonly category: string;
  readonly city: string;
  readonly country: string;
  readonly ticket: readonly [number, number];
}

export interface DevicePlan {
  readonly customer: number;
  readonly kind: string;
  readonly os: string;
  readonly fingerprint: string;
}

export interface World {
  readonly customers: readonly CustomerPlan[];
  readonly accounts: readonly AccountPlan[];
  readonly merchants: readonly MerchantPlan[];
  readonly devices: readonly DevicePlan[];
}

export interface WorldSize {
  readonly customers: number;
  readonly merchants: number;
}

/** Two accounts and one device per customer. */
export function planWorld(seed: number, size: WorldSize): World {
  const random = createRandom(seed);
  const customers = Array.from({ length: size.customers }, (_, index) => planCustomer(random, seed, index));
  const accounts = customers.flatMap((customer, index) => planAccounts(random, customer, index));
  const merchants = Array.from({ length: size.merchants }, (_, index) => planMerchant(random, index));
  const devices = customers.map((_, customer) => planDevice(random, customer));
  return { customers, accounts, merchants, devices };
}

function planCustomer(random: Random, seed: number, index: number): CustomerPlan {
  const firstName = random.pick(FIRST_NAMES);
  const lastName = random.pick(LAST_NAMES);
  const mailbox = `${firstName}.${lastName}`.toLowerCase().replaceAll(/[^a-z.]/g, '');
  return { firstName, lastName, email: `${mailbox}.${seed}.${index + 1}@example.com`, ...random.pick(CITIES) };
}

function planAccounts(random: Random, customer: CustomerPlan, index: number): AccountPlan[] {
  const currency = customer.country === 'IN' ? 'INR' : 'USD';
  const opening = (min: number, max: number) => BigInt(random.int(min, max)) * 100n * (currency === 'INR' ? 80n : 1n);
  const second = random.pick(['savings', 'savings', 'credit', 'investment'] as const);
  const none = { overdraftLimit: 0n };
  const limit = { overdraftLimit: opening(500, 3_000) };
  return [
    { customer: index, type: 'checking', currency, opening: opening(200, 4_000), ...(random.chance(0.2) ? limit : none) },
    {
      customer: index,
      type: second,
      currency,
      opening: second === 'credit' ? 0n : opening(0, 9_000),
      ...(second === 'credit' ? limit : none),
    },
  ];
}

function planMerchant(random: Random, index: number): MerchantPlan {
  const kind = MERCHANT_KINDS[index % MERCHANT_KINDS.length]!;
  const round = Math.floor(index / MERCHANT_KINDS.length);
  const name = kind.names[round % kind.names.length]!;
  const branch = Math.floor(round / kind.names.length);
  const { category, mcc, ticket } = kind;
  return { name: branch === 0 ? name : `${name} ${branch + 1}`, mcc, category, ticket, ...random.pick(CITIES) };
}

function planDevice(random: Random, customer: number): DevicePlan {
  const fingerprint = Array.from({ length: 4 }, () => random.int(0, 0xff_ff_ff_ff).toString(16).padStart(8, '0')).join('');
  return { customer, ...random.pick(DEVICE_KINDS), fingerprint };
}
