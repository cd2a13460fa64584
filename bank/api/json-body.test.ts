// Bodies are read without a float: money keeps the literal it was written with.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact } from './json-body.ts';

describe('parseExact', () => {
  it('keeps the text of a number in a money field', () => {
    expect(parseExact('{"amount": 100}')).toEqual({ amount: '100' });
    expect(parseExact('{"amount": 0.10000000000000000555}')).toEqual({ amount: '0.10000000000000000555' });
    expect(parseExact('{"amount": 1e2}')).toEqual({ amount: '1e2' });
    expect(parseExact('{"legs": [{"amount": 12345678901234567.89}]}')).toEqual({ legs: [{ amount: '12345678901234567.89' }] });
    expect(parseExact('{"amount": -0}')).toEqual({ amount: '0' });
  });

  it('keeps whole numbers as numbers, and ids beyond 2^53 as text', () => {
    expect(parseExact('{"account_id": 7, "weight": 3}')).toEqual({ account_id: 7, weight: 3 });
    expect(parseExact('{"account_id": 9223372036854775807}')).toEqual({ account_id: '9223372036854775807' });
  });

  it('keeps numbers in metadata, and refuses one that would change', () => {
    expect(parseExact('{"metadata": {"lat": 52.5, "n": [1, 2.25]}}')).toEqual({ metadata: { lat: 52.5, n: [1, 2.25] } });
    expect(() => parseExact('{"metadata": {"n": 0.1234567890123456789}}')).toThrow(/as text/);
  });

  it('refuses what is not JSON, a key twice, and depth without end', () => {
    for (const text of ['{', '{"a":1,}', "{'a':1}", '{"a":01}', '{"a":.5}', 'NaN', '{"amount":1,"amount":2}', '[1] x'])
      expect(() => parseExact(text), text).toThrow();
    expect(() => parseExact('['.repeat(200_000))).toThrow();
  });

  it('does not touch prototypes', () => {
    const body = parseExact('{"__proto__": {"admin": true}}') as Record<string, unknown>;
    expect(body['admin']).toBeUndefined();
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('reads any JSON text and number as JSON.parse does, money aside', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        fc.pre(!/"(amount|fee|overdraft_limit|rate|latitude|longitude|limit|price|quantity|metadata)"/.test(text));
        const seen = parseExact(text);
        const plain = JSON.stringify(JSON.parse(text), (_, value: unknown) => (typeof value === 'number' ? String(value) : value));
        const exact = JSON.stringify(seen, (_, value: unknown) => (typeof value === 'number' ? String(value) : value));
        expect(numbersAside(exact)).toBe(numbersAside(plain));
      }),
    );
  });
});

/** Literals beyond whole numbers stay as written (1e+5, -0): compared elsewhere. */
function numbersAside(text: string): string {
  return text.replaceAll(/"-?\d+(\.\d+)?(e[+-]?\d+)?"/gi, '"n"');
}
