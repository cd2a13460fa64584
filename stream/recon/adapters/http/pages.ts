// The pages of an API, one after the other: paced, retried with back-off, and bounded in number.

import { LedgerflowError } from '../../../../infra/runtime/errors.ts';
import { retry } from '../../../../infra/runtime/retry.ts';
import { sleep } from '../../../../infra/runtime/sleep.ts';
import { listOf } from '../json/read.ts';
import { parseJson, textAt, type Json } from '../json/path.ts';
import { withDate } from '../location.ts';
import { LineProblem } from '../problem.ts';
import type { AdapterOf } from '../source-config.ts';
import { Login } from './login.ts';
import { ask, type Answer, type Limits } from './request.ts';

export interface Page {
  readonly document: Json;
  readonly body: string;
}

export interface PagesRequest {
  readonly adapter: AdapterOf<'http'>;
  readonly businessDate: string;
  readonly position?: string | null | undefined;
  readonly secret?: ((name: string) => string | undefined) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const FIRST_DELAY_MS = 500;
const DELAY_MAX_MS = 30_000;
const RETRY_AFTER_MAX_MS = 120_000;

/** @throws LedgerflowError LF_STATEMENT_API after the last attempt, LF_STATEMENT_API_REFUSED, LF_STATEMENT_ADDRESS */
export async function* pagesOf(request: PagesRequest): AsyncGenerator<Page> {
  const { adapter, businessDate, position } = request;
  const caller = new Caller(request);
  const start = new URL(withDate(adapter.url, businessDate).replaceAll('{position}', encodeURIComponent(position ?? '')));
  const seen = new Set<string>();
  let url: URL | null = firstOf(start, adapter.paging);
  while (url !== null) {
    // A cursor that comes again would never end.
    if (seen.has(url.href)) throw refusedBy(url, 'the API gives the same page again');
    seen.add(url.href);
    if (seen.size > adapter.pagesMax) throw refusedBy(url, `there are more than ${adapter.pagesMax} pages`);
    const answer = await caller.get(url);
    const document = jsonOf(answer, url);
    yield { document, body: answer.body };
    url = nextOf(url, answer, { document, adapter });
  }
}

function firstOf(start: URL, paging: AdapterOf<'http'>['paging']): URL {
  const url = new URL(start);
  if (paging.kind === 'page') url.searchParams.set(paging.parameter, String(paging.first));
  if (paging.kind === 'offset') url.searchParams.set(paging.parameter, '0');
  if ((paging.kind === 'page' || paging.kind === 'offset') && paging.sizeParameter !== undefined)
    url.searchParams.set(paging.sizeParameter, String(paging.size));
  return url;
}

function nextOf(url: URL, answer: Answer, { document, adapter }: { document: Json; adapter: AdapterOf<'http'> }): URL | null {
  const { paging, list } = adapter;
  const next = new URL(url);
  switch (paging.kind) {
    case 'none':
      return null;
    case 'cursor': {
      const cursor = textAt(document, paging.path) ?? '';
      next.searchParams.set(paging.parameter, cursor);
      return cursor === '' || cursor === 'false' ? null : next;
    }
    case 'link': {
      const header = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec([answer.headers.link ?? ''].flat().join(', '))?.[1];
      const target = header ?? (paging.path === undefined ? null : textAt(document, paging.path));
      if (target === undefined || target === null || target === '') return null;
      const linked = new URL(target, url);
      if (linked.origin !== url.origin) throw refusedBy(url, `the next page is at another place, ${linked.origin}`);
      return linked;
    }
    default: {
      const count = listOf(document, list).length;
      const now = Number(url.searchParams.get(paging.parameter));
      next.searchParams.set(paging.parameter, String(now + (paging.kind === 'page' ? 1 : count)));
      return count < paging.size ? null : next;
    }
  }
}

class Caller {
  readonly #request: PagesRequest;
  readonly #limits: Limits;
  readonly #login: Login;
  #notBeforeMs = 0;

  constructor(request: PagesRequest) {
    const { timeoutMs, pageBytesMax, allowPrivate, auth } = request.adapter;
    this.#request = request;
    this.#limits = { timeoutMs, bytesMax: pageBytesMax, allowPrivate, signal: request.signal };
    this.#login = new Login(auth, request.secret, this.#limits);
  }

  get(url: URL): Promise<Answer> {
    const { adapter, signal } = this.#request;
    const policy = { attemptsMax: adapter.attemptsMax, firstDelayMs: FIRST_DELAY_MS, delayMaxMs: DELAY_MAX_MS };
    return retry(policy, () => this.#once(url), signal === undefined ? {} : { signal });
  }

  async #once(url: URL): Promise<Answer> {
    const { headers } = this.#request.adapter;
    for (;;) {
      const proof = await this.#login.headers(url);
      await this.#pace();
      const answer = await ask({ url, method: 'GET', headers: { accept: 'application/json', ...headers, ...proof } }, this.#limits);
      if (answer.status === 401 && this.#login.renew()) continue;
      if (answer.status === 200) return answer;
      throw await this.#failure(url, answer);
    }
  }

  async #pace(): Promise<void> {
    const { adapter, signal } = this.#request;
    const waitMs = this.#notBeforeMs - Date.now();
    if (waitMs > 0) await sleep(waitMs, signal);
    this.#notBeforeMs = Date.now() + 60_000 / adapter.requestsPerMinute;
  }

  /** Too many requests and faults of the server may pass; any other answer does not. */
  async #failure(url: URL, { status, headers }: Answer): Promise<LedgerflowError> {
    const where = `${url.host}${url.pathname}`;
    if (status === 408 || status === 425 || status === 429 || status >= 500) {
      const asked = retryAfterMs(headers['retry-after']);
      if (asked > 0) await sleep(Math.min(asked, RETRY_AFTER_MAX_MS), this.#request.signal);
      return new LedgerflowError('LF_STATEMENT_API', `the answer is ${status}`, { where });
    }
    const redirect = status >= 300 && status < 400 ? ' (redirects are not followed)' : '';
    return new LedgerflowError('LF_STATEMENT_API_REFUSED', `the answer is ${status}${redirect}`, { where });
  }
}

/** Seconds or a date (RFC 9110). */
function retryAfterMs(header: string | undefined): number {
  if (header === undefined) return 0;
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
}

function jsonOf({ body }: Answer, url: URL): Json {
  try {
    return parseJson(body);
  } catch (error) {
    throw refusedBy(url, error instanceof LineProblem ? error.message : 'the answer is no JSON');
  }
}

function refusedBy(url: URL, why: string): LedgerflowError {
  return new LedgerflowError('LF_STATEMENT_API_REFUSED', why, { where: `${url.host}${url.pathname}` });
}
