// Calls the API. The session travels in cookies that scripts cannot read; an access token that has run out is renewed once, unseen.

import type { Problem, ProblemCode } from '../../../api/answers/common.ts';

export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly code: ProblemCode | 'offline';

  constructor(code: ProblemCode | 'offline', message: string) {
    super(message);
    this.code = code;
  }
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A file is sent as it is, everything else as JSON. */
  readonly body?: object | File;
  /** Who acts, where nobody logs in. */
  readonly actor?: string;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

let onEnded: (message: string) => void = () => undefined;

/** Called when the session is over and cannot be renewed. */
export function whenSessionEnds(callback: (message: string) => void): void {
  onEnded = callback;
}

/** @throws CallFailed */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  try {
    return await callOnce<T>(path, options);
  } catch (error) {
    if (!(error instanceof CallFailed) || !isEnded(error.code)) throw error;
    if (error.code === 'session_expired' && (await renew())) return await callOnce<T>(path, options);
    onEnded(error.code === 'session_expired' ? 'Your session has ended. Please log in again.' : 'Please log in.');
    throw error;
  }
}

/** Without renewing and without ending the session: for the login itself. @throws CallFailed */
export async function callOnce<T>(path: string, { method = 'GET', body, actor, idempotencyKey, signal }: CallOptions = {}): Promise<T> {
  const headers = {
    'x-ledgerflow': '1',
    ...(body === undefined ? {} : { 'content-type': body instanceof File ? 'application/octet-stream' : 'application/json' }),
    ...(actor === undefined || actor === '' ? {} : { 'ledgerflow-actor': actor }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  };
  let response: Response;
  try {
    const content = body === undefined ? {} : { body: body instanceof File ? body : JSON.stringify(body) };
    response = await fetch(path, { method, headers, ...content, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new CallFailed('offline', 'The server cannot be reached.');
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as T;
  const { code, message } = (answer as Problem | undefined)?.error ?? { code: 'internal' as const, message: `HTTP ${response.status}` };
  throw new CallFailed(code, message);
}

function isEnded(code: CallFailed['code']): boolean {
  return code === 'session_expired' || code === 'not_logged_in';
}

let renewing: Promise<boolean> | undefined;

/** However many calls find the token expired, it is renewed once. */
export function renew(): Promise<boolean> {
  renewing ??= callOnce('/api/session/refresh', { method: 'POST' })
    .then(() => true, () => false)
    .finally(() => (renewing = undefined)); // prettier-ignore
  return renewing;
}
