// When which fraud happens to whom: a number of episodes a day in proportion to the activity, every typology in turn.

import type { Random } from '../random.ts';
import type { Citizen } from '../world/citizens.ts';
import type { Planned } from '../world/intent.ts';
import type { SeededWorld } from '../world/population.ts';
import { countOf, STREAM, streamOf } from '../world/streams.ts';
import { DAY_MS, HOUR_MS, localDay } from '../habits/clock.ts';
import * as card from './card-frauds.ts';
import * as money from './money-frauds.ts';
import { Scene, type Typology } from './scene.ts';

/** Every typology by its name in the truth files, with the local hours between which it begins. */
export const TYPOLOGIES: Readonly<Record<string, { readonly plan: Typology; readonly hours: readonly [number, number] }>> = {
  card_testing: { plan: card.cardTesting, hours: [0, 23] },
  structuring: { plan: money.structuring, hours: [9, 14] },
  rapid_in_out: { plan: money.rapidInOut, hours: [8, 18] },
  circular_flow: { plan: money.circularFlow, hours: [8, 20] },
  dormant_reactivation: { plan: money.dormantReactivation, hours: [8, 22] },
  new_device_high_amount: { plan: card.newDeviceHighAmount, hours: [8, 23] },
  impossible_travel: { plan: card.impossibleTravel, hours: [9, 20] },
  mule_fan_in: { plan: money.muleFanIn, hours: [6, 10] },
  mule_fan_out: { plan: money.muleFanOut, hours: [8, 18] },
  refund_abuse: { plan: card.refundAbuse, hours: [9, 18] },
  duplicate_charge: { plan: card.duplicateCharge, hours: [10, 20] },
  account_takeover: { plan: money.accountTakeover, hours: [0, 6] },
  decline_burst: { plan: card.declineBurst, hours: [0, 23] },
  velocity: { plan: card.velocity, hours: [8, 23] },
  new_merchant_burst: { plan: card.newMerchantBurst, hours: [9, 18] },
  high_risk_merchants: { plan: card.highRiskMerchants, hours: [18, 23] },
  round_amounts: { plan: money.roundAmounts, hours: [8, 18] },
  off_hours: { plan: card.offHours, hours: [2, 3] },
};

/** What a customer does in a day, and movements of a usual episode: together they turn a share of movements into episodes a day. */
const MOVEMENTS_A_CUSTOMER_DAY = 2.5;
const MOVEMENTS_AN_EPISODE = 6;
const CANDIDATES = 30;
const OTHERS = 14;
/** Dormant accounts have slept at least so long when the history begins (see Citizen.memberDays). */
const REST_DAYS = 30;

export interface EpisodeSource {
  readonly world: SeededWorld;
  /** Share of movements that belong to frauds, 0 to 1. */
  readonly rate: number;
  readonly available: (account: number) => bigint;
  readonly nextDevice: () => number;
}

export class Episodes {
  readonly #source: EpisodeSource;
  readonly #names = Object.keys(TYPOLOGIES);
  /** Until which day a customer is left alone, so that episodes do not mix. */
  readonly #busyUntil = new Map<number, number>();
  #told = 0;

  constructor(source: EpisodeSource) {
    this.#source = source;
  }

  /** What the episodes that begin on `dayNumber` do. */
  begin(dayNumber: number): Planned[] {
    const { world, rate } = this.#source;
    const random = streamOf(world.seed, STREAM.episodes, dayNumber);
    const mean = (world.citizens.length * MOVEMENTS_A_CUSTOMER_DAY * rate) / MOVEMENTS_AN_EPISODE;
    const count = rate === 0 ? 0 : countOf(random, mean);
    return Array.from({ length: count }, () => this.#episode(random, dayNumber)).flat();
  }

  #episode(random: Random, dayNumber: number): readonly Planned[] {
    const { world } = this.#source;
    const typology = this.#names[this.#told % this.#names.length]!;
    for (let candidate = 0; candidate < CANDIDATES; candidate += 1) {
      const victim = this.#candidate(random, typology, dayNumber);
      if (victim === undefined) continue;
      const others = this.#othersOf(random, victim, dayNumber);
      const { plan, hours } = TYPOLOGIES[typology]!;
      // The day after: what a customer east of Greenwich does on this day has begun already.
      const day = localDay(dayNumber + 1, victim.home);
      const startMs = day.startMs + random.int(hours[0] * HOUR_MS, hours[1] * HOUR_MS);
      const episode = `F${String(this.#told + 1).padStart(6, '0')}`;
      const stage = { world, random, episode, typology, startMs, victim, others, ...this.#cast() };
      const planned = plan(new Scene(stage));
      if (planned === null) continue;
      this.#told += 1;
      this.#rest(planned, dayNumber);
      return planned;
    }
    // Nobody suits this typology today: the next one has its turn.
    this.#names.push(...this.#names.splice(this.#told % this.#names.length, 1));
    return [];
  }

  #cast(): Pick<EpisodeSource, 'available' | 'nextDevice'> {
    return { available: this.#source.available, nextDevice: this.#source.nextDevice };
  }

  #candidate(random: Random, typology: string, dayNumber: number): Citizen | undefined {
    const { citizens } = this.#source.world;
    const dormant = typology === 'dormant_reactivation';
    const first = random.int(0, citizens.length - 1);
    const suits = (citizen: Citizen): boolean => citizen.dormant === dormant && this.#isFree(citizen, dayNumber);
    if (!dormant) return suits(citizens[first]!) ? citizens[first] : undefined;
    return [...citizens.slice(first), ...citizens.slice(0, first)].find(suits);
  }

  #isFree(citizen: Citizen, dayNumber: number): boolean {
    return (this.#busyUntil.get(citizen.index) ?? 0) <= dayNumber;
  }

  #othersOf(random: Random, victim: Citizen, dayNumber: number): Citizen[] {
    const { world } = this.#source;
    const found = new Set<Citizen>();
    for (let tries = 0; tries < OTHERS * 4 && found.size < OTHERS; tries += 1) {
      const other =
        world.citizens[victim.community + world.communities * random.int(0, Math.ceil(world.citizens.length / world.communities) - 1)];
      if (other === undefined || other === victim || other.dormant || other.currency !== victim.currency) continue;
      if (this.#isFree(other, dayNumber)) found.add(other);
    }
    return [...found];
  }

  #rest(planned: readonly Planned[], dayNumber: number): void {
    for (const one of planned) {
      if (one.kind !== 'intent') continue;
      const until = Math.max(dayNumber + 3, Math.ceil(one.at / DAY_MS) + 2);
      const { customer } = this.#source.world.accounts[one.account]!;
      // A dormant account that was woken stays out of the play for good.
      const wakened = this.#source.world.citizens[customer]!.dormant;
      this.#busyUntil.set(customer, wakened ? Infinity : Math.min(until, dayNumber + REST_DAYS));
    }
  }
}
