// Every family of types with values drawn at random, or all of them where they are few: from what MySQL has to the envelope's JSON as
// Debezium writes it, and through the converter back.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDbBench, testColumn as of } from '../../schema/duckdb-testkit.ts';
import type { ColumnSchema } from '../../schema/table-schema.ts';

let bench: DuckDbBench;
beforeAll(async () => {
  bench = await DuckDbBench.open();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

const silver = async (column: ColumnSchema, json: unknown): Promise<string | null> =>
  (await bench.convert(column, typeof json === 'bigint' ? String(json) : JSON.stringify(json))).text;

const RUNS = 60;
const check = <T>(values: fc.Arbitrary<T>, test: (value: T) => Promise<void>): Promise<void> =>
  fc.assert(fc.asyncProperty(values, test), { numRuns: RUNS });

const bigint = (min: bigint, max: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min, max });

describe('a value goes through', () => {
  it('as BIGINT UNSIGNED, sent as the same 64 bits signed', () =>
    check(bigint(0n, 2n ** 64n - 1n), async (value) => {
      expect(await silver(of('BIGINT UNSIGNED'), BigInt.asIntN(64, value))).toBe(String(value));
    }));

  it.each(Array.from({ length: 63 }, (_unused, index) => index + 2))('as BIT(%i)', async (length) => {
    const size = 2n ** BigInt(length);
    for (const value of [0n, 1n, size - 1n, size / 2n, 0xa5a5_a5a5_a5a5_a5a5n % size]) {
      const lowFirst = Buffer.from(
        Array.from({ length: Math.ceil(length / 8) }, (_unused, byte) => Number((value >> BigInt(8 * byte)) & 255n)),
      );
      expect(await silver(of('BIT', { length }), lowFirst.toString('base64'))).toBe(String(value));
    }
  });

  const decimal = fc
    .tuple(fc.integer({ min: 1, max: 65 }), fc.integer({ min: 0, max: 30 }))
    .filter(([digits, scale]) => scale < digits)
    .chain(([digits, scale]) =>
      fc.tuple(fc.constant(digits), fc.constant(scale), bigint(-(10n ** BigInt(digits)) + 1n, 10n ** BigInt(digits) - 1n)),
    );
  it('as DECIMAL of any digits and scale', () =>
    check(decimal, async ([length, scale, unscaled]) => {
      const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
      const text = `${unscaled < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
      expect(await silver(of('DECIMAL', { length, scale }), text)).toBe(text);
    }));

  it('as DOUBLE, bit by bit', () =>
    check(fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
      const json = Object.is(value, -0) ? '-0.0' : JSON.stringify(value);
      expect(Object.is(Number((await bench.convert(of('DOUBLE'), json)).text), value)).toBe(true);
    }));

  it('as FLOAT, bit by bit', () =>
    check(fc.float({ noNaN: true, noDefaultInfinity: true }), async (value) => {
      const json = Object.is(value, -0) ? '-0.0' : JSON.stringify(value);
      expect(Object.is(Math.fround(Number((await bench.convert(of('FLOAT'), json)).text)), value)).toBe(true);
    }));

  it('as DATE', () =>
    check(fc.integer({ min: -719_162, max: 2_932_896 }), async (days) => {
      expect(await silver(of('DATE'), days)).toBe(new Date(days * 86_400_000).toISOString().slice(0, 10));
    }));

  it('as TIME, a number of microseconds', () =>
    check(bigint(-3_020_399_999_999n, 3_020_399_999_999n), async (value) => {
      expect(await silver(of('TIME', { length: 6 }), value)).toBe(String(value));
    }));

  it('as DATETIME(3) and TIMESTAMP(3)', () =>
    check(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), async (milliseconds) => {
      const iso = new Date(milliseconds).toISOString();
      const plain = iso
        .slice(0, -1)
        .replace('T', ' ')
        .replace(/\.?0+$/, '');
      expect(await silver(of('DATETIME', { length: 3 }), milliseconds)).toBe(plain);
      expect(await silver(of('TIMESTAMP', { length: 3 }), iso)).toBe(plain);
    }));

  it('as YEAR, all of them', async () => {
    for (let year = 1901; year <= 2155; year += 1) expect(await silver(of('YEAR'), year)).toBe(String(year));
    expect(await silver(of('YEAR'), 1900)).toBe('0');
  });

  const unicode = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
  it('as text of any characters', () =>
    check(unicode, async (value) => {
      expect(await silver(of('TEXT', { charset: 'utf8mb4' }), value)).toBe(value);
    }));

  it('as bytes', () =>
    check(fc.uint8Array(), async (bytes) => {
      const hex = Buffer.from(bytes).toString('hex');
      const text = await silver(of('VARBINARY', { length: 100 }), hex);
      expect(
        (text ?? '').replace(/\\x(..)|(.)/gs, (_all, coded?: string, plain?: string) =>
          (coded ?? Buffer.from(plain ?? '').toString('hex')).toLowerCase(),
        ),
      ).toBe(hex);
    }));

  const member = fc.string({ unit: fc.constantFrom('a', 'ä', ' ', ',', '\\', "'", '"', '\n', '\r'), minLength: 1, maxLength: 5 });
  it('as ENUM, whatever its members are', () =>
    check(fc.uniqueArray(member, { minLength: 1, maxLength: 6 }), async (enumValues) => {
      const wire = (text: string): string => text.replace(/[\\,]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
      fc.pre(enumValues.every((one) => wire(one) === one || !enumValues.includes(wire(one))));
      for (const one of enumValues) expect(await silver(of('ENUM', { enumValues }), wire(one))).toBe(one);
    }));

  it('as JSON, with the spacing of MySQL and without', () =>
    check(fc.jsonValue({ noUnicodeString: false }), async (value) => {
      const compact = JSON.stringify(value);
      const spaced = JSON.stringify(value, null, 1);
      fc.pre(!compact.includes('base64:type') && !compact.includes(':0-'));
      expect(await silver(of('JSON'), compact)).toBe(compact);
      expect(await silver(of('JSON'), spaced)).toBe(compact);
    }));

  it('as GEOMETRY', () =>
    check(fc.tuple(fc.uint8Array({ minLength: 5, maxLength: 40 }), fc.integer({ min: 0, max: 32_767 })), async ([wkb, srid]) => {
      const base64 = Buffer.from(wkb).toString('base64');
      expect(await silver(of('GEOMETRY'), { wkb: base64, srid: srid === 0 ? null : srid })).toMatch(new RegExp(`'srid': ${srid}}$`));
    }));

  it('as VECTOR', () =>
    check(
      fc.array(
        fc.float({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0)),
        { maxLength: 8 },
      ),
      async (numbers) => {
        const text = (await silver(of('VECTOR', { length: 8 }), numbers)) ?? '';
        const read =
          text === '[]'
            ? []
            : text
                .slice(1, -1)
                .split(', ')
                .map((one) => Math.fround(Number(one)));
        expect(read).toEqual(numbers);
      },
    ));
});
