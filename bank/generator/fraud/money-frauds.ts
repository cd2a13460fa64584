// Frauds that move money between accounts. Each function states the property that its movements have.

import type { Citizen } from '../world/citizens.ts';
import type { Planned } from '../world/intent.ts';
import type { Scene } from './scene.ts';

type Plan = readonly Planned[] | null;

const HOUR = 60;
const DAY = 24 * HOUR;

/** Four or more cash deposits of 9,000 to 9,990 dollars (times 80 in rupees) within three days: each just under 10,000. */
export function structuring(scene: Scene): Plan {
  const count = scene.random.int(4, 6);
  for (let at = 0; at < count; at += 1)
    scene.at(at * 12 * HOUR + scene.random.int(0, 5 * HOUR), 'deposit', {
      type: 'DEPOSIT', amount: scene.major(900, 999) * 10n, channel: 'branch', description: 'cash deposit',
    }); // prettier-ignore
  return scene.planned;
}

/** A deposit of which 95 % or more is gone within six hours. */
export function rapidInOut(scene: Scene): Plan {
  const [mule] = scene.stage.others;
  if (mule === undefined) return null;
  const amount = scene.major(2_000, 9_000);
  scene.at(0, 'in', { type: 'DEPOSIT', amount, channel: 'transfer', description: 'incoming transfer' });
  scene.at(scene.random.int(10, 90), 'out', { type: 'TRANSFER', amount: (amount * 60n) / 100n, counter: mule.checking, short: 'skip' });
  scene.at(scene.random.int(100, 300), 'out', { type: 'WITHDRAWAL', amount: (amount * 37n) / 100n, channel: 'atm', short: 'skip' });
  return scene.planned;
}

/** A to B to C to A within 72 hours, each leg 94 % or more of the one before. */
export function circularFlow(scene: Scene): Plan {
  const [b, c] = scene.stage.others;
  if (b === undefined || c === undefined) return null;
  const a = scene.victim;
  const first = scene.major(1_000, 6_000);
  scene.at(0, 'funding', { type: 'DEPOSIT', amount: first, channel: 'transfer', description: 'incoming transfer' });
  const leg = (hours: number, from: Citizen, to: Citizen, amount: bigint): void =>
    scene.at(hours * HOUR + scene.random.int(1, 50), 'leg', {
      type: 'TRANSFER',
      account: from.checking,
      counter: to.checking,
      amount,
      short: 'skip',
    });
  leg(0, a, b, first);
  leg(scene.random.int(3, 20), b, c, (first * 97n) / 100n);
  leg(scene.random.int(24, 60), c, a, (first * 94n) / 100n);
  return scene.planned;
}

/** An account silent for 30 days or more, then within three hours a new device and most of its money gone. */
export function dormantReactivation(scene: Scene): Plan {
  const [mule] = scene.stage.others;
  if (!scene.victim.dormant || mule === undefined || !scene.has(scene.victim.checking, 200)) return null;
  const device = scene.newDevice();
  scene.at(2, 'first sign', { type: 'PURCHASE', amount: scene.major(2, 9), shop: scene.onlineShop('streaming'), device });
  scene.at(scene.random.int(20, 60), 'drain', { type: 'TRANSFER', amount: { ppm: 550_000 }, counter: mule.checking, device });
  scene.at(scene.random.int(70, 170), 'drain', { type: 'WITHDRAWAL', amount: { ppm: 700_000 }, channel: 'atm' });
  return scene.planned;
}

/** A new device, then within two hours three movements that take 80 % or more of the account. */
export function accountTakeover(scene: Scene): Plan {
  const [mule] = scene.stage.others;
  if (mule === undefined || !scene.has(scene.victim.checking, 800)) return null;
  const device = scene.newDevice();
  scene.at(3, 'drain', { type: 'TRANSFER', amount: { ppm: 500_000 }, counter: mule.checking, device });
  scene.at(scene.random.int(10, 40), 'drain', {
    type: 'PURCHASE',
    amount: { ppm: 500_000 },
    shop: scene.random.pick(scene.stage.world.directory.highRisk),
    device,
  });
  scene.at(scene.random.int(60, 110), 'drain', { type: 'TRANSFER', amount: { ppm: 800_000 }, counter: mule.checking, device });
  return scene.planned;
}

/** Five or more customers pay one account within a day; then it is emptied. */
export function muleFanIn(scene: Scene): Plan {
  const senders = scene.stage.others.filter(({ checking }) => scene.has(checking, 400)).slice(0, 9);
  if (senders.length < 7) return null;
  senders.forEach(
    (sender, index) =>
    scene.at(index * 2 * HOUR + scene.random.int(0, HOUR), 'in', {
      type: 'TRANSFER', account: sender.checking, counter: scene.victim.checking, amount: scene.major(100, 250), short: 'skip',
    }), // prettier-ignore
  );
  scene.at(DAY, 'out', { type: 'WITHDRAWAL', amount: { ppm: 900_000 }, channel: 'atm' });
  return scene.planned;
}

/** One deposit, spread to five or more customers within four hours. */
export function muleFanOut(scene: Scene): Plan {
  const receivers = scene.stage.others.slice(0, scene.random.int(6, 9));
  if (receivers.length < 6) return null;
  const amount = scene.major(3_000, 9_000);
  scene.at(0, 'in', { type: 'DEPOSIT', amount, channel: 'transfer', description: 'incoming transfer' });
  receivers.forEach(
    (receiver, index) =>
    scene.at(10 + index * 25 + scene.random.int(0, 10), 'out', {
      type: 'TRANSFER', counter: receiver.checking, amount: (amount * 95n) / (100n * BigInt(receivers.length)), short: 'skip',
    }), // prettier-ignore
  );
  return scene.planned;
}

/** Four or more transfers of whole hundreds within a day. */
export function roundAmounts(scene: Scene): Plan {
  const [receiver] = scene.stage.others;
  if (receiver === undefined) return null;
  scene.at(0, 'funding', { type: 'DEPOSIT', amount: scene.major(2_500, 2_500), channel: 'transfer', description: 'incoming transfer' });
  const count = scene.random.int(4, 5);
  for (let at = 0; at < count; at += 1)
    scene.at(30 + at * 200 + scene.random.int(0, 60), 'round', {
      type: 'TRANSFER',
      counter: receiver.checking,
      amount: scene.major(2, 5) * 100n,
      short: 'skip',
    });
  return scene.planned;
}
