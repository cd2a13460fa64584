// Pure parts: tokens, calendar, numeric's binary form, SCRAM, settings, the cache and the gate.

import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateText, intervalText, timestampText } from './calendar.ts';
import { forDuckDB } from './dialect.ts';
import { numericBytes } from './encode-binary.ts';
import { Gate } from './gate.ts';
import { splitStatements, tokens } from './lexer.ts';
import { LruCache } from './lru.ts';
import { decodeParameter, listText } from './parameters.ts';
import { ScramExchange, scramVerifier } from './scram.ts';
import { millisecondsOf } from './session-settings.ts';
import { parseCommand } from './statement.ts';
import { fromTreeText, toTreeText } from './tree.ts';
import { OID } from './types.ts';

describe('lexer', () => {
  it('cuts statements where DuckDB does', () => {
    expect(splitStatements(`SELECT ';'; SELECT ";" -- ;\n; /* ; /* ; */ */ SELECT $a$;$$;$a$; SELECT E'\\';' ;;`)).toEqual([
      `SELECT ';'`,
      `SELECT ";" -- ;`,
      `/* ; /* ; */ */ SELECT $a$;$$;$a$`,
      `SELECT E'\\';'`,
    ]);
    expect(splitStatements(' ; -- nothing')).toEqual([]);
  });

  it('covers every character of any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        let at = 0;
        for (const token of tokens(text)) {
          expect(token.start).toBeGreaterThanOrEqual(at);
          expect(text.startsWith(token.text, token.start)).toBe(true);
          at = token.start + token.text.length;
        }
      }),
    );
  });

  it('translates spellings outside quotes only', () => {
    expect(
      forDuckDB(
        `SELECT 'pg_catalog.x', x::pg_catalog.text, a OPERATOR(pg_catalog.!~) 'b' COLLATE pg_catalog.default FROM pg_catalog.pg_class`,
      ),
    ).toBe(`SELECT 'pg_catalog.x', x::text, a  !~  'b'  FROM pg_class`);
  });
});

describe('calendar', () => {
  it('agrees with Date for every day and moment it knows', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_162, max: 2_932_896 }), fc.integer({ min: 0, max: 86_399_999 }), (day, ofDay) => {
        const iso = new Date(day * 86_400_000 + ofDay).toISOString();
        expect(dateText(day)).toBe(iso.slice(0, 10));
        const text = timestampText(BigInt(day) * 86_400_000_000n + BigInt(ofDay) * 1000n);
        expect(new Date(`${text.replace(' ', 'T')}Z`).toISOString()).toBe(iso);
      }),
    );
  });

  it('knows the ends of time', () => {
    expect(timestampText(-1n)).toBe('1969-12-31 23:59:59.999999');
    expect(timestampText(9_223_372_036_854_775_806n)).toBe('294247-01-10 04:00:54.775806');
    expect(timestampText(-9_223_372_022_400_000_000n, '+00')).toBe('290309-12-22 00:00:00+00 BC');
    expect(dateText(-719_163)).toBe('0001-12-31 BC');
    expect(intervalText(-13, 1, -1n)).toBe('-1 years -1 mons 1 day -00:00:00.000001');
    expect(intervalText(0, 0, 90_000_000_000_000n)).toBe('25000:00:00');
  });
});

const DIGIT = fc.integer({ min: 0, max: 9 }).map(String);

describe('numeric', () => {
  it('comes back from its binary form as it went', () => {
    const digits = fc.string({ unit: DIGIT, minLength: 1, maxLength: 34 });
    fc.assert(
      fc.property(fc.boolean(), digits, fc.string({ unit: DIGIT, maxLength: 12 }), (negative, whole, fraction) => {
        const plain = whole.replace(/^0+(?=\d)/, '') + (fraction === '' ? '' : `.${fraction}`);
        const text = negative && /[1-9]/.test(plain) ? `-${plain}` : plain;
        expect(decodeParameter(OID.numeric, 1, numericBytes(text)).value).toBe(text);
      }),
    );
  });

  it('keeps whole numbers whole', () => {
    expect(() => decodeParameter(OID.int8, 0, Buffer.from('1.5'))).toThrow('invalid input syntax');
    expect(listText('{1,"a \\"b",NULL}')).toBe('[1, "a \\"b", NULL]');
    const tree = `{"value":9223372036854775807,"text":"\\"value\\":9223372036854775807","query_location":18446744073709551615}`;
    expect(toTreeText(fromTreeText(tree))).toBe(tree.replace('18446744073709551615', '0'));
  });
});

describe('SCRAM', () => {
  /** The client's half, straight from RFC 5802. */
  function login(password: string, verifier: ReturnType<typeof scramVerifier>): string | undefined {
    const exchange = new ScramExchange(verifier);
    const first = 'n=,r=clientnonce';
    const challenge = exchange.challenge(`n,,${first}`);
    const [, nonce = '', salt = '', iterations = ''] = /^r=(.*),s=(.*),i=(\d+)$/.exec(challenge) ?? [];
    const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
    const salted = pbkdf2Sync(password.normalize('NFKC'), Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
    const clientKey = hmac(salted, 'Client Key');
    const final = `c=biws,r=${nonce}`;
    const message = `${first},${challenge},${final}`;
    const signature = hmac(createHash('sha256').update(clientKey).digest(), message);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString('base64');
    const answer = exchange.finish(`${final},p=${proof}`);
    const expected = `v=${hmac(hmac(salted, 'Server Key'), message).toString('base64')}`;
    return answer === undefined ? undefined : answer === expected ? 'proven' : 'wrong server';
  }

  it('proves both sides', () => {
    const verifier = scramVerifier('pencil ⁵ é');
    expect(login('pencil ⁵ é', verifier)).toBe('proven');
    expect(login('pencil', verifier)).toBeUndefined();
    expect(() => new ScramExchange(verifier).finish('c=biws,r=x,p=y')).toThrow('not understood');
    expect(() => new ScramExchange(verifier).challenge('p=tls-unique,,n=,r=x')).toThrow('not understood');
  });
});

describe('commands', () => {
  it('are told apart by their leading words', () => {
    expect(parseCommand('  /* x */ set session search_path = a, "B"')).toEqual({ kind: 'set', name: 'search_path', value: 'a, B' });
    expect(parseCommand(`SET LOCAL statement_timeout TO '5s'`)).toEqual({ kind: 'set', name: 'statement_timeout', value: '5s' });
    expect(parseCommand('SET x TO DEFAULT')).toEqual({ kind: 'set', name: 'x', value: undefined });
    expect(parseCommand('explain (analyze, format text) select 1')).toEqual({
      kind: 'explain',
      sql: 'select 1',
      prefix: 'EXPLAIN ANALYZE ',
    });
    expect(parseCommand(`copy (select ')') to stdout with csv header`)).toEqual({
      kind: 'copy',
      sql: `select ')'`,
      csv: true,
      header: true,
      delimiter: ',',
    });
    expect(parseCommand('deallocate prepare "A"')).toEqual({ kind: 'deallocate', name: 'A' });
    expect(millisecondsOf('2min')).toBe(120_000);
  });
});

describe('bounds', () => {
  it('the cache forgets what was used least recently', () => {
    const cache = new LruCache<number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
  });

  it('the gate lets in order, refuses beyond its line, forgets who left', async () => {
    const gate = new Gate({ running: 1, waiting: 2 });
    const never = new AbortController().signal;
    const first = await gate.enter(never);
    const leaving = new AbortController();
    const left = gate.enter(leaving.signal);
    const second = gate.enter(never);
    await expect(gate.enter(never)).rejects.toMatchObject({ sqlstate: '53300' });
    leaving.abort();
    await expect(left).rejects.toMatchObject({ sqlstate: '57014' });
    first.release();
    first.release();
    (await second).release();
    expect([gate.running, gate.waiting]).toEqual([0, 0]);
  });
});
