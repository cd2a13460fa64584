// The whole seeded world as one stream of events in order of time. Pure: it follows from seed, size and span alone, and is made while it
// is read, so memory holds a few days of plans whatever the span.

import type { Planned } from './intent.ts';
import type { WorldEvent } from './event.ts';
import type { SeededWorld } from './population.ts';
import { Schedule } from './schedule.ts';
import { STREAM, streamOf } from './streams.ts';
import { Teller } from './teller.ts';
import { withFaults } from '../habits/faults.ts';
import { planDay } from '../habits/day.ts';
import { newPhone } from '../habits/sundries.ts';
import { between, DAY_MS, localDay } from '../habits/clock.ts';
import { Episodes } from '../fraud/episodes.ts';

export interface Span {
  /** Milliseconds since 1970; the first event is not before it. */
  readonly fromMs: number;
  /** The last event is before it; Infinity: no end. */
  readonly untilMs: number;
  /** Share of movements that belong to frauds. */
  readonly fraudRate: number;
  /** Share of movements with a fault in their data. */
  readonly faultRate: number;
}

/** Events of `span`, in order. The stream of a longer span begins with that of a shorter one. */
export function* planEvents(world: SeededWorld, span: Span): Generator<WorldEvent, void, undefined> {
  const schedule = new Schedule();
  const teller = new Teller(world);
  const later = (planned: Planned): void => schedule.add(planned);
  let devices = world.devices.length;
  const nextDevice = (): number => devices++;
  const episodes = new Episodes({ world, rate: span.fraudRate, available: (account) => teller.available(account), nextDevice });
  const first = Math.floor(span.fromMs / DAY_MS);
  addDay(first, { world, span, later, nextDevice });
  for (let day = first; day * DAY_MS < span.untilMs; day += 1) {
    // Clocks differ by up to half a day, so tomorrow's plans must be known before today ends.
    addDay(day + 1, { world, span, later, nextDevice });
    for (const planned of episodes.begin(day)) later(planned);
    const end = Math.min((day + 1) * DAY_MS, span.untilMs);
    while (schedule.nextAt < end) {
      const event = teller.apply(schedule.take(), later);
      if (event !== null) yield event;
    }
  }
}

interface DayContext {
  readonly world: SeededWorld;
  readonly span: Span;
  readonly later: (planned: Planned) => void;
  readonly nextDevice: () => number;
}

function addDay(day: number, { world, span, later, nextDevice }: DayContext): void {
  for (const citizen of world.citizens) {
    const faults = streamOf(world.seed, STREAM.faults, citizen.index, day);
    for (const intent of planDay(world, citizen, day))
      if (intent.at >= span.fromMs) later(withFaults(faults, intent, span.faultRate, world.directory));
    const plan = newPhone(faults, citizen);
    const at = between(faults, localDay(day, citizen.home), 8, 20);
    if (plan !== null && at >= span.fromMs) later({ kind: 'device', at, device: nextDevice(), plan });
  }
}
