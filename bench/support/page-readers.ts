// Customers who have the overview open, without a browser: each holds an event stream and reads what the page reads whenever gold has moved,
// one request at a time.

import { setTimeout as sleep } from 'node:timers/promises';

const PATHS = ['/api/customer/overview', '/api/customer/balances', '/api/customer/month'];
/** As pages of customers do. */
const EVERY_MS = 120;

export interface PageReaders extends AsyncDisposable {
  /** How long each answer took so far, ms. */
  readonly times: readonly number[];
  /** Answers that were no success. */
  readonly failed: () => number;
}

/** @param customers one reader for each; demo sessions, so the bank asks for no login */
export function openReaders(url: string, customers: readonly string[]): PageReaders {
  const stop = new AbortController();
  const times: number[] = [];
  let failed = 0;
  const read = async (path: string, cookie: string): Promise<void> => {
    const asked = performance.now();
    const answer = await fetch(new URL(path, url), { headers: { cookie }, signal: stop.signal });
    await answer.arrayBuffer();
    times.push(performance.now() - asked);
    if (!answer.ok) failed += 1;
  };
  const work = customers.map(async (customer) => {
    const cookie = await logIn(url, customer);
    const news = await listen(url, cookie, stop.signal);
    for (let seen = -1; !stop.signal.aborted;) {
      const now = news.count();
      if (now !== seen) await Promise.all(PATHS.map((path) => read(path, cookie)));
      seen = now;
      await sleep(EVERY_MS, undefined, { signal: stop.signal });
    }
  });
  const ended = Promise.all(work).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  ended.catch(() => undefined); // told when it is awaited
  return {
    times,
    failed: () => failed,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

async function logIn(url: string, customerId: string): Promise<string> {
  const headers = { 'x-ledgerflow': '1', 'content-type': 'application/json' };
  const answer = await fetch(new URL('/api/session/demo', url), { method: 'POST', headers, body: JSON.stringify({ customerId }) });
  if (!answer.ok) throw new Error(`no demo session of ${customerId}: ${answer.status}`);
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

/** Counts the positions that a page would have been told. */
async function listen(url: string, cookie: string, signal: AbortSignal): Promise<{ count: () => number }> {
  const answer = await fetch(new URL('/api/live', url), { headers: { cookie }, signal });
  if (!answer.ok || answer.body === null) throw new Error(`no event stream: ${answer.status}`);
  let told = 0;
  const follow = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) told += decoder.decode(chunk, { stream: true }).split('event: position').length - 1;
  };
  follow(answer.body).catch(() => undefined); // ends with the readers
  return { count: () => told };
}
