// The same for rules of accounts and transfers.

import { DAY, type RuleCase } from './rule-cases.testkit.ts';
import { times, type Movement } from './testkit.ts';

const row = (id: string, minute: number, more: Partial<Movement> = {}): Movement => ({ id, minute, ...more });
const cash = (id: string, minute: number, amount: number): Movement =>
  row(id, minute, { type: 'DEPOSIT', direction: 'credit', merchant_id: null, amount });
const out = (id: string, minute: number, amount: number, more: Partial<Movement> = {}): Movement =>
  row(id, minute, { type: 'WITHDRAWAL', merchant_id: null, amount, ...more });
/** From account a<from> to a<to>. */
const pay = (id: string, minute: number, [from, to, amount]: readonly [number, number, number]): Movement =>
  row(id, minute, {
    ...{ type: 'TRANSFER', merchant_id: null, amount, account_id: `a${from}`, customer_id: `c${from}` },
    ...{ counter_account_id: `a${to}`, counter_customer_id: `c${to}` },
  });
const deposits = (amounts: readonly number[]): Movement[] => amounts.map((amount, n) => cash(`t${n}`, n * DAY, amount));
const circle = (last: number, at = 72 * 60 - 0.01): Movement[] => [
  pay('t0', 0, [1, 2, 1_000]),
  pay('t1', 600, [2, 3, 800]),
  pay('t2', at, [3, 1, last]),
];
const round = (amounts: readonly number[]): Movement[] => amounts.map((amount, n) => pay(`t${n}`, n * 60, [1, 2, amount]));
const toOne = (senders: readonly number[], last = 100): Movement[] =>
  senders.map((from, n) => pay(`t${n}`, n * 60, [from, 1, n === senders.length - 1 ? last : 100]));
const fromOne = (payees: readonly number[], last = 100): Movement[] =>
  payees.map((to, n) => pay(`t${n}`, n * 60, [1, to, n === payees.length - 1 ? last : 100]));
const before = (count: number, pair: readonly [number, number]): Movement[] =>
  times(count, (n) => pay(`h${n}`, -2 * DAY - n * 60, [...pair, 20]));

export const MONEY_CASES: readonly RuleCase[] = [
  {
    rule: 'structuring',
    fires: deposits([8_500, 9_999.99, 8_500]),
    trigger: 't2',
    quiet: {
      'a cent less': deposits([8_500, 9_999.99, 8_499.99]),
      'two amounts': deposits([8_500, 9_999.99]),
      'one above': [...deposits([8_500, 9_999.99, 8_500]), cash('t9', 60, 10_000)],
      'three days': [cash('t0', 0, 9_000), cash('t1', DAY, 9_000), cash('t2', 3 * DAY, 9_000)],
    },
    late: 't1',
  },
  {
    rule: 'rapid_in_out',
    fires: [cash('t0', 0, 1_000), out('t1', 359.99, 950)],
    trigger: 't1',
    quiet: {
      'a cent less': [cash('t0', 0, 1_000), out('t1', 60, 949.99)],
      'six hours': [cash('t0', 0, 1_000), out('t1', 360, 950)],
      'little money': [cash('t0', 0, 999.99), out('t1', 60, 999.99)],
      'much more than came in': [cash('t0', 0, 1_000), out('t1', 60, 1_100.01)],
      "one's own other account": [
        cash('t0', 0, 1_000),
        out('t1', 60, 1_000, { type: 'TRANSFER', counter_account_id: 'a9', counter_customer_id: 'c1' }),
      ],
    },
    late: 't0',
  },
  {
    rule: 'circular_flow',
    fires: circle(640),
    trigger: 't2',
    quiet: {
      'a cent less': circle(639.99),
      'three days': circle(640, 72 * 60),
      'there and back only': [pay('t0', 0, [1, 2, 1_000]), pay('t1', 60, [2, 1, 1_000])],
      'the other way round': [pay('t0', 600, [1, 2, 1_000]), pay('t1', 60, [2, 3, 1_000]), pay('t2', 700, [3, 1, 1_000])],
    },
    late: 't1',
  },
  {
    rule: 'dormant_reactivation',
    fires: [row('t0', -45 * DAY), row('t1', 0, { amount: 250 })],
    trigger: 't1',
    quiet: {
      'a cent less': [row('t1', 0, { amount: 249.99 })],
      'a payment 44 days ago': [row('t0', -44 * DAY), row('t1', 0, { amount: 250 })],
      'a young account': [row('t1', 0, { amount: 250, account_since: '2026-04-17 12:00:01' })],
      'a day after the first one': [row('t0', 0, { amount: 5 }), row('t1', DAY, { amount: 250 })],
    },
    late: row('late', -30 * DAY),
  },
  {
    rule: 'round_amounts',
    fires: round([100, 200, 300, 100]),
    trigger: 't3',
    quiet: {
      'three of them': round([100, 200, 300, 101]),
      'small ones': round([100, 200, 300, 99]),
      'among others': round([150.5, 100, 200, 110.5, 300, 100]),
      'a day': [...round([100, 200, 300]), pay('t3', DAY, [1, 2, 100])],
    },
    late: 't1',
  },
  {
    rule: 'fan_in',
    fires: toOne([2, 3, 4, 5, 6]),
    trigger: 't4',
    quiet: {
      'four senders': toOne([2, 3, 4, 5, 5], 1_000),
      'a cent less': toOne([2, 3, 4, 5, 6], 99.99),
      'an account that is paid every day': [...before(31, [7, 1]), ...toOne([2, 3, 4, 5, 6])],
      'a day': [...toOne([2, 3, 4, 5]), pay('t4', DAY, [6, 1, 500])],
    },
    late: 't2',
  },
  {
    rule: 'fan_out',
    fires: fromOne([2, 3, 4, 5, 6]),
    trigger: 't4',
    quiet: {
      'four payees': fromOne([2, 3, 4, 5, 5], 1_000),
      'a cent less': fromOne([2, 3, 4, 5, 6], 99.99),
      'an account that pays every day': [...before(31, [1, 7]), ...fromOne([2, 3, 4, 5, 6])],
      'a day': [...fromOne([2, 3, 4, 5]), pay('t4', DAY, [1, 6, 500])],
    },
    late: 't2',
  },
  {
    rule: 'account_emptied',
    fires: [out('t1', 0, 1_000, { balance_before: 1_020 }), row('t2', 60)],
    trigger: 't1',
    quiet: {
      'a little stays': [out('t1', 0, 1_000, { balance_before: 1_021 })],
      'a cent less': [out('t1', 0, 999.99, { balance_before: 1_000 })],
      'more than there is': [out('t1', 0, 1_000.01, { balance_before: 1_000 })],
      'a purchase': [row('t1', 0, { amount: 1_000, balance_before: 1_000 })],
    },
    late: 't1',
  },
];
