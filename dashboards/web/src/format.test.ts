import { describe, expect, it } from 'vitest';
import { count, isNegative, isZero, money, percent, quantity, shortGtid, sum } from './format.ts';

describe('amounts', () => {
  it('are written exactly, however large', () => {
    expect(money('123456789012345678.90', 'USD')).toBe('$123,456,789,012,345,678.90');
    expect(money('-0.0500', 'USD')).toBe('-$0.05');
    expect(money('12.5', 'USD', { signed: true })).toBe('+$12.50');
  });

  it('are summed without a float', () => {
    expect(sum(['0.1000', '0.2000'])).toBe('0.3000');
    expect(sum(['123456789012345678.9012', '-0.0012'])).toBe('123456789012345678.9000');
    expect(sum(['-1.5', '1'])).toBe('-0.5000');
    expect(sum([])).toBe('0.0000');
  });

  it.each([
    ['-0.0000', false, true],
    ['-0.0100', true, false],
    ['0.0100', false, false],
  ])('%s: negative %s, zero %s', (text, negative, zero) => {
    expect([isNegative(text), isZero(text)]).toEqual([negative, zero]);
  });
});

it('writes counts, quantities, shares and positions short', () => {
  expect(count('1234567')).toBe('1,234,567');
  expect(count(null)).toBe('–');
  expect(quantity('2.50000000')).toBe('2.5');
  expect(percent('0.12345')).toBe('12.3%');
  expect(percent('-0.001', 2, true)).toBe('-0.10%');
  expect(shortGtid('2cd1acf5-e5e3-11f1-844d-02fc00000001:366')).toBe('2cd1acf5…:366');
  expect(shortGtid(null)).toBe('snapshot');
});
