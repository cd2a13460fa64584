// An API of a source against a real server on loopback.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerflowError } from '../../../../infra/runtime/errors.ts';
import type { StatementEntry } from '../port.ts';
import { inputsOf, readInput } from '../read.ts';
import { parseSource } from '../registry.ts';

const MAPPING = { externalId: 'id', bookedAt: 'date', money: { amount: 'amount' }, currency: 'currency' };
const ROWS = Array.from({ length: 5 }, (_, index) => ({
  id: `A${index + 1}`,
  date: '2026-01-02',
  amount: `${index + 1}.10`,
  currency: 'USD',
}));

let server: Server;
let base: string;
let calls: IncomingMessage[];
let answer: (url: URL, request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  calls = [];
  server = createServer((request, response) => {
    calls.push(request);
    answer(new URL(request.url!, base), request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

const send = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

async function read(
  adapter: object,
  secrets: Record<string, string> = {},
): Promise<{ ids: string[]; entries: StatementEntry[]; error: LedgerflowError | null }> {
  const http = {
    kind: 'http',
    url: `${base}/rows?day={date}`,
    allowPrivate: true,
    requestsPerMinute: 60_000,
    list: 'rows',
    mapping: MAPPING,
    ...adapter,
  };
  const request = { source: parseSource({ name: 'api', adapter: http }, 'test'), businessDate: '2026-01-02' };
  const doors = { folder: '.', secret: (name: string) => secrets[name] };
  const entries: StatementEntry[] = [];
  try {
    const [input] = await inputsOf(request, doors);
    for await (const part of readInput(request, input!, doors)) if (part.kind === 'rows') entries.push(...part.entries);
    return { ids: entries.map(({ externalId }) => externalId), entries, error: null };
  } catch (error) {
    if (!(error instanceof LedgerflowError)) throw error;
    return { ids: [], entries, error };
  }
}

const ALL = ROWS.map(({ id }) => id);

describe('pages', () => {
  it('by cursor', async () => {
    answer = (url, _, response) => {
      const at = Number(url.searchParams.get('after') ?? 0);
      send(response, { rows: ROWS.slice(at, at + 2), next: at + 2 < ROWS.length ? String(at + 2) : null });
    };
    const { ids, entries } = await read({ paging: { kind: 'cursor', path: 'next', parameter: 'after' } });
    expect(ids).toEqual(ALL);
    expect(entries[4]).toMatchObject({ amount: '5.10', line: 5, bookedAt: '2026-01-02' });
    expect(calls.map(({ url }) => url)).toEqual(['/rows?day=2026-01-02', '/rows?day=2026-01-02&after=2', '/rows?day=2026-01-02&after=4']);
  });

  it('by number and by offset', async () => {
    answer = (url, _, response) => {
      const at = url.searchParams.has('page') ? (Number(url.searchParams.get('page')) - 1) * 2 : Number(url.searchParams.get('from'));
      send(response, { rows: ROWS.slice(at, at + 2) });
    };
    expect((await read({ paging: { kind: 'page', parameter: 'page', size: 2 } })).ids).toEqual(ALL);
    expect((await read({ paging: { kind: 'offset', parameter: 'from', size: 2, sizeParameter: 'limit' } })).ids).toEqual(ALL);
    expect(calls.at(-1)!.url).toBe('/rows?day=2026-01-02&from=4&limit=2');
  });

  it('by link, of the same place only', async () => {
    answer = (url, _, response) => {
      const at = Number(url.searchParams.get('at') ?? 0);
      send(response, { rows: ROWS.slice(at, at + 3) }, at === 0 ? { link: '</rows?at=3>; rel="next"' } : {});
    };
    expect((await read({ paging: { kind: 'link' } })).ids).toEqual(ALL);
    answer = (_, __, response) => send(response, { rows: [] }, { link: '<http://127.0.0.1:9/rows>; rel="next"' });
    expect((await read({ paging: { kind: 'link' } })).error?.message).toMatch(/at another place/);
  });

  it('that come again, or never end, are refused', async () => {
    answer = (_, __, response) => send(response, { rows: ROWS.slice(0, 1), next: 'same' });
    expect((await read({ paging: { kind: 'cursor', path: 'next', parameter: 'after' } })).error?.message).toMatch(/same page again/);
    let count = 0;
    answer = (_, __, response) => send(response, { rows: [], next: String((count += 1)) });
    const endless = await read({ paging: { kind: 'cursor', path: 'next', parameter: 'after' }, pagesMax: 3 });
    expect(endless.error?.message).toMatch(/more than 3 pages/);
  });

  it('tie to what the first one says', async () => {
    answer = (_, __, response) => send(response, { rows: ROWS, opening: '0', closing: '15.51', count: 5 });
    const { error } = await read({ totals: { opening: 'opening', closing: 'closing', entries: 'count' } });
    expect(error?.message).toMatch(/closing balance .* a difference of 0\.01 USD/);
    expect((await read({ totals: { opening: 'opening', entries: 'count' } })).ids).toEqual(ALL);
  });
});

describe('failures', () => {
  it('that may pass are tried again, others are not', async () => {
    answer = (_, __, response) => {
      if (calls.length === 1) response.writeHead(503, { 'retry-after': '0' }).end();
      else if (calls.length === 2) response.destroy();
      else send(response, { rows: ROWS });
    };
    expect((await read({ attemptsMax: 4 })).ids).toEqual(ALL);
    expect(calls.length).toBe(3);
    answer = (_, __, response) => response.writeHead(404).end();
    expect((await read({})).error).toMatchObject({ code: 'LF_STATEMENT_API_REFUSED', message: 'the answer is 404' });
    answer = (_, __, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end();
    expect((await read({})).error?.message).toMatch(/redirects are not followed/);
    expect(calls.length).toBe(5);
    answer = (_, __, response) => response.writeHead(429).end();
    expect((await read({ attemptsMax: 2 })).error).toMatchObject({ code: 'LF_STATEMENT_API', message: 'the answer is 429' });
    expect(calls.length).toBe(7);
  });

  it('are what is late, too large, or no JSON', async () => {
    answer = (_, __, response) => void response.writeHead(200).write('{');
    expect((await read({ timeoutMs: 50, attemptsMax: 1 })).error?.message).toBe('no whole answer in time');
    answer = (_, __, response) => send(response, { rows: [], filler: 'x'.repeat(5_000) });
    expect((await read({ pageBytesMax: 1_024 })).error?.message).toMatch(/more than 1024 bytes/);
    answer = (_, __, response) => void response.writeHead(200).end('<html>');
    expect((await read({})).error?.message).toMatch(/not JSON/);
    answer = (_, __, response) => send(response, { rows: {} });
    expect((await read({})).error?.message).toMatch(/no list at "rows"/);
  });

  it('an internal address is refused unless allowed, also behind a name', async () => {
    expect((await read({ allowPrivate: false })).error?.code).toBe('LF_STATEMENT_ADDRESS');
    const named = base.replace('127.0.0.1', 'localhost');
    expect((await read({ allowPrivate: false, url: `${named}/rows`, attemptsMax: 1 })).error?.code).toBe('LF_STATEMENT_ADDRESS');
    expect(calls.length).toBe(0);
  });

  it('requests keep their pace', async () => {
    const at: number[] = [];
    answer = (url, _, response) => {
      at.push(performance.now());
      const page = Number(url.searchParams.get('page'));
      send(response, { rows: ROWS.slice(page - 1, page) });
    };
    await read({ requestsPerMinute: 1_200, paging: { kind: 'page', parameter: 'page', size: 1 } });
    expect(at.length).toBe(6);
    expect(at.at(-1)! - at[0]!).toBeGreaterThanOrEqual(5 * 50 - 20); // 50 ms apart
  });
});

describe('logins', () => {
  it('bearer, header and basic carry the secret, and need one', async () => {
    answer = (_, __, response) => send(response, { rows: ROWS });
    await read({ auth: { kind: 'bearer', secret: 'acme' } }, { acme: 's3cret\n' });
    await read({ auth: { kind: 'header', name: 'X-Key', secret: 'acme' } }, { acme: 's3cret' });
    await read({ auth: { kind: 'basic', user: 'me', secret: 'acme' } }, { acme: 's3cret' });
    expect(calls.map(({ headers }) => headers.authorization ?? headers['x-key'])).toEqual([
      'Bearer s3cret',
      's3cret',
      `Basic ${Buffer.from('me:s3cret').toString('base64')}`,
    ]);
    expect((await read({ auth: { kind: 'bearer', secret: 'acme' } })).error?.message).toMatch(/there is no secret "acme"/);
    const plain = await read({ auth: { kind: 'bearer', secret: 'acme' }, allowPrivate: false, url: 'http://example.com/' }, { acme: 'x' });
    expect(plain.error?.message).toMatch(/not sent over plain http/);
  });

  it('OAuth 2 tokens are fetched, and renewed once they have run out', async () => {
    let tokens = 0;
    answer = (url, request, response) => {
      if (url.pathname === '/token') return send(response, { access_token: `T${(tokens += 1)}` });
      if (request.headers.authorization === 'Bearer T1' && url.searchParams.has('after')) return void response.writeHead(401).end();
      return send(response, { rows: ROWS.slice(0, 1), next: url.searchParams.has('after') ? null : 'x' });
    };
    const auth = { kind: 'oauth2', tokenUrl: `${base}/token`, clientId: 'me', secret: 'acme' };
    const { ids, error } = await read({ auth, paging: { kind: 'cursor', path: 'next', parameter: 'after' } }, { acme: 's3cret' });
    expect(error).toBeNull();
    expect(ids).toEqual(['A1', 'A1']);
    expect(tokens).toBe(2);
  });
});
