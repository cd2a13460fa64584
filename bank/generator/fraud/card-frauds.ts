// Frauds with a card or a stolen log-in. Each function states the property that its movements have.

import { farFrom } from '../habits/shopping.ts';
import type { Planned } from '../world/intent.ts';
import type { Scene } from './scene.ts';

type Plan = readonly Planned[] | null;

/** Six or more purchases below 3 dollars at different shops within 20 minutes, some declined, then one of 150 or more within the hour. */
export function cardTesting(scene: Scene): Plan {
  if (!scene.has(scene.victim.checking, 400)) return null;
  const device = scene.newDevice();
  const probes = scene.random.int(6, 10);
  for (let probe = 0; probe < probes; probe += 1) {
    const declined = probe % 3 === 2 ? { declined: true as const } : {};
    scene.at(probe * 2, 'probe', { type: 'PURCHASE', amount: scene.cents(50, 299), shop: scene.onlineShop(), device, ...declined });
  }
  scene.at(25 + scene.random.int(0, 30), 'strike', {
    type: 'PURCHASE',
    amount: scene.major(150, 390),
    shop: scene.onlineShop('electronics'),
    device,
  });
  return scene.planned;
}

/** A device never seen before, and within the hour a purchase of 300 dollars or more with it. */
export function newDeviceHighAmount(scene: Scene): Plan {
  if (!scene.has(scene.victim.checking, 500)) return null;
  const device = scene.newDevice();
  const amount = scene.major(350, 480);
  scene.at(scene.random.int(3, 50), 'strike', { type: 'PURCHASE', amount, shop: scene.onlineShop('electronics'), device });
  return scene.planned;
}

/** Two purchases in person, in cities so far apart that the way between them would have been faster than 900 km/h. */
export function impossibleTravel(scene: Scene): Plan {
  const { victim, random } = scene;
  if (!scene.has(victim.checking, 300)) return null;
  scene.at(0, 'at home', {
    type: 'PURCHASE',
    amount: scene.cents(800, 3_000),
    shop: scene.localShop(victim.home, 'groceries'),
    channel: 'card',
  });
  const far = random.pick(farFrom(victim.home));
  const shop = scene.localShop(far, 'clothing');
  scene.at(random.int(20, 60), 'far away', { type: 'PURCHASE', amount: scene.major(60, 200), shop, channel: 'card' });
  return scene.planned;
}

/** Eight or more declined purchases within 15 minutes. */
export function declineBurst(scene: Scene): Plan {
  const device = scene.random.pick(scene.victim.devices);
  const tries = scene.random.int(8, 12);
  for (let at = 0; at < tries; at += 1)
    scene.at(at + scene.random.unit() / 2, 'declined', {
      type: 'PURCHASE', amount: scene.major(40, 300), shop: scene.onlineShop('gaming'), device, declined: true,
    }); // prettier-ignore
  return scene.planned;
}

/** Ten or more posted purchases within 30 minutes. */
export function velocity(scene: Scene): Plan {
  if (!scene.has(scene.victim.checking, 600)) return null;
  const device = scene.random.pick(scene.victim.devices);
  const count = scene.random.int(10, 14);
  for (let at = 0; at < count; at += 1)
    scene.at(at * 2 + scene.random.unit(), 'spree', { type: 'PURCHASE', amount: scene.major(5, 35), shop: scene.onlineShop(), device });
  return scene.planned;
}

/** Purchases at six or more different shops in three hours, each a shop in a city where the customer does not live. */
export function newMerchantBurst(scene: Scene): Plan {
  const { victim, random } = scene;
  if (!scene.has(victim.checking, 500)) return null;
  const [place] = farFrom(victim.home);
  const kinds = ['groceries', 'restaurants', 'fuel', 'pharmacy', 'clothing', 'books', 'cinema'];
  kinds.forEach(
    (kind, index) =>
    scene.at(index * 24 + random.int(0, 10), 'stranger', {
      type: 'PURCHASE', amount: scene.major(15, 60), shop: scene.localShop(place!, kind), channel: 'wallet', device: victim.devices[0]!,
    }), // prettier-ignore
  );
  return scene.planned;
}

/** Four or more purchases in high-risk categories (gambling, crypto, money transfer) within six hours. */
export function highRiskMerchants(scene: Scene): Plan {
  const { victim, random } = scene;
  if (!scene.has(victim.checking, 500)) return null;
  const count = random.int(4, 6);
  for (let at = 0; at < count; at += 1)
    scene.at(at * 50 + random.int(0, 40), 'high risk', {
      type: 'PURCHASE', amount: scene.major(30, 80), shop: random.pick(scene.stage.world.directory.highRisk), device: victim.devices[0]!,
    }); // prettier-ignore
  return scene.planned;
}

/** The same amount at the same shop twice within two minutes. */
export function duplicateCharge(scene: Scene): Plan {
  if (!scene.has(scene.victim.checking, 300)) return null;
  const charge = {
    type: 'PURCHASE' as const,
    amount: scene.cents(2_000, 12_000),
    shop: scene.localShop(scene.victim.home, 'clothing'),
    channel: 'card' as const,
  };
  scene.at(0, 'charge', charge);
  scene.at(0.5 + scene.random.unit(), 'duplicate', charge);
  return scene.planned;
}

/** Five or more purchases within ten days, every one returned in full. */
export function refundAbuse(scene: Scene): Plan {
  const { random, victim } = scene;
  if (!scene.has(victim.checking, 400)) return null;
  const count = random.int(5, 7);
  for (let at = 0; at < count; at += 1)
    scene.at(at * 2_000 + random.int(0, 300), 'purchase', {
      type: 'PURCHASE', amount: scene.major(20, 150), shop: scene.onlineShop('clothing'), device: victim.devices[0]!, short: 'skip',
      refund: { afterMs: random.int(2, 20) * 3_600_000, percent: 100 },
    }); // prettier-ignore
  return scene.planned;
}

/** Three or more purchases between two and five at night by somebody who never shops then. */
export function offHours(scene: Scene): Plan {
  const { random, victim } = scene;
  if (victim.nightOwl || !scene.has(victim.checking, 300)) return null;
  const count = random.int(3, 4);
  for (let at = 0; at < count; at += 1)
    scene.at(at * 35 + random.int(0, 20), 'at night', {
      type: 'PURCHASE',
      amount: scene.major(20, 70),
      shop: scene.onlineShop('electronics'),
      device: victim.devices[0]!,
    });
  return scene.planned;
}
