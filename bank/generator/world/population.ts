// The standing part of the seeded world: citizens, their accounts and devices, and the shops. Pure; a few hundred bytes a customer.

import type { AccountPlan } from '../world.ts';
import { planCitizen, type Card, type Citizen, type Device } from './citizens.ts';
import { planShops, type ShopDirectory } from './shops.ts';

export interface SeededWorld {
  readonly seed: number;
  readonly communities: number;
  readonly citizens: readonly Citizen[];
  readonly accounts: readonly AccountPlan[];
  /** Devices known from the start; further ones appear as events. */
  readonly devices: readonly Device[];
  readonly cards: readonly Card[];
  /** Index of the account's card. */
  readonly cardOf: ReadonlyMap<number, number>;
  readonly directory: ShopDirectory;
}

const COMMUNITY_CUSTOMERS_MIN = 20;
const COMMUNITIES_MAX = 8;

export function planPopulation(seed: number, customers: number): SeededWorld {
  const communities = Math.max(1, Math.min(COMMUNITIES_MAX, Math.floor(customers / COMMUNITY_CUSTOMERS_MIN)));
  const directory = planShops();
  const numbering = { accounts: [] as AccountPlan[], devices: [] as Device[], cards: [] as Card[] };
  const citizens = Array.from({ length: customers }, (_, index) => planCitizen({ seed, communities, directory }, index, numbering));
  const cardOf = new Map(numbering.cards.map(({ account }, index) => [account, index]));
  return { seed, communities, citizens, directory, ...numbering, cardOf };
}
