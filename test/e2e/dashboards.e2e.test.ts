// The web dashboards in a real Chromium on the whole stack, with logins: what a customer sees follows MySQL without a reload,
// nobody sees another one's rows, operators see the pipeline. Screenshots go to test-artefacts/dashboards.

import type mysql from 'mysql2/promise';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Status } from '../../infra/runtime/status.ts';
import { accessibilityFaults, findChromium, openBrowser, openPage, overflow, PHONE, screenshot } from '../support/browser.ts';
import { addOperator, api, expiredToken, figure, inDialog } from '../support/dashboard-page.ts';
import { startPipeline, waitFor, type TestPipeline } from '../support/pipeline.ts';

const PASSWORD = 'correct horse battery';
const OPERATOR = 'olga@example.com';

let pipeline: TestPipeline;
let bank: mysql.Connection;
let browser: Browser;
let url: string;
let bankUrl: string;

interface Customer {
  readonly email: string;
  readonly id: string;
  readonly account: string;
}

beforeAll(async () => {
  if (findChromium() === undefined) return;
  pipeline = await startPipeline({ LEDGERFLOW_BANK_AUTH: 'on', LEDGERFLOW_MARKET_INTERVAL_MS: '86400000' });
  const status: Status = await pipeline.status();
  url = status.dashboards?.url ?? '';
  bankUrl = status.bank?.url ?? '';
  await waitFor('the dashboards to listen', 60_000, async () => (await fetch(url)).ok);
  await waitFor('the bank API to listen', 60_000, async () => (await fetch(new URL('/openapi.json', bankUrl))).ok);
  [bank, browser] = await Promise.all([pipeline.mysql(), openBrowser(), addOperator(pipeline.home, OPERATOR, PASSWORD)]);
});
afterAll(async () => {
  await browser?.close();
  bank?.destroy();
  await pipeline?.[Symbol.asyncDispose]();
});

let customers = 0;

async function newCustomer(balance: string): Promise<Customer> {
  customers += 1;
  const email = `customer${customers}@example.com`;
  const body = JSON.stringify({ email, password: PASSWORD, first_name: 'Ada', last_name: `Number ${customers}` });
  const answer = await fetch(`${bankUrl}/auth/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { customer_id: id } = (await answer.json()) as { customer_id: number };
  const [added] = await bank.query<mysql.ResultSetHeader>('INSERT INTO accounts SET ?', [
    { customer_id: id, balance, account_type: 'checking' },
  ]);
  return { email, id: String(id), account: String(added.insertId) };
}

async function logIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.goto(url);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

describe.skipIf(findChromium() === undefined)('the dashboards in Chromium', () => {
  it('refuse a wrong password, and say so', async () => {
    const { email } = await newCustomer('10.00');
    const { page, faults } = await openPage(browser);
    await logIn(page, email, 'wrong password');
    await page.getByRole('alert').filter({ hasText: 'The address or the password is wrong.' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, 'login');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('show what is inserted into MySQL without a reload', async () => {
    const { email, account, id } = await newCustomer('250.00');
    const { page, faults } = await openPage(browser);
    await logIn(page, email);
    await figure(page, `balance-${account}`, '$250.00');
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }));
    await bank.query(`INSERT INTO transactions SET ?, event_ts = NOW(6)`, [
      { account_id: account, customer_id: id, merchant_id: 1, amount: '20.75', currency: 'USD', status: 'posted' },
    ]);
    await figure(page, `balance-${account}`, '$229.25');
    await figure(page, 'total-USD', '$229.25');
    expect(await page.evaluate(() => 'notReloaded' in globalThis)).toBe(true);
    expect(await page.getByTestId('as-of-gtid').textContent()).toMatch(/[0-9a-f]{8}…:\d+/);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('record a purchase that is pending until it has arrived, and warn of the budget', async () => {
    const { email, account } = await newCustomer('500.00');
    const { page, faults } = await openPage(browser);
    await logIn(page, email);
    await figure(page, `balance-${account}`, '$500.00');
    await page.getByRole('link', { name: 'Spending' }).first().click();
    await page.getByRole('button', { name: 'Set a budget' }).click();
    await inDialog(page, 'Category').selectOption('groceries');
    await inDialog(page, 'Limit').fill('100');
    await page.getByRole('button', { name: 'Set the budget' }).click();
    await figure(page, 'budget-groceries', '$0.00');
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('button', { name: 'Record a purchase' }).click();
    await inDialog(page, 'Amount').fill('85.50');
    await inDialog(page, 'Merchant').fill('Corner Shop');
    await inDialog(page, 'Category').selectOption('groceries');
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, 'purchase');
    await page.getByRole('button', { name: 'Pay' }).click();
    await page.getByTestId('command').filter({ hasText: 'Included in the figures after' }).first().waitFor();
    await figure(page, `balance-${account}`, '$414.50');
    await figure(page, 'budget-alert-groceries', '80 % of the budget is used, $85.50 of $100.00');
    await screenshot(page, 'overview');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('trade on paper and show what is held; the refusal of the bank stands at the form', async () => {
    const { email } = await newCustomer('1000.00');
    const { page, faults } = await openPage(browser);
    await logIn(page, email);
    await page.getByRole('link', { name: 'Portfolio' }).click();
    await page.getByRole('button', { name: 'Paper trade' }).click();
    await inDialog(page, 'Instrument').selectOption('BLUE');
    await inDialog(page, 'Quantity').fill('9999999');
    await page.getByRole('button', { name: 'Trade', exact: true }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await inDialog(page, 'Quantity').fill('2.5');
    await page.getByRole('button', { name: 'Trade', exact: true }).click();
    await figure(page, 'held-BLUE', '2.5');
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, 'portfolio');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('refuse the rows and the money of somebody else, and the pages of operators', async () => {
    const [mine, other] = [await newCustomer('50.00'), await newCustomer('60.00')];
    const { page } = await openPage(browser);
    await logIn(page, mine.email);
    await figure(page, `balance-${mine.account}`, '$50.00');
    expect(await api(page, `/api/customer/overview?customer_id=${other.id}`)).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden' } },
    });
    const theft = { from_account_id: other.account, to_account_id: mine.account, amount: '5' };
    expect(await api(page, '/api/bank/transfers', theft)).toMatchObject({ body: { ok: false, status: 403 } });
    for (const path of ['pipeline', 'topics', 'parked', 'tables', 'quality', 'incidents', 'fraud', 'publications', 'jobs'])
      expect((await api(page, `/api/operator/${path}`)).status, path).toBe(403);
    expect((await api(page, '/api/operator/sql', { sql: 'SELECT 1' })).status).toBe(403);
    await page.goto(`${url}/operator`);
    await page.getByRole('heading', { name: 'For operators' }).waitFor();
    await page.context().close();
  });

  it('renew a token that has run out, and ask for the password when that is over too', async () => {
    const { email, account } = await newCustomer('75.00');
    const { page } = await openPage(browser);
    await logIn(page, email);
    await figure(page, `balance-${account}`, '$75.00');
    const context = page.context();
    const stale = {
      name: 'lf_session',
      value: await expiredToken(pipeline.home),
      domain: '127.0.0.1',
      path: '/api',
      httpOnly: true,
      sameSite: 'Strict' as const,
    };
    await context.addCookies([stale]);
    await page.reload();
    await figure(page, `balance-${account}`, '$75.00');
    await context.clearCookies();
    await context.addCookies([stale]);
    await page.reload();
    await page.getByText('Your session has ended. Please log in again.').waitFor();
    await context.close();
  });

  it('fit a phone, in the dark too, and are accessible there', async () => {
    const { email, account } = await newCustomer('1234.50');
    const { page, faults } = await openPage(browser, { viewport: PHONE, colorScheme: 'dark', reducedMotion: 'reduce' });
    await logIn(page, email);
    await figure(page, `balance-${account}`, '$1,234.50');
    for (const [name, path] of [
      ['overview', '/'],
      ['spending', '/spending'],
      ['portfolio', '/portfolio'],
      ['alerts', '/alerts'],
    ] as const) {
      await page.goto(`${url}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await overflow(page), path).toBe(0);
      expect(await accessibilityFaults(page), path).toEqual([]);
      await screenshot(page, `phone-${name}`);
    }
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('say what is wrong when the figures cannot be read, and keep the older ones', async () => {
    const { email, account } = await newCustomer('99.00');
    const { page } = await openPage(browser);
    await logIn(page, email);
    await figure(page, `balance-${account}`, '$99.00');
    const body = JSON.stringify({ error: { code: 'unavailable', message: 'the lake cannot be read' } });
    await page.route('**/api/customer/overview', (route) => route.fulfill({ status: 503, contentType: 'application/json', body }));
    await page.getByRole('alert').filter({ hasText: 'the lake cannot be read' }).waitFor();
    expect(await page.getByTestId(`balance-${account}`).textContent()).toBe('$99.00');
    await page.unroute('**/api/customer/overview');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('show operators the pipeline, its topics, its quality, and run their SQL', async () => {
    const { page, faults } = await openPage(browser);
    await logIn(page, OPERATOR);
    await page.getByRole('heading', { name: 'Pipeline' }).waitFor();
    await figure(page, 'freshness-ms', 'ms');
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, 'operator-pipeline');
    for (const name of ['Parked', 'Tables', 'Quality', 'Incidents', 'Publications', 'Jobs', 'Topics', 'SQL']) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { level: 2 }).first().waitFor();
      expect(await accessibilityFaults(page), name).toEqual([]);
      await screenshot(page, `operator-${name.toLowerCase()}`);
    }
    await page.getByLabel('SQL statement').fill('SELECT 40 + 2 AS answer');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('cell', { name: '42' }).waitFor();
    await page.getByLabel('SQL statement').fill('DELETE FROM gold.daily_volumes');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('link', { name: 'Topics', exact: true }).click();
    await page.getByRole('button', { name: /Newest messages of bank_server\.bank\.accounts/ }).click();
    await page.getByTestId('messages').locator('summary').first().waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
