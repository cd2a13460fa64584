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
const refunds = (count: number, last = 15): Movement[] => [
  ...times(4, (n) => row(`p${n}`, n, { amount: 100 })),
  ...times(count, (n) => row(`r${n}`, 100 + n, { type: 'REFUND', direction: 'credit', amount: n === count - 1 ? last : 15 })),
];
/** Purchases with the last of them `span` minutes behind the first. */
const large = (count: number, span: number, amount = 100, more: Partial<Movement> = {}): Movement[] =>
  times(count, (n) => row(`t${span < 0 ? -n - 9 : n}`, span < 0 ? span - n : (n * span) / (count - 1), { amount, ...more }));
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
    fires: [...history(10), row('t1', 0, { amount: 100 })],
    trigger: 't1',
    quiet: {
      'a cent less': [...history(10), row('t1', 0, { amount: 99.99 })],
      'nine payments before': [...history(9), row('t1', 0, { amount: 200 })],
      'not three times the median': [...history(10, { amount: 60 }), row('t1', 0, { amount: 179.99 })],
      'somebody who pays as much now and then': [...history(10), ...large(3, -5 * DAY, 45), row('t1', 0, { amount: 119.99 })],
      'somebody who pays as much for other things': [
        ...history(10),
        ...large(2, -5 * DAY, 90, { category: 'travel' }),
        row('t1', 0, { amount: 119.99 }),
      ],
    },
    late: 'h4',
  },
  {
    rule: 'unusual_spree',
    fires: [...history(20), ...large(3, DAY - 1)],
    trigger: 't2',
    quiet: {
      'two purchases': [...history(20), ...large(2, DAY - 1)],
      'a cent less': [...history(20), ...large(3, DAY - 1, 99.99)],
      'a day': [...history(20), ...large(3, DAY)],
      '19 purchases before': [...history(18), ...large(3, DAY - 1)],
      'not three times the median': [...history(20, { amount: 40 }), ...large(3, DAY - 1, 119.99)],
    },
    late: 't1',
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
    fires: [...history(2, there), row('t0', 0, there), row('t1', 371, london)],
    trigger: 't1',
    quiet: {
      'a flight': [...history(2, there), row('t0', 0, there), row('t1', 372, london)],
      'a purchase online': [...history(2, there), row('t0', 0, there), row('t1', 60, { ...london, channel: 'online' })],
      'a place near by': [...history(2, there), row('t0', 0, there), row('t1', 1, { ...there, latitude: 43.4 })],
      'a day later': [...history(2, there), row('t0', 0, there), row('t1', DAY, { ...there, latitude: -74 })],
      'two purchases in person before': [...history(1, there), row('t0', 0, there), row('t1', 371, london)],
      'shops whose places say nothing': [
        ...history(2, there),
        row('u', -3 * DAY + 60, london),
        row('t0', 0, there),
        row('t1', 371, london),
      ],
    },
    late: 't0',
  },
  {
    rule: 'new_merchant_burst',
    fires: [...history(20), ...strangers(5)],
    trigger: 't4',
    quiet: {
      'four merchants': [...history(20), ...strangers(4)],
      'three hours': [...history(20), ...strangers(5, 180)],
      '19 purchases before': [...history(19), ...strangers(5)],
      'somebody who goes elsewhere every day': [
        ...history(20),
        ...times(9, (n) => row(`e${n}`, -(n + 2) * DAY + 60, { merchant_id: `e${n}` })),
        ...strangers(5),
      ],
    },
    late: 't2',
  },
  {
    rule: 'refund_ratio',
    fires: refunds(4),
    trigger: 'r3',
    quiet: { 'three refunds': refunds(3, 100), 'a cent less': refunds(4, 14.99) },
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
    fires: [...history(30), ...night()],
    trigger: 't2',
    quiet: {
      'one purchase': [...history(30), row('t2', 930)],
      '29 purchases before': [...history(29), ...night()],
      'a subscription': [...history(30), ...night({ amount: 9.99 })],
      'somebody who travels': [...history(30), ...night({ channel: 'card' })],
      'somebody who was up before': [...history(30), row('u', 900 - 4 * DAY), ...night()],
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
