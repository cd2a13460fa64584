// The web dashboards in a real Chromium on the whole stack: bytes of a first load, time until it can be used, a click on Pay to the new
// balance, and MySQL's commit to the number on the page, alone and beside other readers, with everything on this machine.

import type { Page } from 'playwright-core';
import type mysql from 'mysql2/promise';
import { openBrowser, openPage } from '../../test/support/browser.ts';
import { inDialog } from '../../test/support/dashboard-page.ts';
import type { BenchOptions } from '../support/options.ts';
import { openReaders } from '../support/page-readers.ts';
import { startRealStack } from '../support/real-stack.ts';
import { percentiles, round, type Percentiles } from '../support/stats.ts';

const LOADS = 7;
const WRITES = 100;
const WRITES_QUICK = 25;
const CLICKS = 20;
const CLICKS_QUICK = 8;
const GAP_MS = 120;
/** Customers of the demo world who have the overview open at the same time. */
const READERS = Array.from({ length: 16 }, (_, at) => String(1_003 + at));
const ARRIVAL_DEADLINE_MS = 10_000;
/** A customer of the demo world with its first account. */
const CUSTOMER = '1002';
const ACCOUNT = '1003';
const TICKET = '0.01';

export interface WebResult {
  /** Everything a first visit transfers until the balances stand there, compressed as sent. */
  readonly firstLoadKb: number;
  /** From the navigation's start to balances on the page and buttons that work. */
  readonly interactiveMs: Percentiles;
  /** From the answer of MySQL's commit to the number on the page. */
  readonly commitToPageMs: Percentiles;
  /** From the click on Pay to the new balance: the bank, MySQL, the pipeline and the page. */
  readonly clickToPageMs: Percentiles;
  readonly writes: number;
  readonly besideReaders: {
    readonly readers: number;
    readonly commitToPageMs: Percentiles;
    /** Answers of the API to the readers. */
    readonly answers: number;
    readonly answerMs: Percentiles;
    readonly failed: number;
  };
}

export async function web(options: BenchOptions): Promise<WebResult> {
  await using stack = await startRealStack({ LEDGERFLOW_BANK_AUTH: 'off', ...options.settings });
  const url = (await stack.pipeline.status()).dashboards?.url ?? '';
  const browser = await openBrowser();
  const connection = await stack.pipeline.mysql();
  try {
    const loads = [];
    for (let load = 0; load < LOADS; load += 1) loads.push(await firstLoad(browser, url));
    options.tell(`first load ${round((loads[0]?.bytes ?? 0) / 1_024)} KB`);
    const { page } = await openPage(browser);
    await openOverview(page, url);
    const writes = options.quick ? WRITES_QUICK : WRITES;
    const latencies = await watchWrites(page, connection, writes);
    options.tell(`commit to page: p50 ${percentiles(latencies).p50}, p95 ${percentiles(latencies).p95} ms`);
    const clicks = await watchClicks(page, options.quick ? CLICKS_QUICK : CLICKS);
    options.tell(`click to page: p50 ${percentiles(clicks).p50}, p95 ${percentiles(clicks).p95} ms`);
    await using readers = openReaders(url, READERS);
    const beside = await watchWrites(page, connection, writes);
    return {
      firstLoadKb: round((loads[0]?.bytes ?? 0) / 1_024, 1),
      interactiveMs: percentiles(loads.map(({ ms }) => ms)),
      commitToPageMs: percentiles(latencies),
      clickToPageMs: percentiles(clicks),
      writes: latencies.length,
      besideReaders: {
        readers: READERS.length,
        commitToPageMs: percentiles(beside),
        answers: readers.times.length,
        answerMs: percentiles(readers.times),
        failed: readers.failed(),
      },
    };
  } finally {
    connection.destroy();
    await browser.close();
  }
}

type Browser = Awaited<ReturnType<typeof openBrowser>>;

async function logIn(page: Page, url: string): Promise<void> {
  const headers = { 'x-ledgerflow': '1' };
  const answer = await page.request.post(`${url}/api/session/demo`, { headers, data: { customerId: CUSTOMER } });
  if (!answer.ok()) throw new Error(`no demo session: ${answer.status()}`);
}

/** A browser that has never been here, already logged in. */
async function firstLoad(browser: Browser, url: string): Promise<{ readonly bytes: number; readonly ms: number }> {
  const { page } = await openPage(browser);
  await logIn(page, url);
  const network = await page.context().newCDPSession(page);
  let bytes = 0;
  network.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  await network.send('Network.enable');
  await page.addInitScript({ content: RECORD_BALANCE });
  await page.goto(url);
  await page.getByTestId(`balance-${ACCOUNT}`).waitFor();
  const ms = await page.evaluate(() => (globalThis as unknown as Recorded).balances[0]!.sinceStartMs);
  await page.context().close();
  return { bytes, ms };
}

interface Recorded {
  readonly balances: { readonly text: string; readonly atMs: number; readonly sinceStartMs: number }[];
}

/** Runs in the page: notes every text the balance shows and when. */
const RECORD_BALANCE = `
  globalThis.balances = [];
  new MutationObserver(() => {
    const text = document.querySelector('[data-testid="balance-${ACCOUNT}"]')?.textContent ?? '';
    if (text !== '' && balances.at(-1)?.text !== text) balances.push({ text, atMs: Date.now(), sinceStartMs: performance.now() });
  }).observe(document, { childList: true, subtree: true, characterData: true });`;

async function openOverview(page: Page, url: string): Promise<void> {
  await logIn(page, url);
  await page.addInitScript({ content: RECORD_BALANCE });
  await page.goto(url);
  await page.getByTestId(`balance-${ACCOUNT}`).waitFor();
}

const balances = (page: Page): Promise<number> => page.evaluate(() => (globalThis as unknown as Recorded).balances.length);

/** When the balance after the first `before` ones came, by the page's clock. */
async function nextBalance(page: Page, before: number): Promise<number> {
  await page.waitForFunction((length) => (globalThis as unknown as Recorded).balances.length > length, before, {
    timeout: ARRIVAL_DEADLINE_MS,
  });
  return await page.evaluate((index) => (globalThis as unknown as Recorded).balances[index]!.atMs, before);
}

async function watchWrites(page: Page, connection: mysql.Connection, writes: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let write = 0; write < writes; write += 1) {
    const before = await balances(page);
    const row = { account_id: ACCOUNT, customer_id: CUSTOMER, merchant_id: 1, amount: TICKET, currency: 'USD', status: 'posted' };
    await connection.query('INSERT INTO transactions SET ?, event_ts = NOW(6)', [row]);
    const committedMs = Date.now();
    latencies.push(Math.max(0, (await nextBalance(page, before)) - committedMs));
    await page.waitForTimeout(GAP_MS);
  }
  return latencies;
}

/** Runs in the page: clicks, and says when. */
function clicked(button: { click(): void }): number {
  const now = Date.now();
  button.click();
  return now;
}

/** Purchases of a cent through the page's own form. */
async function watchClicks(page: Page, clicks: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let click = 0; click < clicks; click += 1) {
    const before = await balances(page);
    await page.getByRole('button', { name: 'Record a purchase' }).click();
    await inDialog(page, 'From account').selectOption(ACCOUNT);
    await inDialog(page, 'Amount').fill(TICKET);
    await inDialog(page, 'Merchant').fill('Corner Shop');
    const clickedMs = await page.getByRole('button', { name: 'Pay', exact: true }).evaluate(clicked);
    latencies.push((await nextBalance(page, before)) - clickedMs);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  return latencies;
}
