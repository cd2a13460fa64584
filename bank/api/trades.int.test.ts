// Paper trades over HTTP on a real MySQL: cash, trade row and holding in one commit, at the last market price; refusals; whose trades.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTick } from '../market/simulator.ts';
import { verifyLedger } from '../schema/verify.ts';
import { freshKey, startTestApi, type TestApi } from '../../test/support/bank-api.ts';
import { newAccount, newCustomer, newOperator, usersOf } from '../../test/support/bank-users.ts';
import type { UserStore } from '../auth/user-store.ts';

let api: TestApi;
let users: UserStore;
let price: string;

beforeAll(async () => {
  api = await startTestApi({ auth: 'on' });
  users = usersOf(api);
  await api.bank.run(`UPDATE instruments SET enabled = 0 WHERE symbol = 'GOLD'`);
  await api.bank.run(
    `INSERT INTO instruments (symbol, name, kind, currency, initial_price, drift, volatility) VALUES ('FIXED', 'Fixed', 'fund', 'USD', 2.5, 0, 0)`,
  );
  for (let tick = 0; tick < 3; tick += 1) await writeTick(api.bank.connection, 7, new Date(Date.UTC(2026, 10, 21, 12, tick)));
  await api.bank.run(
    `INSERT INTO instruments (symbol, name, kind, currency, initial_price, drift, volatility) VALUES ('FRESH', 'Fresh', 'stock', 'USD', 1, 0, 0)`,
  );
  const [last] = await api.bank.rows(`SELECT price FROM market_prices WHERE symbol = 'ACME' ORDER BY tick DESC LIMIT 1`);
  price = String(last?.['price']);
});

afterAll(async () => {
  expect(await verifyLedger(api.bank.connection)).toEqual([]);
  await users?.pool.end();
  await api?.[Symbol.asyncDispose]();
});

async function trader(money: string) {
  const { access: token, customerId } = await newCustomer(api);
  const account = await newAccount(api, token);
  await api.post('/v1/deposits', { account_id: account, amount: money }, { token, key: freshKey() });
  const trade = (side: string, quantity: string, more: object = {}, key = freshKey()) =>
    api.post('/v1/trades', { account_id: account, symbol: 'FIXED', side, quantity, ...more }, { token, key });
  return { token, customerId, account, trade };
}

/** One field of each row of an answer. */
function fieldOf(rows: unknown, field: string): unknown[] {
  return (rows as Readonly<Record<string, unknown>>[]).map((row) => row[field]);
}

const codeOf = ({ status, json }: { status: number; json: { code?: string; field?: string } }) => `${status} ${json.code} ${json.field}`;

describe('a trade', () => {
  it('buys at the last price: cash leg, trade and holding are one commit', async () => {
    const { token, account, customerId } = await trader('1000');
    const bought = await api.post(
      '/v1/trades',
      { account_id: account, symbol: 'ACME', side: 'buy', quantity: 1.5 },
      { token, key: freshKey() },
    );
    expect(bought).toMatchObject({ status: 201, json: { type: 'TRADE', symbol: 'ACME', side: 'buy', quantity: '1.5', holding: '1.5' } });
    const [row] = await api.bank.rows('SELECT * FROM trades WHERE transaction_id = ?', [bought.json.transaction_id]);
    expect(row).toMatchObject({ account_id: account, customer_id: customerId, quantity: '1.50000000', price });
    const [cash] = await api.bank.rows('SELECT amount, direction, counter_account_id FROM transactions WHERE transaction_id = ?', [
      bought.json.transaction_id,
    ]);
    expect(cash).toMatchObject({ amount: row?.['amount'], direction: 'DEBIT', counter_account_id: 802 });
    const [exact] = await api.bank.rows('SELECT ROUND(? * 1.5, 2) AS amount', [price]);
    expect(Math.abs(Number(row?.['amount']) - Number(exact?.['amount']))).toBeLessThanOrEqual(0.01);
    expect((await api.get('/v1/holdings', { token })).json.holdings).toMatchObject([
      { account_id: account, symbol: 'ACME', quantity: '1.5' },
    ]);
  });

  it('sells what is held and no more, and gives the cash', async () => {
    const { token, account, trade } = await trader('100');
    expect((await trade('buy', '10')).json.balance).toBe('75.00');
    expect(codeOf(await trade('sell', '10.00000001'))).toBe('422 insufficient_holding quantity');
    expect((await trade('sell', '4')).json).toMatchObject({ balance: '85.00', amount: '10.00', holding: '6' });
    expect((await trade('sell', '6')).json).toMatchObject({ balance: '100.00', holding: '0' });
    expect(fieldOf((await api.get(`/v1/trades?account_id=${account}`, { token })).json.trades, 'side')).toEqual(['sell', 'sell', 'buy']);
    expect((await api.get('/v1/holdings', { token })).json.holdings).toEqual([]);
  });

  it('runs once under its key, and refuses another trade under it', async () => {
    const { trade } = await trader('100');
    const key = freshKey();
    const [one, two] = await Promise.all([trade('buy', '2', {}, key), trade('buy', '2', {}, key)]);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.json.transaction_id).toBe(two.json.transaction_id);
    expect(codeOf(await trade('buy', '3', {}, key))).toBe('422 idempotency_key_reused idempotency_key');
    expect((await trade('sell', '2')).json.balance).toBe('100.00');
  });

  it('of many that race sells nothing twice', async () => {
    const { account, trade } = await trader('100');
    await trade('buy', '5');
    const answers = await Promise.all(Array.from({ length: 20 }, () => trade('sell', '1')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    const [held] = await api.bank.rows('SELECT quantity FROM holdings WHERE account_id = ?', [account]);
    const [derived] = await api.bank.rows(
      `SELECT SUM(IF(side = 'buy', quantity, -quantity)) AS quantity FROM trades WHERE account_id = ?`,
      [account],
    );
    expect([held?.['quantity'], derived?.['quantity']]).toEqual(['0.00000000', '0.00000000']);
  });

  it('is refused with a reason, and then leaves no trace', async () => {
    const { token, account, trade } = await trader('10');
    const before = await api.state();
    expect(codeOf(await trade('buy', '4.01'))).toBe('422 insufficient_funds amount');
    expect(codeOf(await trade('buy', '1', { symbol: 'NOPE' }))).toBe('404 unknown_instrument symbol');
    expect(codeOf(await trade('buy', '1', { symbol: 'GOLD' }))).toBe('404 unknown_instrument symbol');
    expect(codeOf(await trade('buy', '1', { symbol: 'FRESH' }))).toBe('422 no_price symbol');
    expect(codeOf(await trade('buy', '1', { symbol: 'DECCAN' }))).toBe('422 currency_mismatch symbol');
    expect(codeOf(await trade('buy', '0.001'))).toBe('400 amount_not_positive quantity');
    expect(codeOf(await trade('buy', '0'))).toBe('400 malformed_request quantity');
    expect(codeOf(await trade('buy', '1.123456789'))).toBe('400 malformed_request quantity');
    expect(codeOf(await trade('sell', '1'))).toBe('422 insufficient_holding quantity');
    expect(codeOf(await trade('buy', '1', { fee: '0.10' }))).toBe('403 forbidden fee');
    expect(codeOf(await api.post('/v1/trades', { account_id: account, symbol: 'FIXED', side: 'buy', quantity: '1' }, { token }))).toMatch(
      /^400 idempotency_key_missing/,
    );
    expect(await api.state()).toEqual(before);
  });

  it('by an operator may cost a fee, and cannot be taken back', async () => {
    const { account } = await trader('100');
    const { access: token } = await newOperator(api, users);
    const bought = await api.post(
      '/v1/trades',
      { account_id: account, symbol: 'FIXED', side: 'buy', quantity: '2', fee: '0.25' },
      { token, key: freshKey() },
    );
    expect(bought.json).toMatchObject({ balance: '94.75', amount: '5.00', fee: '0.25' });
    const [fee] = await api.bank.rows(`SELECT type, amount FROM transactions WHERE reference_id = ?`, [bought.json.transaction_id]);
    expect(fee).toMatchObject({ type: 'FEE', amount: '0.2500' });
    const undone = await api.post('/v1/reversals', { transaction_id: bought.json.transaction_id }, { token, key: freshKey() });
    expect(undone).toMatchObject({ status: 422, json: { code: 'not_returnable' } });
  });

  it('is decided and not written when it is dry', async () => {
    const { token, account } = await trader('100');
    const before = await api.state();
    const dry = await api.post('/v1/trades?dry_run=true', { account_id: account, symbol: 'FIXED', side: 'buy', quantity: '2' }, { token });
    expect(dry).toMatchObject({ status: 200, json: { dry_run: true, balance: '95.00', holding: '2' } });
    expect(await api.state()).toEqual(before);
    expect((await api.get('/v1/holdings', { token })).json.holdings).toEqual([]);
  });
});

describe('a customer', () => {
  it('trades on their own accounts and sees their own trades alone, a page at a time', async () => {
    const [ann, bob] = [await trader('100'), await trader('100')];
    for (const quantity of ['1', '2', '3']) await ann.trade('buy', quantity);
    expect(codeOf(await bob.trade('buy', '1', { account_id: ann.account }))).toBe('403 forbidden account_id');
    const first = (await api.get('/v1/trades?limit=2', { token: ann.token })).json;
    expect(fieldOf(first.trades, 'quantity')).toEqual(['3', '2']);
    const next = (await api.get(`/v1/trades?limit=2&after=${first.next}`, { token: ann.token })).json;
    expect(next).toMatchObject({ trades: [{ quantity: '1', price: '2.50' }], next: null });
    expect((await api.get('/v1/trades', { token: bob.token })).json.trades).toEqual([]);
    expect((await api.get(`/v1/trades?account_id=${ann.account}`, { token: bob.token })).json.trades).toEqual([]);
    expect((await api.get(`/v1/trades?customer_id=${ann.customerId}`, { token: bob.token })).json.code).toBe('forbidden');
    expect((await api.get('/v1/trades')).status).toBe(401);
  });

  it('sees the instruments with their last price', async () => {
    const { token } = await trader('1');
    const { instruments } = (await api.get('/v1/instruments', { token })).json;
    const prices = fieldOf(instruments, 'price');
    const bySymbol = new Map(fieldOf(instruments, 'symbol').map((symbol, at) => [symbol, prices[at]]));
    expect(bySymbol.get('FIXED')).toBe('2.50');
    expect(bySymbol.get('FRESH')).toBeNull();
    expect(bySymbol.has('GOLD')).toBe(false);
  });
});
