// One call to Kafka Connect's REST interface: time-out, cancellation, and its failures as ours.

import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';

const REQUEST_TIMEOUT_MS = 30_000;

export interface ConnectAddress {
  /** `http://host:port` */
  readonly connectUrl: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ConnectAnswer {
  readonly status: number;
  /** Parsed JSON, or null when the body is empty or no JSON. */
  readonly body: unknown;
}

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';

/**
 * Any HTTP status is an answer, for the caller to judge.
 * @throws LedgerflowError LF_CONNECT_UNREACHABLE when nothing answers in time; LF_ABORTED when cancelled.
 */
export async function callConnect(address: ConnectAddress, method: Method, path: string, body?: unknown): Promise<ConnectAnswer> {
  const url = new URL(path, address.connectUrl);
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const signal = address.signal === undefined ? timeout : AbortSignal.any([address.signal, timeout]);
  const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  try {
    const response = await fetch(url, { method, signal, ...content });
    return { status: response.status, body: parseOrNull(await response.text()) };
  } catch (error) {
    if (address.signal?.aborted === true) throw new LedgerflowError('LF_ABORTED', 'the call was cancelled', { cause: error });
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new LedgerflowError('LF_CONNECT_UNREACHABLE', `Kafka Connect does not answer: ${messageOf(cause)}`, {
      where: url.origin,
      cause: error,
    });
  }
}

function parseOrNull(text: string): unknown {
  try {
    return text === '' ? null : (JSON.parse(text) as unknown);
  } catch {
    return null; // an HTML error page of a proxy: the status says enough
  }
}

/** Connect's own `message` of an error answer. */
export function messageIn(answer: ConnectAnswer): string {
  const { body } = answer;
  if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string') return body.message;
  return `HTTP ${answer.status}`;
}

export function connectorPath(connectorName: string, rest = ''): string {
  return `/connectors/${encodeURIComponent(connectorName)}${rest}`;
}
