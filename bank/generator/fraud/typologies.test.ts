// Every labelled fraud has the property that its typology's function states, in the movements that really took place.

import { beforeAll, describe, expect, it } from 'vitest';
import type { DeviceAdded, Movement } from '../world/event.ts';
import { distanceKm, PLACES } from '../world/places.ts';
import { planEvents } from '../world/plan.ts';
import { planPopulation, type SeededWorld } from '../world/population.ts';
import { TYPOLOGIES } from './episodes.ts';

const FROM_MS = Date.parse('2026-08-01T00:00:00Z');
// Room after the last episode's beginning, so that none is cut off.
const SPAN = { fromMs: FROM_MS, untilMs: Date.parse('2026-10-15T00:00:00Z'), fraudRate: 0.03, faultRate: 0 };
const LAST_BEGIN_MS = Date.parse('2026-09-25T00:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Episode {
  readonly movements: Movement[];
  readonly devices: DeviceAdded[];
}

let world: SeededWorld;
let all: Movement[];
const byTypology = new Map<string, Map<string, Episode>>();

beforeAll(() => {
  world = planPopulation(21, 160);
  all = [];
  for (const event of planEvents(world, SPAN)) {
    if (event.kind === 'movement') all.push(event);
    if (event.kind === 'resolution' || event.label === null) continue;
    const episodes = byTypology.get(event.label.typology) ?? new Map<string, Episode>();
    const episode = episodes.get(event.label.episode) ?? { movements: [], devices: [] };
    if (event.kind === 'movement') episode.movements.push(event);
    else episode.devices.push(event);
    byTypology.set(event.label.typology, episodes.set(event.label.episode, episode));
  }
}, 60_000);

function spanOf(movements: readonly Movement[]): number {
  return movements.at(-1)!.at - movements[0]!.at;
}

function posted(movements: readonly Movement[], role?: string): Movement[] {
  return movements.filter(({ status, label }) => status === 'posted' && (role === undefined || label?.role === role));
}

/** Cents of a dollar: rupees are 80 times as many. */
function cents({ amount, currency }: Movement): bigint {
  return currency === 'INR' ? amount / 80n : amount;
}

function sum(movements: readonly Movement[]): bigint {
  return movements.reduce((total, movement) => total + movement.amount, 0n);
}

function placeOf({ shop }: Movement): number {
  return world.directory.shops[shop!]!.place!;
}

const PROPERTIES: Readonly<Record<string, (episode: Episode) => void>> = {
  card_testing: ({ movements }) => {
    const probes = movements.filter(({ label }) => label?.role === 'probe');
    expect(probes.length).toBeGreaterThanOrEqual(6);
    expect(probes.every((probe) => cents(probe) < 300n)).toBe(true);
    expect(spanOf(probes)).toBeLessThanOrEqual(20 * MINUTE);
    expect(probes.some(({ status }) => status === 'failed')).toBe(true);
    const [strike] = posted(movements, 'strike');
    expect(cents(strike!)).toBeGreaterThanOrEqual(15_000n);
    expect(strike!.at - probes.at(-1)!.at).toBeLessThanOrEqual(HOUR);
  },
  structuring: ({ movements }) => {
    expect(movements.length).toBeGreaterThanOrEqual(4);
    for (const movement of movements) {
      expect(cents(movement)).toBeGreaterThanOrEqual(900_000n);
      expect(cents(movement)).toBeLessThan(1_000_000n);
    }
    expect(spanOf(movements)).toBeLessThanOrEqual(72 * HOUR);
  },
  rapid_in_out: ({ movements }) => {
    expect(100n * sum(posted(movements, 'out'))).toBeGreaterThanOrEqual(95n * sum(posted(movements, 'in')));
    expect(spanOf(movements)).toBeLessThanOrEqual(6 * HOUR);
  },
  circular_flow: ({ movements }) => {
    const legs = posted(movements, 'leg');
    expect(legs).toHaveLength(3);
    legs.forEach((leg, index) => {
      expect(leg.counter).toBe(legs[(index + 1) % 3]!.account);
      expect(100n * leg.amount).toBeGreaterThanOrEqual(93n * legs[0]!.amount);
    });
    expect(spanOf(legs)).toBeLessThanOrEqual(72 * HOUR);
  },
  dormant_reactivation: ({ movements, devices }) => {
    const [first] = movements;
    const before = all.filter(({ account, n }) => account === first!.account && n < first!.n);
    expect(before).toEqual([]);
    expect(devices).toHaveLength(1);
    expect(posted(movements, 'drain')).toHaveLength(2);
    expect(spanOf(movements)).toBeLessThanOrEqual(3 * HOUR);
  },
  new_device_high_amount: ({ movements, devices }) => {
    const [strike] = posted(movements);
    expect(strike!.device).toBe(devices[0]!.device);
    expect(strike!.at - devices[0]!.at).toBeLessThanOrEqual(HOUR);
    expect(cents(strike!)).toBeGreaterThanOrEqual(30_000n);
  },
  impossible_travel: ({ movements }) => {
    const [one, other] = posted(movements);
    const km = distanceKm(PLACES[placeOf(one!)]!, PLACES[placeOf(other!)]!);
    expect(km / ((other!.at - one!.at) / HOUR)).toBeGreaterThan(900);
  },
  mule_fan_in: ({ movements }) => {
    const senders = posted(movements, 'in');
    expect(new Set(senders.map(({ account }) => account)).size).toBeGreaterThanOrEqual(5);
    expect(new Set(senders.map(({ counter }) => counter)).size).toBe(1);
    expect(spanOf(senders)).toBeLessThanOrEqual(24 * HOUR);
    expect(posted(movements, 'out')).toHaveLength(1);
  },
  mule_fan_out: ({ movements }) => {
    const out = posted(movements, 'out');
    expect(new Set(out.map(({ counter }) => counter)).size).toBeGreaterThanOrEqual(5);
    expect(10n * sum(out)).toBeGreaterThanOrEqual(8n * sum(posted(movements, 'in')));
    expect(spanOf(movements)).toBeLessThanOrEqual(5 * HOUR);
  },
  refund_abuse: ({ movements }) => {
    const refunds = posted(movements, 'refund');
    expect(refunds.length).toBeGreaterThanOrEqual(3);
    expect(sum(refunds)).toBe(sum(posted(movements, 'purchase')));
    for (const refund of refunds) expect(movements.some(({ n }) => n === refund.reference)).toBe(true);
  },
  duplicate_charge: ({ movements }) => {
    const [one, other] = posted(movements);
    expect([other!.amount, other!.shop, other!.account]).toEqual([one!.amount, one!.shop, one!.account]);
    expect(other!.at - one!.at).toBeLessThanOrEqual(2 * MINUTE);
  },
  account_takeover: ({ movements, devices }) => {
    const drains = posted(movements, 'drain');
    expect(drains).toHaveLength(3);
    expect(drains.every(({ device }) => device === devices[0]!.device)).toBe(true);
    expect(spanOf(drains)).toBeLessThanOrEqual(2 * HOUR);
  },
  decline_burst: ({ movements }) => {
    expect(movements.length).toBeGreaterThanOrEqual(8);
    expect(movements.every(({ status }) => status === 'failed')).toBe(true);
    expect(spanOf(movements)).toBeLessThanOrEqual(15 * MINUTE);
  },
  velocity: ({ movements }) => {
    expect(posted(movements).length).toBeGreaterThanOrEqual(10);
    expect(spanOf(movements)).toBeLessThanOrEqual(30 * MINUTE);
  },
  new_merchant_burst: ({ movements }) => {
    const home = world.citizens[world.accounts[movements[0]!.account]!.customer]!.home;
    expect(new Set(posted(movements).map(({ shop }) => shop)).size).toBeGreaterThanOrEqual(6);
    expect(movements.every((movement) => placeOf(movement) !== home)).toBe(true);
    expect(spanOf(movements)).toBeLessThanOrEqual(3 * HOUR);
  },
  high_risk_merchants: ({ movements }) => {
    const categories = posted(movements).map(({ shop }) => world.directory.shops[shop!]!.category);
    expect(categories.length).toBeGreaterThanOrEqual(4);
    for (const category of categories) expect(['gambling', 'crypto', 'money transfer']).toContain(category);
    expect(spanOf(movements)).toBeLessThanOrEqual(6 * HOUR);
  },
  round_amounts: ({ movements }) => {
    const round = posted(movements, 'round');
    expect(round.length).toBeGreaterThanOrEqual(4);
    for (const movement of round) expect(cents(movement) % 10_000n).toBe(0n);
    expect(spanOf(movements)).toBeLessThanOrEqual(24 * HOUR);
  },
  off_hours: ({ movements }) => {
    expect(posted(movements).length).toBeGreaterThanOrEqual(3);
    const { home } = world.citizens[world.accounts[movements[0]!.account]!.customer]!;
    for (const { at } of movements) {
      const hour = new Date(at + PLACES[home]!.utcOffsetMinutes * MINUTE).getUTCHours();
      expect([2, 3, 4, 5]).toContain(hour);
    }
  },
};

describe('labelled frauds', () => {
  it('are of every typology that is listed, and each typology has its property here', () => {
    expect([...byTypology.keys()].sort()).toEqual(Object.keys(TYPOLOGIES).sort());
    expect(Object.keys(PROPERTIES).sort()).toEqual(Object.keys(TYPOLOGIES).sort());
  });

  it('are about as many as asked for', () => {
    const labelled = all.filter(({ label }) => label !== null).length / all.length;
    expect(labelled).toBeGreaterThan(SPAN.fraudRate / 2);
    expect(labelled).toBeLessThan(SPAN.fraudRate * 2);
  });

  it.each(Object.keys(PROPERTIES))('%s', (typology) => {
    const whole = [...byTypology.get(typology)!.values()].filter(({ movements }) => movements[0]!.at < LAST_BEGIN_MS);
    expect(whole.length).toBeGreaterThan(0);
    for (const episode of whole) PROPERTIES[typology]!(episode);
  });
});
