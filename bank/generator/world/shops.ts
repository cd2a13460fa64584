// Merchants: shops of every kind in every city, online ones without a place, landlords, and a few whose category is high risk.

import { MERCHANT_KINDS } from '../catalogue.ts';
import { HOME_PLACES, PLACES } from './places.ts';

export interface Shop {
  readonly name: string;
  /** ISO 18245; null and 'unclassified' for a merchant the master data does not know. */
  readonly mcc: string | null;
  readonly category: string;
  /** Index into PLACES; null for a shop that is only online. */
  readonly place: number | null;
  /** Smallest and largest ticket, whole major units. */
  readonly ticket: readonly [number, number];
}

export interface ShopDirectory {
  readonly shops: readonly Shop[];
  /** Shops by place and category. */
  readonly local: ReadonlyMap<string, readonly number[]>;
  readonly online: ReadonlyMap<string, readonly number[]>;
  readonly landlords: readonly number[];
  readonly highRisk: readonly number[];
  readonly unclassified: readonly number[];
}

const ONLINE_KINDS = new Set(['streaming', 'gaming', 'airlines', 'insurance', 'books', 'clothing', 'electronics', 'utilities']);
const ONLINE_ONLY = new Set(['streaming', 'gaming', 'insurance', 'utilities']);
const HIGH_RISK: readonly Omit<Shop, 'place'>[] = [
  { name: 'Lucky Sevens', mcc: '7995', category: 'gambling', ticket: [20, 400] },
  { name: 'Coin Harbour', mcc: '6051', category: 'crypto', ticket: [50, 900] },
  { name: 'Swift Wire', mcc: '4829', category: 'money transfer', ticket: [50, 900] },
  { name: 'Royal Flush', mcc: '7995', category: 'gambling', ticket: [10, 300] },
];
const BRANCHES_PER_CITY = 2;

/** The same for every seed: cities have the shops they have. */
export function planShops(): ShopDirectory {
  const shops: Shop[] = [];
  const local = new Map<string, number[]>();
  const online = new Map<string, number[]>();
  const add = (shop: Shop): number => shops.push(shop) - 1;
  const enter = (index: Map<string, number[]>, key: string, shop: number): void => void index.set(key, [...(index.get(key) ?? []), shop]);
  for (const kind of MERCHANT_KINDS) {
    const { category, mcc, ticket, names } = kind;
    if (ONLINE_KINDS.has(category))
      for (const name of names) enter(online, category, add({ name: `${name} Online`, mcc, category, ticket, place: null }));
    if (ONLINE_ONLY.has(category)) continue;
    PLACES.forEach(({ city }, place) => {
      for (let branch = 0; branch < (place < HOME_PLACES ? BRANCHES_PER_CITY : 1); branch += 1)
        enter(local, `${place} ${category}`, add({ name: `${names[branch % names.length]!} ${city}`, mcc, category, ticket, place }));
    });
  }
  const landlords = PLACES.slice(0, HOME_PLACES).map(({ city }, place) =>
    add({ name: `${city} Homes`, mcc: '6513', category: 'rent', ticket: [300, 3_000], place }),
  );
  const highRisk = HIGH_RISK.map((shop) => add({ ...shop, place: null }));
  const unclassified = [1, 2, 3].map((number) =>
    add({ name: `Merchant ${9_000 + number}`, mcc: null, category: 'unclassified', ticket: [5, 90], place: null }),
  );
  return { shops, local, online, landlords, highRisk, unclassified };
}
