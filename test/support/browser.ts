// A real Chromium for tests of the pages, where the machine has one; screenshots and the accessibility check.

import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { findOnPath } from '../../infra/native/obtain/find-program.ts';
import { ROOT } from './source-tree.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ARTEFACTS = path.join(ROOT, 'test-artefacts', 'dashboards');
export const PHONE = { width: 390, height: 844 };
const DESK = { width: 1_280, height: 860 };
const PATIENCE_MS = 20_000;

/** The system's Chromium; undefined where there is none (`apt-get install chromium`). */
export function findChromium(): string | undefined {
  return NAMES.map((name) => findOnPath(name)).find((file) => file !== undefined && existsSync(file));
}

/** @throws when there is no Chromium */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: apt-get install chromium');
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export interface OpenPage {
  readonly page: Page;
  /** Errors that the page threw or wrote to its console; answers with 4xx that a test provokes are not among them. */
  readonly faults: readonly string[];
}

/** A page in a context of its own: cookies are not shared. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: DESK, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
  });
  return { page, faults };
}

/** Kept beside the project, not in it: to be looked at after a run. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(ARTEFACTS, { recursive: true });
  await page.screenshot({ path: path.join(ARTEFACTS, `${name}.png`), fullPage: true });
}

/** What axe finds against WCAG 2.2 A and AA, one line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)}`));
}

/** By how many pixels the page is wider than its window. */
export async function overflow(page: Page): Promise<number> {
  return await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
