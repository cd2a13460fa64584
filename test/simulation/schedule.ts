// A schedule: what the source does (the cut's own generator) and what happens around it, all drawn from one seed. Nothing else in the
// simulation is random, so that a seed repeats a run exactly and any part of a schedule can be left out.

import fc from 'fast-check';
import { Random } from '../../stream/processor/cut/testing/random.ts';
import { steps, type Step } from '../../stream/processor/cut/testing/steps.ts';

/**
 * emit: Connect reads on in the binlog. write: a batch of one partition reaches Kafka. record: Connect records its offset. fetch: the
 * consumer gets something. rebalance: the consumer joins again and seeks. step: one thing that the processor waits for happens.
 * tick: time passes. kill: the processor dies. powerCut: it dies, and what was not synced is gone. second: another processor starts
 * while the first one goes on. connectKill: Connect dies and goes on from its recorded offset. publishFails: an error inside a
 * publication. backup, restore: a copy of the store is put back later.
 */
export type ActionKind =
  | 'emit'
  | 'write'
  | 'record'
  | 'fetch'
  | 'rebalance'
  | 'step'
  | 'tick'
  | 'kill'
  | 'powerCut'
  | 'second'
  | 'connectKill'
  | 'publish'
  | 'publishFails'
  | 'fold'
  | 'backup'
  | 'restore';

export interface Action {
  readonly kind: ActionKind;
  /** What else the action has to choose, it takes from this number. */
  readonly n: number;
}

export interface Schedule {
  readonly seed: number;
  /** GTID number before the first streamed transaction: the decimal length changes on the way from 7, 99 and 997. */
  readonly base: number;
  readonly plan: readonly Step[];
  readonly batchRowsMax: number;
  readonly stagedRowsMax: number;
  /** The first snapshot is over when the actions begin. */
  readonly warm: boolean;
  readonly actions: readonly Action[];
}

const BASES = [0, 7, 99, 997];
const ACTIONS_MAX = 300;

/** Weights of the actions; the rare ones are in some schedules only. */
const EVERYDAY: readonly (readonly [ActionKind, number])[] = [
  ['emit', 8],
  ['write', 12],
  ['record', 3],
  ['fetch', 22],
  ['step', 34],
  ['tick', 8],
  ['publish', 3],
  ['fold', 1],
  ['rebalance', 1],
];
const TROUBLE: readonly (readonly [ActionKind, number])[] = [
  ['kill', 1.5],
  ['powerCut', 1],
  ['second', 0.4],
  ['connectKill', 1.5],
  ['publishFails', 1],
];
const RESTORING: readonly (readonly [ActionKind, number])[] = [
  ['backup', 1.5],
  ['restore', 1.2],
];

/** The schedule of a seed. */
export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed);
  const [plan = []] = fc.sample(steps, { seed: random.below(2 ** 31), numRuns: 1 });
  const weights = [...EVERYDAY, ...(random.chance(0.9) ? TROUBLE : []), ...(random.chance(0.2) ? RESTORING : [])];
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const actions = Array.from({ length: random.below(ACTIONS_MAX) }, (): Action => {
    let at = random.next() * total;
    const found = weights.find(([, weight]) => (at -= weight) < 0);
    return { kind: found?.[0] ?? 'step', n: random.below(1 << 20) };
  });
  return {
    seed,
    base: random.pick(BASES),
    plan: plan.map(playable),
    batchRowsMax: random.pick([1, 5, 20, 60]),
    stagedRowsMax: random.pick([2, 10, 40, 1_000]),
    warm: random.chance(0.5),
    actions,
  };
}

/** Every topic of Debezium's is read; rows of XA transactions hold their table, which is tested elsewhere. */
function playable(step: Schedule['plan'][number]): Schedule['plan'][number] {
  if (step.kind === 'xa') return { kind: 'nothing' };
  return step.kind === 'transaction' ? { ...step, ignored: 0 } : step;
}

export function actionText({ kind, n }: Action): string {
  return `${kind} ${n}`;
}
