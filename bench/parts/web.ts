// The web dashboards in a real Chromium on the whole stack: bytes of a first load, time until it can be used, and MySQL commit to the
// number on the page, with everything on this machine.

import type { Page } from 'playwright-core';
import type mysql from 'mysql2/promise';
import { openBrowser, openPage } from '../../test/support/browser.ts';
import type { BenchOptions } from '../support/options.ts';
import { startRealStack } from '../support/real-stack.ts';
import { percentiles, round, type Percentiles } from '../support/stats.ts';

const LOADS = 7;
const WRITES = 100;
const WRITES_QUICK = 25;
const GAP_MS = 120;
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
  readonly writes: number;
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
    const latencies = await watchWrites(page, url, { connection, writes: options.quick ? WRITES_QUICK : WRITES });
    options.tell(`commit to page: p50 ${percentiles(latencies).p50}, p95 ${percentiles(latencies).p95} ms`);
    return {
      firstLoadKb: round((loads[0]?.bytes ?? 0) / 1_024, 1),
      interactiveMs: percentiles(loads.map(({ ms }) => ms)),
      commitToPageMs: percentiles(latencies),
      writes: latencies.length,
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

interface Writes {
  readonly connection: mysql.Connection;
  readonly writes: number;
}

async function watchWrites(page: Page, url: string, { connection, writes }: Writes): Promise<number[]> {
  await logIn(page, url);
  await page.addInitScript({ content: RECORD_BALANCE });
  await page.goto(url);
  await page.getByTestId(`balance-${ACCOUNT}`).waitFor();
  const latencies: number[] = [];
  for (let write = 0; write < writes; write += 1) {
    const before = await page.evaluate(() => (globalThis as unknown as Recorded).balances.length);
    const row = { account_id: ACCOUNT, customer_id: CUSTOMER, merchant_id: 1, amount: TICKET, currency: 'USD', status: 'posted' };
    await connection.query('INSERT INTO transactions SET ?, event_ts = NOW(6)', [row]);
    const committedMs = Date.now();
    await page.waitForFunction((length) => (globalThis as unknown as Recorded).balances.length > length, before, {
      timeout: ARRIVAL_DEADLINE_MS,
    });
    const atMs = await page.evaluate((index) => (globalThis as unknown as Recorded).balances[index]!.atMs, before);
    latencies.push(Math.max(0, atMs - committedMs));
    await page.waitForTimeout(GAP_MS);
  }
  return latencies;
}
