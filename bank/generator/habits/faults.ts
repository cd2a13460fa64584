// Faults in the data of single movements, labelled: the money stays right, the description of it does not.

import type { Random } from '../random.ts';
import type { FaultKind, Intent } from '../world/intent.ts';
import type { ShopDirectory } from '../world/shops.ts';
import { DAY_MS, HOUR_MS } from './clock.ts';

const KINDS: readonly FaultKind[] = ['late_arrival', 'future_event_time', 'unclassified_merchant', 'garbled_description'];
const GARBLED = ['CAF\u00c3\u00a9 PARIS', '  ', 'PAYMENT\t\t00000', '\u202epayment', 'POS 12\uFFFD34', 'NULL', '-'];

/** The intent, with a fault in one of `rate`. */
export function withFaults(random: Random, intent: Intent, rate: number, { unclassified }: ShopDirectory): Intent {
  if (!random.chance(rate)) return intent;
  const fault = random.pick(KINDS);
  switch (fault) {
    case 'late_arrival':
      return { ...intent, fault, eventAt: intent.at - random.int(2 * DAY_MS, 20 * DAY_MS) };
    case 'future_event_time':
      return { ...intent, fault, eventAt: intent.at + random.int(HOUR_MS, 30 * HOUR_MS) };
    case 'unclassified_merchant':
      return intent.shop === undefined ? intent : { ...intent, fault, shop: random.pick(unclassified) };
    case 'garbled_description':
      return { ...intent, fault, description: random.pick(GARBLED) };
  }
}
