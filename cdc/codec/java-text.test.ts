import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubleText, floatText, stringText } from './java-text.ts';

describe('numbers as Java spells them', () => {
  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-1234567.5, '-1234567.5'],
    [0.001, '0.001'],
    [9_999_999, '9999999.0'],
    [1e7, '1.0E7'],
    [1.5e-4, '1.5E-4'],
    [-1.7976931348623157e308, '-1.7976931348623157E308'],
    [Number.NaN, '"NaN"'],
    [Number.NEGATIVE_INFINITY, '"-Infinity"'],
  ])('double %s', (value, text) => expect(doubleText(value)).toBe(text));

  it.each([
    [1.1, '1.1'],
    [16_777_216, '1.6777216E7'],
    [3.4028234663852886e38, '3.4028235E38'],
    [0.5, '0.5'],
    [123.456, '123.456'],
  ])('float %s', (value, text) => expect(floatText(Math.fround(value))).toBe(text));

  it('reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(doubleText(value))).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(Number(floatText(value)))).toBe(value);
      }),
    );
  });
});

describe('stringText', () => {
  it('writes control characters with upper-case digits and leaves a written backslash alone', () => {
    expect(stringText('\u001f\n"\\u001f')).toBe('"\\u001F\\n\\"\\\\u001f"');
  });

  it('writes characters beyond 16 bits as two escapes, as Jackson does', () => {
    expect(stringText('ü🙂')).toBe('"ü\\uD83D\\uDE42"');
  });

  it('reads back as the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(stringText(text))).toBe(text);
      }),
    );
  });
});
