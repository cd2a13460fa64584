// Calls the bank's HTTP API as the caller: with their own token, never with one of this service.

import { messageOf } from '../../../infra/runtime/errors.ts';
import { ApiProblem } from '../problem.ts';

const DEADLINE_MS = 10_000;
const ANSWER_BYTES_MAX = 1_048_576;

export interface BankCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** JSON text, sent on as it is: amounts keep their digits. */
  readonly body?: string;
  readonly token?: string | null;
  readonly idempotencyKey?: string;
}

export interface BankAnswer {
  readonly status: number;
  readonly ok: boolean;
  /** JSON; undefined when the answer was none. */
  readonly body: unknown;
}

export class BankClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws ApiProblem unavailable when the bank does not answer */
  async call({ method, path, body, token = null, idempotencyKey }: BankCall): Promise<BankAnswer> {
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    };
    try {
      const response = await fetch(new URL(path, this.#url), {
        ...{ method, headers, redirect: 'error', signal: AbortSignal.timeout(DEADLINE_MS) },
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      return { status: response.status, ok: response.ok, body: text.length > ANSWER_BYTES_MAX ? undefined : parsed(text) };
    } catch (error) {
      throw new ApiProblem('unavailable', `the bank does not answer: ${messageOf(error)}`, { cause: error });
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // an answer without JSON is judged by its status
  }
}
