import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openLedger, type TestLedger } from '../../test/support/test-ledger.ts';
import { verifyLedger } from '../schema/verify.ts';
import { runExpiry } from './expiry.ts';

const fail = (...values: unknown[]): never => {
  throw new Error(JSON.stringify(values));
};

let server: TestMysql;

beforeAll(async () => {
  server = await startMysql();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe.each(['grouped', 'single'] as const)('the ledger, %s', (execution) => {
  let it_: TestLedger;

  beforeAll(async () => {
    it_ = await openLedger(server, `ledger_${execution}`, execution);
  });

  afterAll(async () => {
    expect(it_.failures).toEqual([]);
    expect(await verifyLedger(it_.bank.connection)).toEqual([]);
    await it_[Symbol.asyncDispose]();
  });

  async function open(balance: string, more: object = {}): Promise<number> {
    const { body } = await it_.send('open_account', { owner: 'Alice Test', currency: 'USD', ...more });
    const id = Number(body['account_id']);
    if (balance !== '0') expect(await it_.code('deposit', { account_id: id, amount: balance })).toBe('201');
    return id;
  }

  it('opens accounts with zero, deposits, withdraws and transfers; answers with position and commit', async () => {
    const [alice, bob] = [await open('500'), await open('0')];
    const answer = await it_.send('transfer', { from_account_id: alice, to_account_id: bob, amount: '100.50', description: 'rent' });
    expect(answer).toMatchObject({
      status: 201,
      replayed: false,
      body: { type: 'TRANSFER', amount: '100.50', balance: '399.50', available: '399.50' },
    });
    expect(answer.gtid).toMatch(/^[0-9a-f-]{36}:\d+$/);
    const [entry] = await it_.bank.rows('SELECT MAX(entry_id) AS id FROM ledger_entries WHERE transaction_id = ?', [
      answer.body['transaction_id'],
    ]);
    expect(answer.sequence).toBe(BigInt(entry?.['id']));
    const [inside] = await it_.bank.rows('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed) AS yes', [answer.gtid]);
    expect(inside?.['yes']).toBe(1);
    expect(await it_.code('withdraw', { account_id: bob, amount: '100.51' })).toBe('422 insufficient_funds');
    expect(await it_.code('withdraw', { account_id: bob, amount: '100.50' })).toBe('201');
    expect([await it_.bank.balance(alice), await it_.bank.balance(bob)]).toEqual(['399.5000', '0.0000']);
  });

  it('refuses in the documented order', async () => {
    const [poor, frozen, rupee] = [await open('1'), await open('5'), await open('0', { currency: 'INR' })];
    await it_.send('freeze', { account_id: frozen, reason: 'test' });
    const transfer = (body: object) => it_.code('transfer', { from_account_id: poor, to_account_id: frozen, amount: '9', ...body });
    expect(await transfer({ to_account_id: 999_999_999, amount: '9.999' })).toBe('404 unknown_account');
    expect(await transfer({ amount: '9.999' })).toBe('409 account_frozen');
    expect(await transfer({ to_account_id: rupee, amount: '9.999' })).toBe('422 currency_mismatch');
    await it_.send('unfreeze', { account_id: frozen });
    expect(await transfer({ amount: '9.999' })).toBe('400 amount_too_precise');
    expect(await transfer({ amount: '9999999999999999.99' })).toBe('422 amount_overflow');
    expect(await transfer({ amount: '0' })).toBe('400 amount_not_positive');
    expect(await transfer({ to_account_id: poor })).toBe('400 same_account');
    expect(await transfer({})).toBe('422 insufficient_funds');
    const credit = await open('0', { type: 'credit', overdraft_limit: '10' });
    expect(await it_.code('withdraw', { account_id: credit, amount: '10' })).toBe('201');
    expect(await it_.code('withdraw', { account_id: credit, amount: '0.01' })).toBe('422 limit_exceeded');
    expect(await it_.code('deposit', { account_id: poor, amount: '1' }, { idempotencyKey: '' })).toBe('400 idempotency_key_invalid');
  });

  it('replays what it answered, refusals too, and refuses a key that is used again', async () => {
    const account = await open('10');
    const body = { account_id: account, amount: '4' };
    const first = await it_.send('withdraw', body, { idempotencyKey: 'once' });
    const again = await it_.send('withdraw', body, { idempotencyKey: 'once' });
    expect(again).toMatchObject({ status: first.status, body: first.body, sequence: first.sequence, replayed: true });
    const [covers] = await it_.bank.rows('SELECT GTID_SUBSET(?, ?) AS yes', [first.gtid, again.gtid]);
    expect(covers?.['yes']).toBe(1);
    expect(await it_.code('withdraw', { ...body, amount: '5' }, { idempotencyKey: 'once' })).toBe('422 idempotency_key_reused');
    expect(await it_.code('withdraw', { ...body, amount: '7' }, { idempotencyKey: 'poor' })).toBe('422 insufficient_funds');
    await it_.send('deposit', { account_id: account, amount: '100' });
    const refused = await it_.send('withdraw', { ...body, amount: '7' }, { idempotencyKey: 'poor' });
    expect(refused).toMatchObject({ status: 422, replayed: true, body: { code: 'insufficient_funds' } });
    expect(await it_.code('withdraw', body, { idempotencyKey: 'ONCE' })).toBe('201');
    expect(await it_.bank.balance(account)).toBe('102.0000');
  });

  it('refunds in parts, reverses once, and swaps every leg', async () => {
    const [account, other, third] = [await open('100'), await open('0'), await open('0')];
    const bought = await it_.send('purchase', { account_id: account, amount: '30', merchant: { name: 'Green Basket', mcc: '5411' } });
    const id = bought.body['transaction_id'];
    expect(await it_.code('refund', { transaction_id: id, amount: '10' })).toBe('201');
    expect(await it_.code('refund', { transaction_id: id, amount: '20.01' })).toBe('422 return_exceeds_original');
    expect(await it_.code('reversal', { transaction_id: id })).toBe('422 return_exceeds_original');
    expect(await it_.code('refund', { transaction_id: id })).toBe('201');
    expect(await it_.code('refund', { transaction_id: id })).toBe('422 return_exceeds_original');
    const split = await it_.send('multileg', {
      form: 'split',
      account_id: account,
      amount: '10',
      shares: [
        { account_id: other, weight: 1 },
        { account_id: third, weight: 2 },
      ],
    });
    expect(split.status).toBe(201);
    expect([await it_.bank.balance(other), await it_.bank.balance(third)]).toEqual(['3.3300', '6.6700']);
    expect(await it_.code('reversal', { transaction_id: split.body['transaction_id'] })).toBe('201');
    expect(await it_.code('reversal', { transaction_id: split.body['transaction_id'] })).toBe('409 already_reversed');
    expect(await it_.bank.balance(account)).toBe('100.0000');
    const [merchant] = await it_.bank.rows(`SELECT COUNT(*) AS n FROM merchants WHERE name = 'Green Basket'`);
    expect(merchant?.['n']).toBe(1);
  });

  it('exchanges through the house in two linked transactions, and takes both back', async () => {
    const [dollars, rupees] = [await open('100'), await open('0', { currency: 'INR' })];
    const body = { form: 'exchange', from_account_id: dollars, to_account_id: rupees, amount: '10', rate: '83.33333', fee: '0.50' };
    const answer = await it_.send('multileg', body);
    expect(answer).toMatchObject({ status: 201, body: { to_amount: '833.33', balance: '89.50' } });
    expect(await it_.code('reversal', { transaction_id: answer.body['transaction_id'] })).toBe('201');
    expect([await it_.bank.balance(dollars), await it_.bank.balance(rupees)]).toEqual(['99.5000', '0.0000']);
  });

  it('holds, captures a part, voids and expires', async () => {
    const account = await open('100');
    const merchant = { name: 'Station Hotel', mcc: '7011' };
    const authorise = async (amount: string, more: object = {}) =>
      (await it_.send('authorise', { account_id: account, amount, merchant, ...more })).body['hold_id'];
    const first = await authorise('60');
    expect(await it_.code('authorise', { account_id: account, amount: '41', merchant })).toBe('422 insufficient_funds');
    expect(await it_.code('withdraw', { account_id: account, amount: '41' })).toBe('422 insufficient_funds');
    expect(await it_.code('close', { account_id: account })).toBe('409 account_not_empty');
    expect(await it_.code('capture', { hold_id: first, amount: '60.01' })).toBe('422 capture_exceeds_hold');
    expect(await it_.send('capture', { hold_id: first, amount: '45' })).toMatchObject({
      status: 201,
      body: { balance: '55.00', available: '55.00', released: '15.00' },
    });
    expect(await it_.code('void', { hold_id: first })).toBe('409 hold_resolved');
    const second = await authorise('55');
    expect(await it_.send('void', { hold_id: second })).toMatchObject({ status: 200, body: { status: 'voided', available: '55.00' } });
    const third = await authorise('5', { expires_in_seconds: 1 });
    expect((await it_.ledger.expire(BigInt(Number(third)))).status).toBe(400);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await it_.code('capture', { hold_id: third })).toBe('409 hold_expired');
    expect((await it_.ledger.expire(BigInt(Number(third)))).body).toMatchObject({ status: 'expired', available: '55.00' });
    expect(await it_.code('capture', { hold_id: third })).toBe('409 hold_resolved');
  });

  it('expires holds by itself while the job runs', async () => {
    const account = await open('10');
    const { body } = await it_.send('authorise', { account_id: account, amount: '4', merchant: { name: 'Cinema' }, expires_in_seconds: 1 });
    const stop = new AbortController();
    const job = runExpiry({ login: it_.login, log: { warn: fail, error: fail }, ledger: it_.ledger, intervalMs: 20 }, stop.signal);
    const outcome = async () =>
      (await it_.bank.rows('SELECT outcome FROM hold_resolutions WHERE hold_id = ?', [body['hold_id']]))[0]?.['outcome'];
    while ((await outcome()) === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    await job;
    expect(await outcome()).toBe('expired');
    expect(await it_.code('withdraw', { account_id: account, amount: '10' })).toBe('201');
  });

  it('closes an empty account and re-opens it', async () => {
    const account = await open('5');
    expect(await it_.code('close', { account_id: account })).toBe('409 account_not_empty');
    await it_.send('withdraw', { account_id: account, amount: '5' });
    expect(await it_.code('close', { account_id: account })).toBe('200');
    expect(await it_.code('deposit', { account_id: account, amount: '5' })).toBe('409 account_closed');
    expect(await it_.send('close', { account_id: account })).toMatchObject({ status: 200, body: { changed: false } });
    expect(await it_.code('freeze', { account_id: account })).toBe('409 account_closed');
    expect(await it_.code('reopen', { account_id: account })).toBe('200');
    expect(await it_.code('deposit', { account_id: account, amount: '5' })).toBe('201');
  });

  it('tries without writing', async () => {
    const account = await open('5');
    const before = await it_.bank.rows('SELECT COUNT(*) AS n FROM ledger_entries');
    const dry = await it_.send('withdraw', { account_id: account, amount: '2' }, { dryRun: true });
    expect(dry).toMatchObject({ status: 200, gtid: null, sequence: null, body: { dry_run: true, balance: '3.00' } });
    expect(await it_.code('withdraw', { account_id: account, amount: '6' }, { dryRun: true })).toBe('422 insufficient_funds');
    expect(await it_.bank.rows('SELECT COUNT(*) AS n FROM ledger_entries')).toEqual(before);
    expect(await it_.bank.balance(account)).toBe('5.0000');
  });
});
