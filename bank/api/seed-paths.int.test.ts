// The seeds' paths over HTTP on a real MySQL, with exactly their bodies; reading accounts; batches.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyLedger } from '../schema/verify.ts';
import { column, freshKey, startTestApi, type TestApi } from '../../test/support/bank-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(async () => {
  expect(await verifyLedger(api.bank.connection)).toEqual([]);
  await api?.[Symbol.asyncDispose]();
});

const GTID = /^[0-9a-f-]{36}:\d+$/;

async function balanceOf(account: number): Promise<string> {
  return (await api.get(`/accounts/${account}/balance`)).json.balance;
}

describe('the paths of the Transactional Ledger Service', () => {
  it('open, deposit, transfer and tell the history, with the bodies of its examples', async () => {
    const alice = await api.post('/accounts/', { owner: 'Alice', currency: 'USD' });
    expect(alice).toMatchObject({ status: 201, json: { currency: 'USD', balance: '0.00', status: 'active' } });
    const bob = await api.post('/accounts/', { owner: 'Bob', currency: 'USD' });
    const [a, b] = [alice.json.account_id, bob.json.account_id];
    const deposit = await api.post('/deposit/', { account_id: a, amount: 100, type: 'DEPOSIT', idempotency_key: freshKey() });
    expect(deposit).toMatchObject({ status: 201, json: { type: 'DEPOSIT', amount: '100.00', balance: '100.00' } });
    const transfer = await api.post('/transfer/', { from_account_id: a, to_account_id: b, amount: 50, idempotency_key: freshKey() });
    expect(transfer).toMatchObject({ status: 201, json: { type: 'TRANSFER', amount: '50.00', balance: '50.00' } });
    const { status, json } = await api.get(`/accounts/${a}/history`);
    expect(status).toBe(200);
    expect(column(json.entries, 'direction')).toEqual(['CREDIT', 'DEBIT']);
    expect(column(json.entries, 'balance_after')).toEqual(['100.00', '50.00']);
    expect(json.entries[1]).toMatchObject({ transaction_id: transfer.json.transaction_id, counter_account_id: b });
  });

  it('withdraws by type and by path', async () => {
    const account = await api.account('30.00');
    expect(
      (await api.post('/deposit/', { account_id: account, amount: '10', type: 'withdrawal', idempotency_key: freshKey() })).json,
    ).toMatchObject({
      type: 'WITHDRAWAL',
      balance: '20.00',
    });
    expect((await api.post('/withdraw/', { account_id: account, amount: '5', idempotency_key: freshKey() })).json.balance).toBe('15.00');
    const refused = await api.post('/withdrawal/', {
      account_id: account,
      amount: '15.01',
      type: 'WITHDRAWAL',
      idempotency_key: freshKey(),
    });
    expect(refused).toMatchObject({ status: 422, json: { code: 'insufficient_funds' } });
    expect(await balanceOf(account)).toBe('15.00');
  });
});

describe('the paths of the Smart Ledgering System', () => {
  it('opens accounts, moves money and lists events, with the bodies of its examples', async () => {
    const john = await api.post('/ledger/account/', { currency: 'USD', type: 'user', metadata: { name: 'John Doe' } });
    expect(john).toMatchObject({ status: 201, json: { type: 'checking' } });
    const jane = await api.post('/ledger/account/', { currency: 'USD', type: 'user', metadata: { name: 'Jane Doe' } });
    const [a, b] = [String(john.json.account_id), String(jane.json.account_id)];
    expect((await api.get(`/accounts/${a}`)).json.owner).toBe('John Doe');
    await api.post('/v1/deposits', { account_id: a, amount: '500.00' }, { key: freshKey() });
    const body = {
      source_account_id: a,
      destination_account_id: b,
      amount: '100.50',
      currency: 'USD',
      metadata: { description: 'Payment for services' },
    };
    const moved = await api.post('/ledger/transfer/', body, { key: freshKey() });
    expect(moved).toMatchObject({ status: 201, json: { amount: '100.50', balance: '399.50' } });
    expect((await api.get(`/ledger/account/${b}/balance`)).json).toMatchObject({ balance: '100.50', available: '100.50', currency: 'USD' });
    const events = await api.get(`/ledger/events/?account_id=${a}&limit=50`);
    expect(column(events.json.entries, 'amount')).toEqual(['100.50', '500.00']);
    expect((await api.get(`/v1/transactions/${moved.json.transaction_id}`)).json.metadata).toEqual({ description: 'Payment for services' });
  });

  it('needs a key for the transfer, and the right currency', async () => {
    const [a, b] = [await api.account('10'), await api.account()];
    const body = { source_account_id: a, destination_account_id: b, amount: '1.00', currency: 'USD' };
    expect(await api.post('/ledger/transfer/', body)).toMatchObject({
      status: 400,
      json: { code: 'idempotency_key_missing', field: 'idempotency_key' },
    });
    expect(await api.post('/ledger/transfer/', { ...body, currency: 'INR' }, { key: freshKey() })).toMatchObject({
      status: 422,
      json: { code: 'currency_mismatch', field: 'currency' },
    });
  });
});

describe('reading', () => {
  it('tells a balance at a time and at a position', async () => {
    const account = await api.account('10');
    const first = await api.get(`/v1/accounts/${account}/balance`);
    const before = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await api.post('/v1/deposits', { account_id: account, amount: '5' }, { key: freshKey() });
    expect((await api.get(`/v1/accounts/${account}/balance`)).json.balance).toBe('15.00');
    expect((await api.get(`/v1/accounts/${account}/balance?at=${before}`)).json).toMatchObject({ balance: '10.00', at: before });
    expect((await api.get(`/v1/accounts/${account}/balance?sequence=${first.json.sequence}`)).json.balance).toBe('10.00');
    expect((await api.get(`/v1/accounts/${account}/balance?at=2000-01-01T00:00:00Z`)).json.balance).toBe('0.00');
    expect((await api.get(`/v1/accounts/${account}/balance?at=${before}&sequence=1`)).status).toBe(400);
  });

  it('pages a history both ways without losing or repeating an entry', async () => {
    const account = await api.account();
    for (let n = 1; n <= 7; n += 1) await api.post('/v1/deposits', { account_id: account, amount: String(n) }, { key: freshKey() });
    for (const order of ['asc', 'desc'] as const) {
      const amounts: string[] = [];
      let after = '';
      for (let pages = 0; pages < 10; pages += 1) {
        const { json } = await api.get(`/v1/accounts/${account}/history?limit=3&order=${order}${after}`);
        amounts.push(...(column(json.entries, 'amount') as string[]));
        if (json.next === null) break;
        after = `&after=${json.next}`;
      }
      const all = ['1.00', '2.00', '3.00', '4.00', '5.00', '6.00', '7.00'];
      expect(amounts).toEqual(order === 'asc' ? all : all.toReversed());
    }
  });

  it('reads house accounts too: what is in customers’ accounts is the bank’s debt', async () => {
    expect((await api.get('/v1/accounts/801/balance')).json).toMatchObject({ available: null, status: 'active' });
    expect((await api.get('/v1/accounts/801/history?limit=2')).json.entries).toHaveLength(2);
    expect((await api.get('/v1/events?limit=3')).json.entries).toHaveLength(3);
  });

  it('says what there is not', async () => {
    for (const [path, code] of [
      ['/accounts/999999', 'unknown_account'],
      ['/accounts/999999/balance', 'unknown_account'],
      ['/v1/transactions/999999', 'unknown_transaction'],
      ['/v1/holds/999999', 'unknown_hold'],
      ['/nowhere', 'not_found'],
    ] as const)
      expect(await api.get(path)).toMatchObject({ status: 404, json: { code } });
  });
});

describe('POST /v1/transfers:batch', () => {
  const member = (from: number, to: number, amount: string) => ({
    from_account_id: from,
    to_account_id: to,
    amount,
    idempotency_key: freshKey(),
  });

  it('posts all of them in one commit', async () => {
    const [a, b] = [await api.account('10'), await api.account()];
    const transfers = [member(a, b, '1'), member(a, b, '2'), member(b, a, '3')];
    const { status, json, headers } = await api.post('/v1/transfers:batch', { transfers });
    expect({ status, posted: json.posted, refused: json.refused }).toEqual({ status: 200, posted: 3, refused: 0 });
    expect(new Set(column(json.answers, 'gtid')).size).toBe(1);
    expect(headers.get('ledger-gtid')).toMatch(GTID);
    expect(await balanceOf(a)).toBe('10.00');
  });

  it('writes nothing when one of all or nothing is refused, and leaves it out otherwise', async () => {
    const [a, b] = [await api.account('10'), await api.account()];
    const transfers = [member(a, b, '1'), member(a, b, '100'), member(a, b, '2')];
    const refused = await api.post('/v1/transfers:batch', { mode: 'all_or_nothing', transfers });
    expect(refused).toMatchObject({ status: 424, json: { code: 'batch_aborted' } });
    expect(refused.json.message).toContain('transfer 1');
    expect(column(refused.json.answers, 'code')).toEqual(['batch_aborted', 'insufficient_funds', 'batch_aborted']);
    expect(await balanceOf(a)).toBe('10.00');
    const again = [member(a, b, '1'), member(a, b, '100'), member(a, b, '2')];
    const left = await api.post('/v1/transfers:batch', { mode: 'continue', transfers: again });
    expect(left).toMatchObject({ status: 200, json: { posted: 2, refused: 1 } });
    expect(await balanceOf(a)).toBe('7.00');
  });
});
