// Reads JSON bodies without letting a number pass through a float: whole numbers within 2^53 become numbers, every other literal keeps its text.
// A key that occurs twice with different values is refused: two readers of such a body could see two different amounts.

import type { FastifyInstance } from 'fastify';
import { LosslessNumber, parse } from 'lossless-json';
import { problem } from './problem.ts';

const WHOLE_AND_SAFE = /^-?(0|[1-9]\d{0,14})$/;

/** @throws SyntaxError, RangeError when nested too deeply */
export function parseExact(text: string): unknown {
  return parse(text, null, (literal) => (WHOLE_AND_SAFE.test(literal) ? Number(literal) : new LosslessNumber(literal)));
}

/** The text of a number literal, or the value itself when it is none. */
export function literalText(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  return value instanceof LosslessNumber ? value.value : value;
}

/** Replaces Fastify's own parser; anything but JSON is 415. */
export function readExactJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json(?:;|$)/i, { parseAs: 'string' }, (_request, text, done) => {
    if (text === '') return done(null, undefined);
    try {
      return done(null, parseExact(text as string));
    } catch {
      return done(problem('malformed_request', 'the body is not JSON, or names a key twice'));
    }
  });
}
