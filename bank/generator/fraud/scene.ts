// What a typology is given to work with, and short ways to say what happens in it.

import { DEVICE_KINDS } from '../catalogue.ts';
import type { Random } from '../random.ts';
import { fingerprintOf, inCurrency, type Citizen } from '../world/citizens.ts';
import type { Intent, Planned } from '../world/intent.ts';
import type { SeededWorld } from '../world/population.ts';
import { MINUTE_MS } from '../habits/clock.ts';

export interface Stage {
  readonly world: SeededWorld;
  readonly random: Random;
  /** Name of the episode. */
  readonly episode: string;
  readonly typology: string;
  /** When it begins. */
  readonly startMs: number;
  readonly victim: Citizen;
  /** Other customers of the victim's community with the same currency, no two the same. */
  readonly others: readonly Citizen[];
  /** Minor units the account could spend when the episode was planned. */
  readonly available: (account: number) => bigint;
  /** Takes a new device's number. */
  readonly nextDevice: () => number;
}

/** Plans an episode; null when victim and others do not suit it. */
export type Typology = (scene: Scene) => readonly Planned[] | null;

type Details = Pick<Intent, 'type' | 'amount'> & Partial<Omit<Intent, 'kind' | 'at' | 'label' | 'type' | 'amount'>>;

/** A stage with a cast: builds labelled intents at minutes after the start. */
export class Scene {
  readonly stage: Stage;
  readonly planned: Planned[] = [];

  constructor(stage: Stage) {
    this.stage = stage;
  }

  get random(): Random {
    return this.stage.random;
  }

  get victim(): Citizen {
    return this.stage.victim;
  }

  /** Whole units of a dollar (or 80 rupees) between `from` and `to`, in minor units. */
  major(from: number, to: number): bigint {
    return inCurrency(this.victim.currency, this.random.int(from, to) * 100);
  }

  cents(from: number, to: number): bigint {
    return inCurrency(this.victim.currency, this.random.int(from, to));
  }

  has(account: number, usMajor: number): boolean {
    return this.stage.available(account) >= inCurrency(this.victim.currency, usMajor * 100);
  }

  /** Adds a movement; of the victim's checking account unless `details` names another. */
  at(minutes: number, role: string, details: Details): void {
    const { episode, typology, startMs } = this.stage;
    this.planned.push({
      kind: 'intent',
      at: startMs + Math.floor(minutes * MINUTE_MS),
      account: this.victim.checking,
      channel: 'online',
      description: details.shop === undefined ? role : this.stage.world.directory.shops[details.shop]!.name,
      short: 'shrink',
      ...details,
      label: { episode, typology, role },
    });
  }

  /** A device that the customer has never used, known from the start of the episode. */
  newDevice(): number {
    const { episode, typology, startMs } = this.stage;
    const device = this.stage.nextDevice();
    const plan = { customer: this.victim.index, ...this.random.pick(DEVICE_KINDS), fingerprint: fingerprintOf(this.random) };
    this.planned.push({ kind: 'device', at: startMs - 1_000, device, plan, label: { episode, typology, role: 'device' } });
    return device;
  }

  onlineShop(category?: string): number {
    const { online } = this.stage.world.directory;
    return this.random.pick(online.get(category ?? this.random.pick([...online.keys()]))!);
  }

  localShop(place: number, category: string): number {
    return this.random.pick(this.stage.world.directory.local.get(`${place} ${category}`)!);
  }
}
