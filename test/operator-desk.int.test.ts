// The operator's work on breaks, fraud alerts and incidents in a real Chromium, by keyboard: what was decided leaves the list, the next
// row has the focus, and the store keeps who did it. Screenshots go to test-artefacts/dashboards.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPages } from '../dashboards/web/build.ts';
import { accessibilityFaults, findChromium, openBrowser, openPage, screenshot } from './support/browser.ts';
import { operatorDesk, type OperatorDesk } from './support/operator-desk.ts';

let desk: OperatorDesk;
let browser: Browser;

beforeAll(async () => {
  if (findChromium() === undefined) return;
  [desk, browser] = await Promise.all([buildPages().then(operatorDesk), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await desk?.[Symbol.asyncDispose]();
});

async function openAt(path: string, options: Parameters<typeof openPage>[1] = {}): Promise<{ page: Page; faults: readonly string[] }> {
  const opened = await openPage(browser, options);
  const answer = await opened.page.request.post(`${desk.url}/api/session/demo`, { headers: { 'x-ledgerflow': '1' }, data: { customerId: null } }); // prettier-ignore
  expect(answer.ok()).toBe(true);
  await opened.page.goto(`${desk.url}${path}`);
  await opened.page.getByRole('heading', { level: 1 }).waitFor();
  return opened;
}

/** The name of what has the focus. */
const focused = (page: Page): Promise<string | null> =>
  page.evaluate(`document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? null`);
const said = (page: Page, text: string): Promise<void> => page.getByRole('status').filter({ hasText: text }).waitFor();

describe.skipIf(findChromium() === undefined)("the operator's desk in Chromium", () => {
  it('works off breaks by keyboard, with a second person where one is needed', async () => {
    const { page, faults } = await openAt('/operator/recon');
    const rows = page.getByRole('region', { name: 'List of breaks' }).locator('tbody tr');
    await rows.nth(3).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, 'operator-recon');
    await page.getByRole('region', { name: 'List of breaks' }).focus();
    await page.keyboard.press('j');
    expect(await focused(page)).toBe('Compare Amount, BK-10 · 1004');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Both sides' }).getByText('+2.00').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, 'operator-recon-break');
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe('Compare Amount, BK-10 · 1004');
    await page.keyboard.press('a');
    await said(page, '1 break accepted as matches.');
    await rows.nth(3).waitFor({ state: 'detached' });
    await page.waitForFunction(`document.activeElement?.getAttribute('aria-label')?.startsWith('Compare Missing external') === true`);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
