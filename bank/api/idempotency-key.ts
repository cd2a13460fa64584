// Where a request's idempotency key is: in the header, in the body, or the same in both. The body's copy is taken out before the body is checked.

import type { FastifyRequest } from 'fastify';
import { KEY_PATTERN } from '../ledger/commands.ts';
import { problem } from './problem.ts';

const BODY_FIELD = 'idempotency_key';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's `idempotency_key`, whatever it is; undefined when there is none. */
    bodyKey: unknown;
  }
}

/** For routes that need a key, before validation. */
export function takeBodyKey(request: FastifyRequest, _reply: unknown, done: () => void): void {
  const { body } = request;
  if (typeof body === 'object' && body !== null && BODY_FIELD in body) {
    const { [BODY_FIELD]: key, ...rest } = body as Record<string, unknown>;
    request.bodyKey = key;
    request.body = rest;
  }
  done();
}

/** The request's key; a dry run needs none. @throws HttpProblem idempotency_key_missing, idempotency_key_invalid, idempotency_key_mismatch */
export function keyOf(request: FastifyRequest, dryRun: boolean): string | undefined {
  const header = request.headers['idempotency-key'];
  const { bodyKey } = request;
  const key = header ?? bodyKey;
  if (key === undefined && dryRun) return undefined;
  if (key === undefined || key === null) throw problem('idempotency_key_missing', 'send Idempotency-Key or idempotency_key', BODY_FIELD);
  if (header !== undefined && bodyKey !== undefined && header !== bodyKey)
    throw problem('idempotency_key_mismatch', 'header and body give different keys', BODY_FIELD);
  return checkedKey(key, BODY_FIELD);
}

/** @throws HttpProblem idempotency_key_invalid */
export function checkedKey(key: unknown, field: string): string {
  if (typeof key !== 'string' || !KEY_PATTERN.test(key))
    throw problem('idempotency_key_invalid', 'the key has to be 1 to 255 printable ASCII characters', field);
  return key;
}
