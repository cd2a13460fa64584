// For every rule of cards and habits: movements that are just enough, movements that are one step short, and one that comes late.

import { times, type Movement } from './testkit.ts';

export interface RuleCase {
  readonly rule: string;
  /** Just enough: every threshold is met exactly where it can be. */
  readonly fires: readonly Movement[];
  /** The movement that the alert is of. */
  readonly trigger: string;
  /** One step short, by what is short. */
  readonly quiet: Readonly<Record<string, readonly Movement[]>>;
  /** Movement of `fires` without which there is no alert; it comes last. Or one that takes the reason away when it comes. */
  readonly late: string | Movement;
}

export const DAY = 1_440;

/** Purchases once a day before the day of the test. */
const history = (count: number, more: Partial<Movement> = {}, firstDay = 2): Movement[] =>
  times(count, (n) => ({ id: `h${n}`, minute: -(n + firstDay) * DAY, ...more }));
const row = (id: string, minute: number, more: Partial<Movement> = {}): Movement => ({ id, minute, ...more });
const tiny = times(3, (n) => row(`t${n}`, n, { amount: 5 }));
const there = { channel: 'card', latitude: 40.71, longitude: -74.01 };
const london = { channel: 'card', latitude: 51.51, longitude: -0.13 };
const strangers = (count: number, last = 179.9): Movement[] =>
  times(count, (n) => row(`t${n}`, n === count - 1 ? last : n * 10, { merchant_id: `m${10 + n}` }));
const refunds = (count: number, last = 25): Movement[] => [
  ...times(4, (n) => row(`p${n}`, n, { amount: 100 })),
  ...times(count, (n) => row(`r${n}`, 100 + n, { type: 'REFUND', direction: 'credit', amount: n === count - 1 ? last : 25 })),
];
const night = (more: Partial<Movement> = {}): Movement[] => [row('t1', 900, more), row('t2', 930, more)];
const bets = (count: number, more: Partial<Movement> = {}): Movement[] =>
  times(count, (n) => row(`t${n}`, n * 100, { mcc: '7995', ...more }));

export const HABIT_CASES: readonly RuleCase[] = [
  {
    rule: 'velocity_count',
    fires: times(10, (n) => row(`t${n}`, n === 9 ? 29.99 : n * 3)),
    trigger: 't9',
    quiet: {
      'nine payments': times(9, (n) => row(`t${n}`, n * 3)),
      'the first one half an hour ago': times(10, (n) => row(`t${n}`, n === 9 ? 30 : n * 3)),
    },
    late: 't3',
  },
  {
    rule: 'velocity_amount',
    fires: [...history(10, { amount: 10 }), ...times(3, (n) => row(`t${n}`, n * 10, { amount: 1_000 }))],
    trigger: 't2',
    quiet: {
      'a cent less': [...history(10, { amount: 10 }), ...times(3, (n) => row(`t${n}`, n * 10, { amount: n === 2 ? 999.99 : 1_000 }))],
      'nine payments in the history': [...history(9, { amount: 10 }), ...times(3, (n) => row(`t${n}`, n * 10, { amount: 1_000 }))],
      'two payments': [...history(10, { amount: 10 }), ...times(2, (n) => row(`t${n}`, n * 10, { amount: 2_000 }))],
    },
    late: 't1',
  },
  {
    rule: 'amount_over_history',
    fires: [...history(10), row('t1', 0, { amount: 200 })],
    trigger: 't1',
    quiet: {
      'a cent less': [...history(10), row('t1', 0, { amount: 199.99 })],
      'nine payments before': [...history(9), row('t1', 0, { amount: 200 })],
      'not four times the median': [...history(10, { amount: 60 }), row('t1', 0, { amount: 239.99 })],
    },
    late: 'h4',
  },
  {
    rule: 'card_testing',
    fires: [...tiny, row('t9', 59.99, { amount: 100 })],
    trigger: 't9',
    quiet: {
      'a cent less': [...tiny, row('t9', 30, { amount: 99.99 })],
      'a tiny one too large': [...tiny.slice(1), row('t0', 0, { amount: 5.01 }), row('t9', 30, { amount: 100 })],
      'an hour later': [...tiny, row('t9', 60, { amount: 100 })],
      'four probes and no more': times(4, (n) => row(`t${n}`, n, { amount: 1 })),
    },
    late: 't1',
  },
  {
    rule: 'new_device_high_amount',
    fires: [...history(5), row('t1', 0, { device_id: 'd2', amount: 250 })],
    trigger: 't1',
    quiet: {
      'a cent less': [...history(5), row('t1', 0, { device_id: 'd2', amount: 249.99 })],
      'four payments before': [...history(4), row('t1', 0, { device_id: 'd2', amount: 250 })],
      'the device of always': [...history(5), row('t1', 0, { amount: 250 })],
      'a device known for a day': [...history(5), row('t0', -DAY, { device_id: 'd2' }), row('t1', 0, { device_id: 'd2', amount: 250 })],
    },
    late: row('late', -3 * DAY, { device_id: 'd2' }),
  },
  {
    rule: 'impossible_travel',
    fires: [row('t0', 0, there), row('t1', 371, london)],
    trigger: 't1',
    quiet: {
      'a flight': [row('t0', 0, there), row('t1', 372, london)],
      'a purchase online': [row('t0', 0, there), row('t1', 60, { ...london, channel: 'online' })],
      'a place near by': [row('t0', 0, there), row('t1', 1, { ...there, latitude: 43.4 })],
      'a day later': [row('t0', 0, there), row('t1', DAY, { ...there, latitude: -74 })],
    },
    late: 't0',
  },
  {
    rule: 'new_merchant_burst',
    fires: [...history(16), ...strangers(5)],
    trigger: 't4',
    quiet: {
      'four merchants': [...history(16), ...strangers(4)],
      'three hours': [...history(16), ...strangers(5, 180)],
      'fifteen purchases before': [...history(15), ...strangers(5)],
    },
    late: 't2',
  },
  {
    rule: 'refund_ratio',
    fires: refunds(4),
    trigger: 'r3',
    quiet: { 'three refunds': refunds(3, 100), 'a cent less': refunds(4, 24.99) },
    late: 'r1',
  },
  {
    rule: 'duplicate_charge',
    fires: [row('t0', 0), row('t1', 4.99)],
    trigger: 't1',
    quiet: {
      'five minutes': [row('t0', 0), row('t1', 5)],
      'another cent': [row('t0', 0), row('t1', 1, { amount: 20.01 })],
      'another shop': [row('t0', 0), row('t1', 1, { merchant_id: 'm2' })],
      'one declined': [row('t0', 0, { status: 'failed' }), row('t1', 1)],
      'a small charge': [row('t0', 0, { amount: 1.99 }), row('t1', 1, { amount: 1.99 })],
    },
    late: 't0',
  },
  {
    rule: 'off_hours',
    fires: [...history(40), ...night()],
    trigger: 't2',
    quiet: {
      'one purchase': [...history(40), row('t2', 930)],
      '39 purchases before': [...history(39), ...night()],
      'a subscription': [...history(40), ...night({ amount: 9.99 })],
      'somebody who travels': [...history(40), ...night({ channel: 'card' })],
      'somebody who was up before': [...history(40), row('u', 900 - 4 * DAY), ...night()],
    },
    late: 'h7',
  },
  {
    rule: 'decline_burst',
    fires: times(5, (n) => row(`t${n}`, n === 4 ? 29.99 : n, { status: 'failed' })),
    trigger: 't4',
    quiet: {
      'four declined': times(4, (n) => row(`t${n}`, n, { status: 'failed' })),
      'half an hour': times(5, (n) => row(`t${n}`, n === 4 ? 30 : n, { status: 'failed' })),
      'one that went through': times(5, (n) => row(`t${n}`, n, { status: n === 2 ? 'posted' : 'failed' })),
    },
    late: 't2',
  },
  {
    rule: 'high_risk_merchant',
    fires: bets(3),
    trigger: 't2',
    quiet: {
      'two purchases': bets(2),
      'other shops': bets(3, { mcc: '5411' }),
      'a habit': [...history(3, { mcc: '7995' }), ...bets(3)],
    },
    late: 't1',
  },
];
