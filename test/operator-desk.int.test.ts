// The operator's work on breaks, fraud alerts and incidents in a real Chromium, by keyboard: what was decided leaves the list, the next
// row has the focus, and the store keeps who did it. Screenshots go to test-artefacts/dashboards.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPages } from '../dashboards/web/build.ts';
import { accessibilityFaults, findChromium, openBrowser, openPage, overflow, PHONE, screenshot } from './support/browser.ts';
import { operatorDesk, type OperatorDesk } from './support/operator-desk.ts';

/** The line of our 1005, of the day after. */
const LATER = `txn_id,date,amount,currency,reference,description\nBK-11,2025-07-14,75.00,USD,,STANDING ORDER\n`;
/** What a first visit transfers, compressed as it was sent. */
const LOADED_BYTES = `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, { transferSize }) => sum + transferSize, 0)`;
const FIRST_LOAD_BYTES_MAX = 250 * 1_024;
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
    expect(await page.evaluate<number>(LOADED_BYTES)).toBeLessThan(FIRST_LOAD_BYTES_MAX);
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
    await page.getByRole('button', { name: /^Compare Missing internal/ }).click();
    await page.getByLabel('Account of ours, where the break names none').fill('1');
    await page.getByRole('button', { name: 'Suggest a journal' }).click();
    await said(page, 'A deposit waits for somebody else to approve it.');
    await page.getByRole('button', { name: 'Approve and post' }).click();
    await page.getByRole('alert').filter({ hasText: 'somebody else has to approve it' }).waitFor();
    await page.getByLabel('You act as').fill('nadia');
    await page.getByRole('button', { name: 'Approve and post' }).click();
    await said(page, 'The journal was posted by the bank');
    expect(desk.posted).toEqual([['/v1/deposits', expect.stringMatching(/^recon-b/)]]);
    expect(await desk.stand.rows(`SELECT DISTINCT actor FROM ops.recon_break_events WHERE actor <> 'engine' ORDER BY 1`)).toEqual([
      ['demo:nadia'],
      ['demo:operator'],
    ]);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('takes a statement, compares a match of its run, and takes it back', async () => {
    const { page, faults } = await openAt('/operator/recon/runs');
    await page
      .getByLabel('Statement', { exact: true })
      .setInputFiles({ name: 'later.csv', mimeType: 'text/csv', buffer: Buffer.from(LATER) });
    await page.getByLabel('Business date').last().fill('2025-07-14');
    await page.getByRole('button', { name: 'Reconcile', exact: true }).click();
    await said(page, 'bank_csv 2025-07-14, attempt 1, succeeded.');
    await page.getByRole('button', { name: /^Show run 2/ }).click();
    await page
      .getByRole('button', { name: /^Compare match/ })
      .first()
      .click();
    await page.getByRole('region', { name: 'Components of the score' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, 'operator-recon-runs');
    await page.getByLabel('Why it is wrong').fill('another standing order');
    await page.keyboard.press('Enter');
    await said(page, 'was taken back');
    expect(await desk.stand.rows(`SELECT reason, state FROM gold.recon_breaks WHERE reason = 'undone'`)).toEqual([['undone', 'open']]);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('works off fraud alerts and acknowledges incidents by keyboard', async () => {
    const { page, faults } = await openAt('/operator/fraud');
    const alerts = page.getByRole('region', { name: 'Fraud alerts' });
    await alerts.locator('tbody tr').nth(3).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, 'operator-fraud');
    await alerts.focus();
    for (const key of ['j', 'j', 's']) await page.keyboard.press(key);
    await said(page, '1 changed.');
    await alerts.getByText('acknowledged').waitFor();
    await page.keyboard.press('p');
    await alerts.locator('tbody tr').nth(3).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Incidents', exact: true }).click();
    await page.getByLabel('Note').fill('looking at the entries');
    await page.getByRole('region', { name: 'List of incidents' }).focus();
    for (const key of ['j', 's']) await page.keyboard.press(key);
    await page.getByText(/demo:operator looks after it since .*: looking at the entries/).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'What people said of the incident' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, 'operator-incidents');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('fits a phone, in the dark too', async () => {
    const { page, faults } = await openAt('/operator/recon', { viewport: PHONE, colorScheme: 'dark', reducedMotion: 'reduce' });
    for (const name of ['recon', 'recon/runs', 'fraud', 'incidents']) {
      await page.goto(`${desk.url}/operator/${name}`);
      await page.locator('[data-row]').first().click();
      await page
        .getByRole('button', { name: /^Close/ })
        .first()
        .waitFor();
      expect(await overflow(page), name).toBe(0);
      expect(await accessibilityFaults(page), name).toEqual([]);
      await screenshot(page, `phone-operator-${name.replace('/', '-')}`);
    }
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
