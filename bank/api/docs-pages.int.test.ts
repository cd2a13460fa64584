// The documents: an OpenAPI 3.1 document with every path, and two pages that need nothing from elsewhere.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../test/support/bank-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
});

it('the document has the seeds’ paths and the versioned form', async () => {
  const { json } = await api.get('/openapi.json');
  expect(json.openapi).toBe('3.1.0');
  const paths = Object.keys(json.paths);
  const wanted = [
    '/accounts/',
    '/accounts/{id}/history',
    '/deposit/',
    '/transfer/',
    '/ledger/account/',
    '/ledger/transfer/',
    '/ledger/account/{id}/balance',
  ];
  expect(paths).toEqual(
    expect.arrayContaining([...wanted, '/ledger/events/', '/auth/register', '/auth/login', '/v1/transfers', '/v1/transfers:batch']),
  );
  const body = json.paths['/transfer/'].post.requestBody.content['application/json'].schema;
  expect(Object.keys(body.properties)).toEqual(['from_account_id', 'to_account_id', 'amount', 'idempotency_key']);
  expect(body.properties.amount.type).toEqual(['string', 'number']);
});

it.each(['/docs', '/redoc'])('%s and what it loads come from here alone', async (path) => {
  const page = await api.get(path);
  expect(page.status).toBe(200);
  const loaded = [...page.text.matchAll(/(?:src|href|spec-url)="([^"]+)"/g)].map((match) => match[1]!);
  expect(loaded.length).toBeGreaterThan(1);
  for (const each of loaded) {
    expect(each).toMatch(/^(\.?\/)(?!\/)/);
    expect((await api.get(new URL(each, 'http://x/docs/').pathname)).status, each).toBe(200);
  }
  expect(page.headers.get('content-security-policy')).toMatch(/default-src '(none|self)'/);
});
