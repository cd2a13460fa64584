// Shopping: how often, where, when, for how much, with what; and what becomes of it (declined, held first, returned later).

import type { Random } from '../random.ts';
import { inCurrency, type Citizen, type Persona } from '../world/citizens.ts';
import type { Intent } from '../world/intent.ts';
import { HOME_PLACES, PLACES } from '../world/places.ts';
import type { SeededWorld } from '../world/population.ts';
import type { ShopDirectory } from '../world/shops.ts';
import { countOf, STREAM, streamOf, weighted } from '../world/streams.ts';
import { DAY_MS, HOUR_MS, shoppingTime, WEEK_RHYTHM, type LocalDay } from './clock.ts';

const DAILY: Readonly<Record<Persona, number>> = { worker: 2.1, freelancer: 2.2, student: 1.9, retired: 1.5 };
const CATEGORIES = [
  'groceries',
  'restaurants',
  'fuel',
  'transport',
  'pharmacy',
  'clothing',
  'books',
  'cinema',
  'electronics',
  'airlines',
  'hotels',
  'gaming',
];
const CATEGORY_WEIGHTS = [30, 24, 9, 13, 6, 4, 4, 3, 1.5, 0.4, 0.4, 3];
const HELD = new Set(['fuel', 'hotels', 'airlines']);
const TRAVEL_CHANCE_A_MONTH = 0.12;
const TRIP_DAYS = 5;
/** Per purchase. */
const DECLINE_CHANCE = 0.012;
const REFUND_CHANCE = 0.02;

/** Where the customer is on a day: a place to shop at, or null while travelling (nothing is bought in person). */
export function whereabouts(seed: number, citizen: Citizen, day: LocalDay): number | null {
  const random = streamOf(seed, STREAM.month, citizen.index, day.month);
  if (!random.chance(TRAVEL_CHANCE_A_MONTH)) return citizen.home;
  const first = random.int(3, 20);
  const away = random.pick([...PLACES.keys()].filter((place) => place !== citizen.home));
  const since = day.dayOfMonth - first;
  if (since < 0 || since > TRIP_DAYS) return citizen.home;
  return since === 0 || since === TRIP_DAYS ? null : away;
}

export function shopping(random: Random, citizen: Citizen, day: LocalDay, world: SeededWorld): Intent[] {
  const place = whereabouts(world.seed, citizen, day);
  const count = countOf(random, (DAILY[citizen.persona] * WEEK_RHYTHM[day.weekday]!) / 100);
  const bought: Intent[] = [];
  for (let made = 0; made < count; made += 1) {
    const intent = purchase(random, citizen, { day, place }, world.directory);
    if (intent !== null) bought.push(intent);
  }
  return bought;
}

function purchase(
  random: Random,
  citizen: Citizen,
  { day, place }: { day: LocalDay; place: number | null },
  directory: ShopDirectory,
): Intent | null {
  const category = CATEGORIES[weighted(random, CATEGORY_WEIGHTS)]!;
  const inPerson = place === null ? [] : (directory.local.get(`${place} ${category}`) ?? []);
  const online = directory.online.get(category) ?? [];
  const remote = inPerson.length === 0 || (online.length > 0 && random.chance(0.5));
  const shops = remote ? online : inPerson;
  if (shops.length === 0) return null;
  // A customer has a usual shop of each kind.
  const shop = random.chance(0.7) ? shops[citizen.index % shops.length]! : random.pick(shops);
  const at = shoppingTime(random, localTo(day, place, citizen), citizen.nightOwl);
  const byCard = !remote && random.chance(0.8);
  const onCredit = citizen.credit !== null && random.chance(0.35);
  return {
    kind: 'intent',
    at,
    account: onCredit ? citizen.credit : citizen.checking,
    type: 'PURCHASE',
    amount: ticket(random, citizen, directory.shops[shop]!.ticket),
    shop,
    channel: remote ? 'online' : byCard ? 'card' : 'wallet',
    description: directory.shops[shop]!.name,
    short: 'decline',
    ...(byCard ? {} : { device: random.pick(citizen.devices) }),
    ...afterwards(random, category),
  };
}

/** The clock is that of the place where the customer is. */
function localTo(day: LocalDay, place: number | null, citizen: Citizen): LocalDay {
  const here = place ?? citizen.home;
  if (here === citizen.home) return day;
  return { ...day, startMs: day.startMs + (PLACES[citizen.home]!.utcOffsetMinutes - PLACES[here]!.utcOffsetMinutes) * 60_000 };
}

function afterwards(random: Random, category: string): Pick<Intent, 'declined' | 'hold' | 'refund'> {
  if (random.chance(DECLINE_CHANCE)) return { declined: true };
  if (random.chance(HELD.has(category) ? 0.5 : 0.02))
    return { hold: { afterMs: random.int(HOUR_MS, 40 * HOUR_MS), posts: random.chance(0.92) } };
  if (random.chance(REFUND_CHANCE))
    return { refund: { afterMs: random.int(DAY_MS, 14 * DAY_MS), percent: random.pick([100, 100, 100, 50]) } };
  return {};
}

/** Small tickets are common, large ones rare. */
export function ticket(random: Random, citizen: Citizen, [min, max]: readonly [number, number]): bigint {
  const unit = random.unit();
  const cents = min * 100 + Math.floor((max - min) * 100 * unit * unit);
  return inCurrency(citizen.currency, Math.max(50, Math.floor((cents * citizen.thrift) / 100)));
}

/** Places to which nobody has to fly: used by frauds that need a far one. */
export function farFrom(home: number): number[] {
  return [...PLACES.keys()].filter((place) => place >= HOME_PLACES && PLACES[place]!.region !== PLACES[home]!.region);
}
