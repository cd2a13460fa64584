// One customer of the seeded world: who they are, what they earn, where they live, what they own. Decided by (seed, number) alone.

import { DEVICE_KINDS, FIRST_NAMES, LAST_NAMES } from '../catalogue.ts';
import type { Random } from '../random.ts';
import type { AccountPlan } from '../world.ts';
import { HOME_PLACES, PLACES } from './places.ts';
import type { ShopDirectory } from './shops.ts';
import { STREAM, streamOf, weighted } from './streams.ts';

export type Persona = 'worker' | 'freelancer' | 'student' | 'retired';
export type Currency = AccountPlan['currency'];

export interface Subscription {
  readonly shop: number;
  /** Minor units. */
  readonly amount: bigint;
  /** Day of the month, 1 to 28. */
  readonly day: number;
}

export interface Citizen {
  readonly index: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** Index into PLACES. */
  readonly home: number;
  readonly currency: Currency;
  /** Customers pay and defraud only customers of the same community: so communities can be written side by side. */
  readonly community: number;
  readonly persona: Persona;
  /** Minor units a month. */
  readonly income: bigint;
  readonly payday: number;
  readonly rent: bigint;
  readonly rentDay: number;
  readonly subscriptions: readonly Subscription[];
  /** Percent of a shop's usual ticket. */
  readonly thrift: number;
  readonly nightOwl: boolean;
  readonly trader: boolean;
  /** Has done nothing for long and does nothing of its own accord. */
  readonly dormant: boolean;
  /** Index of the account among World.accounts. */
  readonly checking: number;
  readonly savings: number | null;
  readonly credit: number | null;
  readonly investment: number | null;
  /** Indexes of devices, the phone first. */
  readonly devices: readonly number[];
  /** Days before the history begins at which the accounts were opened. */
  readonly memberDays: number;
}

/** A card belongs to one account; an account has at most one. */
export interface Card {
  /** Index of the account. */
  readonly account: number;
  readonly customer: number;
  readonly kind: 'debit' | 'credit';
  readonly network: string;
  readonly last4: string;
  /** Months from the beginning of the history to the month in which it expires. */
  readonly validMonths: number;
}

export interface Device {
  readonly customer: number;
  readonly kind: string;
  readonly os: string;
  readonly fingerprint: string;
}

const PERSONAS: readonly Persona[] = ['worker', 'freelancer', 'student', 'retired'];
const PERSONA_WEIGHTS = [60, 12, 13, 15];
const MONTHLY_INCOME: Readonly<Record<Persona, readonly [number, number]>> = {
  worker: [2_800, 7_500],
  freelancer: [2_000, 8_000],
  student: [1_000, 1_600],
  retired: [1_700, 3_300],
};
const DORMANT_SHARE = 0.04;
const USUAL_INCOME = 4_500;

/** Prices and incomes in rupees are 80 times those in dollars, as everywhere in the generator. */
export function inCurrency(currency: Currency, usMinor: number): bigint {
  return BigInt(usMinor) * (currency === 'INR' ? 80n : 1n);
}

/** What the next citizen's accounts and devices are numbered from. */
export interface Numbering {
  readonly accounts: AccountPlan[];
  readonly devices: Device[];
  readonly cards: Card[];
}

/** Plans customer `index`, appending accounts and devices to `numbering`. */
export function planCitizen(
  setting: { seed: number; communities: number; directory: ShopDirectory },
  index: number,
  numbering: Numbering,
): Citizen {
  const random = streamOf(setting.seed, STREAM.citizen, index);
  const firstName = random.pick(FIRST_NAMES);
  const lastName = random.pick(LAST_NAMES);
  const home = random.int(0, HOME_PLACES - 1);
  const currency: Currency = PLACES[home]!.country === 'IN' ? 'INR' : 'USD';
  const persona = PERSONAS[weighted(random, PERSONA_WEIGHTS)]!;
  const major = random.int(...MONTHLY_INCOME[persona]);
  const mailbox = `${firstName}.${lastName}`.toLowerCase().replaceAll(/[^a-z.]/g, '');
  const person = {
    index,
    firstName,
    lastName,
    email: `${mailbox}.${setting.seed}.${index + 1}@example.com`,
    home,
    currency,
    community: index % setting.communities,
    persona,
    income: inCurrency(currency, major * 100),
    payday: random.pick([1, 15, 25, 28]),
    rent: inCurrency(currency, Math.floor((major * random.int(22, 34)) / 1_000) * 1_000),
    rentDay: random.int(1, 5),
    thrift: Math.max(35, Math.min(160, Math.floor((major * 100) / USUAL_INCOME))),
    nightOwl: random.chance(0.08),
    trader: random.chance(0.15),
    dormant: random.chance(DORMANT_SHARE),
    memberDays: random.int(40, 900),
  };
  const subscriptions = planSubscriptions(random, setting.directory, currency);
  const accounts = planAccounts(random, person, numbering.accounts);
  const devices = planDevices(random, index, numbering);
  planCards(random, { customer: index, ...accounts }, numbering);
  return { ...person, subscriptions, ...accounts, devices };
}

function planSubscriptions(random: Random, { online }: ShopDirectory, currency: Currency): Subscription[] {
  return Array.from({ length: random.int(0, 4) }, () => {
    const category = random.pick(['streaming', 'streaming', 'gaming', 'insurance', 'utilities']);
    const from: readonly [number, number] = category === 'insurance' || category === 'utilities' ? [40, 140] : [5, 20];
    return {
      shop: random.pick(online.get(category)!),
      amount: inCurrency(currency, random.int(...from) * 100 - 1),
      day: random.int(1, 28),
    };
  });
}

function planAccounts(
  random: Random,
  { index, currency, income, trader }: Pick<Citizen, 'index' | 'currency' | 'income' | 'trader'>,
  accounts: AccountPlan[],
): Pick<Citizen, 'checking' | 'savings' | 'credit' | 'investment'> {
  const open = (type: AccountPlan['type'], opening: bigint, overdraftLimit: bigint): number =>
    accounts.push({ customer: index, type, currency, opening, overdraftLimit }) - 1;
  const percent = (from: number, to: number): bigint => whole((income * BigInt(random.int(from, to))) / 100n);
  const checking = open('checking', percent(40, 160), random.chance(0.2) ? percent(20, 60) : 0n);
  const second = weighted(random, [60, 40]);
  const savings = second === 0 ? open('savings', percent(0, 400), 0n) : null;
  const credit = second === 1 ? open('credit', 0n, percent(80, 200)) : null;
  const investment = trader ? open('investment', percent(0, 200), 0n) : null;
  return { checking, savings, credit, investment };
}

const NETWORKS = ['Visa', 'Mastercard', 'RuPay'];

function planCards(
  random: Random,
  { customer, checking, credit }: { customer: number; checking: number; credit: number | null },
  { cards }: Numbering,
): void {
  const issue = (account: number, kind: Card['kind']): void => {
    const last4 = String(random.int(0, 9_999)).padStart(4, '0');
    cards.push({ account, customer, kind, network: random.pick(NETWORKS), last4, validMonths: random.int(24, 60) });
  };
  issue(checking, 'debit');
  if (credit !== null) issue(credit, 'credit');
}

function whole(minor: bigint): bigint {
  return (minor / 100n) * 100n;
}

function planDevices(random: Random, customer: number, { devices }: Numbering): number[] {
  const make = (kinds: typeof DEVICE_KINDS | readonly (typeof DEVICE_KINDS)[number][]): number =>
    devices.push({ customer, ...random.pick(kinds), fingerprint: fingerprintOf(random) }) - 1;
  const phones = DEVICE_KINDS.filter(({ kind }) => kind === 'phone');
  return random.chance(0.5) ? [make(phones), make(DEVICE_KINDS)] : [make(phones)];
}

export function fingerprintOf(random: Random): string {
  return Array.from({ length: 4 }, () => random.int(0, 0xff_ff_ff_ff).toString(16).padStart(8, '0')).join('');
}
