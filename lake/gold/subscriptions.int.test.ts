// Regular payments as the mart finds them, also where one is missing.

import { expect, test } from 'vitest';
import { rows, startGold } from './testkit.ts';
import type { Change } from './testkit-store.ts';
import { BankWorld } from './testkit-world.ts';

const CUSTOMER = 1;
const SHOP = 900;

/** A posted purchase with its two entries. */
function purchase(id: number, day: string): Change[] {
  const common = { transaction_id: id, amount: '9.9900', currency: 'USD', created_at: `${day} 10:00:00` };
  const entry = (leg: number, account: number, posting: string): Change => ({
    table: 'ledger_entries',
    op: 'c',
    row: { ...common, entry_id: id * 2 + leg, account_id: account, posting_type: posting },
  });
  const movement = { account_id: 1001, customer_id: CUSTOMER, merchant_id: SHOP, counter_account_id: 802, type: 'PURCHASE' };
  return [
    {
      table: 'transactions',
      op: 'c',
      row: { ...common, ...movement, direction: 'DEBIT', status: 'posted', event_ts: `${day} 10:00:00`, channel: 'web' },
    },
    entry(0, 1001, 'DEBIT'),
    entry(1, 802, 'CREDIT'),
  ];
}

test.each([
  ['weekly', ['2026-10-01', '2026-10-08', '2026-10-15'], ['weekly', '2026-10-01', '2026-10-22', '3']],
  ['monthly, after a pause', ['2026-05-03', '2026-08-03', '2026-09-03', '2026-10-03'], ['monthly', '2026-08-03', '2026-11-03', '3']],
  [
    'semi-monthly, after a pause',
    ['2026-05-01', '2026-05-15', '2026-07-01', '2026-07-15', '2026-08-01', '2026-08-15'],
    ['semi-monthly', '2026-07-01', '2026-08-30', '4'],
  ],
])('%s', async (_, days, expected) => {
  await using stand = await startGold();
  await stand.store.commit(new BankWorld(31).opening());
  await stand.store.commit(days.flatMap((day, at) => purchase(900_001 + at, day)));
  await stand.refresh();
  expect(
    await rows(
      stand.connection,
      `SELECT cadence, first_date, next_date, occurrences FROM gold.subscription_payments WHERE customer_id = ${CUSTOMER} AND merchant_id = ${SHOP}`,
    ),
  ).toEqual([expected]);
});
