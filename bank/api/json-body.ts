// Reads JSON bodies without letting money pass through a float. A number literal in a money field, and any that a double cannot hold
// exactly, becomes its own text; whole numbers within 2^53 stay numbers. Inside metadata a literal that would change is refused.
// A key that occurs twice with different values is refused too: two readers of such a body could see two different amounts.

import type { FastifyInstance } from 'fastify';
import { isSafeNumber, LosslessNumber, parse } from 'lossless-json';
import { HttpProblem, problem } from './problem.ts';

const WHOLE_AND_SAFE = /^-?(0|[1-9]\d{0,14})$/;
/** Fields whose number is taken as it is written. */
const EXACT_FIELDS = new Set(['amount', 'fee', 'overdraft_limit', 'rate', 'latitude', 'longitude', 'limit', 'price', 'quantity']);
const FREE_FIELD = 'metadata';

/** @throws SyntaxError, RangeError when nested too deeply, HttpProblem */
export function parseExact(text: string): unknown {
  return settle(parse(text, null, (literal) => (WHOLE_AND_SAFE.test(literal) ? Number(literal) : new LosslessNumber(literal))));
}

function settle(value: unknown): unknown {
  if (value instanceof LosslessNumber) return value.value;
  if (typeof value !== 'object' || value === null) return value;
  const parent = value as Record<string, unknown>;
  for (const name in parent) {
    const child = parent[name];
    if (typeof child === 'number') {
      if (EXACT_FIELDS.has(name)) parent[name] = String(child);
    } else if (typeof child === 'object') parent[name] = name === FREE_FIELD ? settleFree(child) : settle(child);
  }
  return value;
}

/** Metadata stays JSON; a number in it is a number. */
function settleFree(value: unknown): unknown {
  if (value instanceof LosslessNumber) {
    if (isSafeNumber(value.value)) return Number(value.value);
    throw problem('malformed_request', `a double cannot hold ${value.value.slice(0, 40)}: write it as text`, FREE_FIELD);
  }
  if (typeof value !== 'object' || value === null) return value;
  const parent = value as Record<string, unknown>;
  for (const name in parent) parent[name] = settleFree(parent[name]);
  return value;
}

/** Replaces Fastify's own parsers; anything but JSON is 415. */
export function readExactJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i, { parseAs: 'string' }, (_request, text, done) => {
    if (text === '') {
      done(null, undefined);
      return;
    }
    let body: unknown;
    try {
      body = parseExact(text as string);
    } catch (error) {
      done(error instanceof HttpProblem ? error : problem('malformed_request', 'the body is not JSON, or names a key twice'));
      return;
    }
    done(null, body);
  });
}
