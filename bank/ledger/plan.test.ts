// The outcome of a group is that of its requests one by one, in the same order: answers, rows and the state afterwards.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand, type LedgerCommand, type Operation } from './commands.ts';
import { fingerprintOf } from './idempotency.ts';
import { keyName, planGroup, type Outcome, type PlanRequest, type StoredAnswer, type Unit } from './plan.ts';
import { holdingKey, type AccountRow, type LedgerState } from './state.ts';
import type { Writes } from './writes.ts';

const ACCOUNTS = 5;

function account(id: bigint, more: Partial<AccountRow> = {}): AccountRow {
  const row = {
    accountId: id,
    customerId: 1n,
    type: 'checking',
    currency: 'USD',
    overdraftLimit: 0n,
    balance: 100_000n,
    held: 0n,
    entrySeq: 1n,
  };
  return { ...row, status: 'active', ...more };
}

/** Five customers' accounts (one in rupees, one frozen, one with an overdraft), the houses, an old purchase and an old hold. */
function freshState(): LedgerState {
  const houses = [801n, 802n, 803n, 805n, 811n, 812n, 813n, 815n].map((id) =>
    account(id, { type: 'house_float', balance: null, currency: id < 811n ? 'USD' : 'INR' }),
  );
  const customers = [
    account(1n),
    account(2n),
    account(3n, { currency: 'INR' }),
    account(4n, { status: 'frozen' }),
    account(5n, { overdraftLimit: 50_000n, held: 30_000n }),
  ];
  const original = {
    transactionId: 70n,
    accountId: 1n,
    customerId: 1n,
    counterId: 802n,
    merchantId: null,
    type: 'PURCHASE',
    status: 'posted',
  };
  const legs = [{ accountId: 1n, direction: 'DEBIT', amount: 40_000n }, { accountId: 802n, direction: 'CREDIT', amount: 40_000n }] as const; // prettier-ignore
  const hold = {
    holdId: 90n,
    accountId: 5n,
    customerId: 1n,
    merchantId: null,
    amount: 30_000n,
    currency: 'USD',
    expiresAt: '2031-01-01 00:00:00.000000',
  };
  return {
    accounts: new Map([...customers, ...houses].map((row) => [row.accountId, row])),
    originals: new Map([
      [70n, { ...original, direction: 'DEBIT', amount: 40_000n, currency: 'USD', legs, linked: [], returned: 0n, reversed: false }],
    ]),
    holds: new Map([[90n, { ...hold, resolution: null }]]),
    currencies: new Map([
      ['USD', { code: 'USD', digits: 2, houseBase: 800n }],
      ['INR', { code: 'INR', digits: 2, houseBase: 810n }],
    ]),
    holdings: new Map([[holdingKey(2n, 'ACME'), 250_000_000n]]),
    quotes: new Map([
      ['ACME', { symbol: 'ACME', currency: 'USD', enabled: true, price: 33_300n, tick: 7n }],
      ['NEW', { symbol: 'NEW', currency: 'USD', enabled: true, price: null, tick: null }],
    ]),
    merchants: new Set(),
    merchantNames: new Map(),
    devices: new Set(),
    now: '2030-01-01 00:00:00.000000',
  };
}

const id = fc.integer({ min: 1, max: ACCOUNTS + 1 });
const amount = fc.integer({ min: 1, max: 1_200 }).map((cents) => (cents / 100).toFixed(2));
const command = fc.oneof(
  fc.record({ operation: fc.constantFrom('deposit', 'withdraw', 'fee'), account_id: id, amount }),
  fc.record({ operation: fc.constant('transfer'), from_account_id: id, to_account_id: id, amount }),
  fc.record({ operation: fc.constant('refund'), transaction_id: fc.constantFrom(70, 71), amount }),
  fc.record({ operation: fc.constantFrom('reversal'), transaction_id: fc.constantFrom(70, 71) }),
  fc.record({ operation: fc.constant('capture'), hold_id: fc.constantFrom(90, 91), amount }),
  fc.record({ operation: fc.constantFrom('void'), hold_id: fc.constantFrom(90, 91) }),
  fc.record({ operation: fc.constantFrom('freeze', 'unfreeze', 'close', 'reopen'), account_id: id }),
  fc.record({
    operation: fc.constant('trade'),
    account_id: id,
    symbol: fc.constantFrom('ACME', 'ACME', 'ACME', 'NEW', 'NONE'),
    side: fc.constantFrom('buy', 'sell'),
    quantity: fc.constantFrom('1', '0.5', '2.5', '0.0001'),
  }),
  fc.record({ operation: fc.constant('authorise'), account_id: id, amount, merchant: fc.constant({ name: 'Shop' }) }),
);

const request = fc
  .record({ body: command, key: fc.option(fc.constantFrom('a', 'b', 'c', 'd')), dryRun: fc.boolean() })
  .map(({ body, key, dryRun }): PlanRequest => {
    const { operation, ...rest } = body;
    const parsed = parseCommand(operation as Operation, rest) as LedgerCommand & Parameters<typeof fingerprintOf>[0];
    return { command: parsed, key, fingerprint: key === null ? '' : fingerprintOf(parsed), dryRun: dryRun && key === null, actor: 'test' };
  });

/** What a client sees: status, body, replayed or not. */
function seen(outcome: Outcome): { readonly status: number; readonly body: object; readonly again: boolean } {
  if (outcome.kind === 'replayed') return { status: outcome.stored.status, body: outcome.stored.body, again: true };
  const done = outcome.kind === 'repeated' ? outcome.of : outcome;
  return { status: done.status, body: done.body, again: outcome.kind === 'repeated' };
}

function storedOf(writes: Writes): [string, StoredAnswer][] {
  return writes.keys.map(({ accountId, key, fingerprint, status, body }) => {
    return [keyName(accountId, key), { fingerprint, status, body, transactionId: null, sequence: null, holdId: null }];
  });
}

const rowsOf = (state: LedgerState) => [
  ...state.accounts.values(),
  ...state.originals.values(),
  ...state.holds.values(),
  ...state.holdings,
];

describe('a group', () => {
  it('has the outcome of its requests one by one', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 25 }), (requests) => {
        const [grouped, single] = [freshState(), freshState()];
        const units = requests.map((each): Unit => ({ requests: [each], atomic: false }));
        const plan = planGroup(grouped, units, new Map());
        const stored = new Map<string, StoredAnswer>();
        const writes: Writes[] = [];
        const alone = units.map((unit) => {
          const one = planGroup(single, [unit], stored);
          for (const [key, answer] of storedOf(one.writes)) stored.set(key, answer);
          writes.push(one.writes);
          return one.outcomes[0]!;
        });
        expect(plan.outcomes.flat().map(seen)).toEqual(alone.flat().map(seen));
        expect(plan.writes.entries.map(({ entry }) => entry)).toEqual(writes.flatMap(({ entries }) => entries.map(({ entry }) => entry)));
        expect(plan.writes.primary.map(({ posting }) => posting)).toEqual(
          writes.flatMap(({ primary }) => primary.map(({ posting }) => posting)),
        );
        expect(rowsOf(grouped)).toEqual(rowsOf(single));
      }),
      { numRuns: 600 },
    );
  });

  it('keeps money: debits equal credits per currency, nobody is below the limit, balances follow the entries', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
        const [before, state] = [freshState(), freshState()];
        const { writes } = planGroup(state, requests.map((each) => ({ requests: [each], atomic: false })), new Map()); // prettier-ignore
        const sums = new Map<bigint | string, bigint>();
        for (const { entry } of writes.entries) {
          const signed = entry.direction === 'CREDIT' ? entry.amount : -entry.amount;
          for (const key of [entry.currency, entry.accountId]) sums.set(key, (sums.get(key) ?? 0n) + signed);
        }
        expect([sums.get('USD') ?? 0n, sums.get('INR') ?? 0n]).toEqual([0n, 0n]);
        for (const row of state.accounts.values()) {
          if (row.balance === null) continue;
          expect(row.balance).toBe(before.accounts.get(row.accountId)!.balance! + (sums.get(row.accountId) ?? 0n));
          expect(row.balance - row.held >= -row.overdraftLimit).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('undoes an atomic unit with a refusal without a trace', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 6 }), fc.array(request, { minLength: 1, maxLength: 6 }), (first, unit) => {
        const [plain, with_] = [freshState(), freshState()];
        const bad = {
          ...unit[0]!,
          key: null,
          fingerprint: '',
          dryRun: false,
          command: parseCommand('withdraw', { account_id: 999_999, amount: '1' }),
        };
        const before = first.map((each): Unit => ({ requests: [each], atomic: false }));
        const left = planGroup(plain, before, new Map());
        const right = planGroup(with_, [...before, { requests: [...unit, bad], atomic: true }], new Map());
        expect(rowsOf(with_)).toEqual(rowsOf(plain));
        expect({ ...right.writes, touched: null }).toEqual({ ...left.writes, touched: null });
        expect(right.outcomes.at(-1)!.every((outcome) => seen(outcome).status >= 400)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
