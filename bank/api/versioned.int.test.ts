// The versioned form over HTTP on a real MySQL: one path per operation, keys, holds, journals, status, dry run.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyLedger } from '../schema/verify.ts';
import { freshKey, startTestApi, type TestApi } from '../../test/support/bank-api.ts';

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

describe('the versioned form', () => {
  it('answers every write with its commit and its position', async () => {
    const [a, b] = [await api.account('10'), await api.account()];
    const moved = await api.post('/v1/transfers', { from_account_id: a, to_account_id: b, amount: '1' }, { key: freshKey() });
    expect(moved.headers.get('ledger-gtid')).toMatch(GTID);
    expect(moved.json.gtid).toBe(moved.headers.get('ledger-gtid'));
    const [last] = await api.bank.rows('SELECT MAX(entry_id) AS id FROM ledger_entries');
    expect(moved.json.sequence).toBe(Number(last?.['id']));
    const [executed] = await api.bank.rows(`SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed) AS done`, [moved.json.gtid]);
    expect(Number(executed?.['done'])).toBe(1);
  });

  it('replays under the same key and refuses another request under it', async () => {
    const account = await api.account();
    const key = freshKey();
    const first = await api.post('/v1/deposits', { account_id: account, amount: '7' }, { key });
    const again = await api.post('/v1/deposits', { account_id: account, amount: '7', idempotency_key: key });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again).toMatchObject({ status: 201, json: { transaction_id: first.json.transaction_id, balance: '7.00' } });
    expect(await api.post('/v1/deposits', { account_id: account, amount: '8' }, { key })).toMatchObject({
      status: 422,
      json: { code: 'idempotency_key_reused' },
    });
    expect(await balanceOf(account)).toBe('7.00');
  });

  it('takes the key from header or body, not from both in two forms', async () => {
    const account = await api.account();
    const body = { account_id: account, amount: '7' };
    expect((await api.post('/v1/deposits', { ...body, idempotency_key: 'one' }, { key: 'two' })).json.code).toBe(
      'idempotency_key_mismatch',
    );
    for (const bad of ['', 'x'.repeat(256), 'ä', 5, null, {}])
      expect((await api.post('/v1/deposits', { ...body, idempotency_key: bad })).json.code, JSON.stringify(bad)).toMatch(
        /^idempotency_key_(invalid|missing)$/,
      );
    expect(await balanceOf(account)).toBe('0.00');
  });

  it('buys, refunds, charges and reverses', async () => {
    const account = await api.account('100');
    const merchant = { name: 'Corner Shop', mcc: '5411', category: 'groceries', city: 'Berlin', country: 'DE' };
    const body = { account_id: account, amount: '40.00', merchant, channel: 'card', place: { city: 'Berlin', country: 'DE' } };
    const bought = await api.post('/v1/purchases', body, { key: freshKey() });
    expect(bought).toMatchObject({ status: 201, json: { type: 'PURCHASE', balance: '60.00' } });
    expect(await api.post('/v1/refunds', { transaction_id: bought.json.transaction_id, amount: '15' }, { key: freshKey() })).toMatchObject({
      status: 201,
      json: { balance: '75.00' },
    });
    const fee = await api.post('/v1/fees', { account_id: account, amount: '2.50' }, { key: freshKey() });
    expect(fee.json.balance).toBe('72.50');
    expect((await api.post('/v1/reversals', { transaction_id: fee.json.transaction_id }, { key: freshKey() })).json.balance).toBe('75.00');
    expect(await api.post('/v1/reversals', { transaction_id: fee.json.transaction_id }, { key: freshKey() })).toMatchObject({
      status: 409,
      json: { code: 'already_reversed' },
    });
  });

  it('reserves, captures in part and releases', async () => {
    const account = await api.account('100');
    const merchant = { name: 'Hotel', mcc: '7011' };
    const hold = await api.post('/v1/holds', { account_id: account, amount: '60', merchant }, { key: freshKey() });
    expect(hold).toMatchObject({ status: 201, json: { status: 'authorised', available: '40.00' } });
    expect((await api.post('/v1/withdrawals', { account_id: account, amount: '50' }, { key: freshKey() })).json.code).toBe(
      'insufficient_funds',
    );
    const id = hold.json.hold_id;
    expect((await api.get(`/v1/holds/${id}`)).json).toMatchObject({ status: 'authorised', captured: null });
    expect(await api.post(`/v1/holds/${id}/capture`, { amount: '45' }, { key: freshKey() })).toMatchObject({
      status: 201,
      json: { balance: '55.00' },
    });
    expect((await api.get(`/v1/holds/${id}`)).json).toMatchObject({ status: 'captured', captured: '45.00' });
    expect((await api.post(`/v1/holds/${id}/void`, undefined, { key: freshKey() })).json.code).toBe('hold_resolved');
    const second = await api.post('/v1/holds', { account_id: account, amount: '55', merchant }, { key: freshKey() });
    expect(await api.post(`/v1/holds/${second.json.hold_id}/void`, {}, { key: freshKey() })).toMatchObject({
      status: 200,
      json: { available: '55.00' },
    });
  });

  it('lets a hold expire by itself', async () => {
    const account = await api.account('10');
    const body = { account_id: account, amount: '6', merchant: { name: 'Hotel' }, expires_in_seconds: 1 };
    const hold = await api.post('/v1/holds', body, { key: freshKey() });
    const path = `/v1/holds/${hold.json.hold_id}`;
    await expect.poll(async () => (await api.get(path)).json.status, { timeout: 30_000, interval: 200 }).toBe('expired');
    expect((await api.get(`/v1/accounts/${account}/balance`)).json).toMatchObject({ balance: '10.00', available: '10.00' });
    expect((await api.post(`${path}/capture`, {}, { key: freshKey() })).json.code).toBe('hold_resolved');
  });

  it('posts several legs at once', async () => {
    const [a, b, c] = [await api.account('100'), await api.account(), await api.account()];
    const shares = [{ account_id: b, weight: 1 }, { account_id: c, weight: 2 }]; // prettier-ignore
    expect(await api.post('/v1/journal', { form: 'split', account_id: a, amount: '10.00', shares }, { key: freshKey() })).toMatchObject({
      status: 201,
    });
    expect([await balanceOf(b), await balanceOf(c)]).toEqual(['3.33', '6.67']);
    const legs = [
      { account_id: a, direction: 'DEBIT', amount: 5 },
      { account_id: b, direction: 'CREDIT', amount: '4.00' },
    ];
    expect((await api.post('/v1/journal', { form: 'legs', legs }, { key: freshKey() })).json.code).toBe('unbalanced_legs');
  });

  it('freezes, unfreezes, closes and opens again', async () => {
    const account = await api.account('10');
    expect(await api.post(`/accounts/${account}/freeze`, { reason: 'suspicion' })).toMatchObject({
      status: 200,
      json: { status: 'frozen', changed: true },
    });
    expect((await api.post('/v1/deposits', { account_id: account, amount: '1' }, { key: freshKey() })).json.code).toBe('account_frozen');
    expect((await api.post(`/v1/accounts/${account}/unfreeze`)).json.status).toBe('active');
    expect(await api.post(`/v1/accounts/${account}/close`, {})).toMatchObject({ status: 409, json: { code: 'account_not_empty' } });
    await api.post('/v1/withdrawals', { account_id: account, amount: '10' }, { key: freshKey() });
    expect((await api.post(`/v1/accounts/${account}/close`)).json.status).toBe('closed');
    expect((await api.post(`/v1/accounts/${account}/reopen`)).json.status).toBe('active');
  });

  it('decides a dry run and writes nothing', async () => {
    const account = await api.account('10');
    const before = await api.state();
    const tried = await api.post('/v1/withdrawals?dry_run=true', { account_id: account, amount: '4' });
    expect(tried).toMatchObject({ json: { balance: '6.00', gtid: null } });
    expect((await api.post('/v1/withdrawals?dry_run=true', { account_id: account, amount: '40' })).json.code).toBe('insufficient_funds');
    expect(await api.state()).toBe(before);
  });
});
