// What the browser tests of the dashboards do with a page: find figures and fields, call the API, hold an expired token.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { importJWK, SignJWT } from 'jose';
import type { Locator, Page } from 'playwright-core';
import { loadSigningKeys } from '../../bank/auth/key-file.ts';

const PROGRAM = fileURLToPath(new URL('../../cli/ledgerflow.mjs', import.meta.url));

/** A field of the open dialog. */
export const inDialog = (page: Page, label: string): Locator => page.getByRole('dialog').getByLabel(label, { exact: true });

/** Text of a figure, once it is what it has to be. */
export async function figure(page: Page, testId: string, text: string): Promise<void> {
  await page.getByTestId(testId).filter({ hasText: text }).first().waitFor();
}

/** Status and body of an API call with the page's own session. */
export async function api(page: Page, path: string, body?: object): Promise<{ status: number; body: { error?: { code: string } } }> {
  return await page.evaluate(
    async ([to, content]) => {
      const headers = { 'x-ledgerflow': '1', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
      const answer = await fetch(to, content === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(content) });
      return { status: answer.status, body: (await answer.json()) as { error?: { code: string } } };
    },
    [path, body] as const,
  );
}

/** As the bank signs them, but of yesterday. */
export async function expiredToken(home: string): Promise<string> {
  const [key] = await loadSigningKeys(home);
  if (key === undefined) throw new Error('the bank has no key');
  const yesterday = Math.floor(Date.now() / 1_000) - 86_400;
  return await new SignJWT({ sid: '00000000-0000-4000-8000-000000000000', role: 'customer', customer_id: '1' })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'JWT' })
    .setIssuer('ledgerflow-bank')
    .setAudience('ledgerflow')
    .setSubject('1')
    .setIssuedAt(yesterday)
    .setExpirationTime(yesterday + 900)
    .sign(await importJWK(key.jwk, 'EdDSA'));
}

/** A login of an operator. */
export function addOperator(home: string, email: string, password: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, 'bank', 'operator', email], {
      env: { ...process.env, LEDGERFLOW_HOME: home },
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`bank operator ended with ${code}`))));
    child.stdin.end(`${password}\n`);
  });
}
