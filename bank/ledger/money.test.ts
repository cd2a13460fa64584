import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minorUnit, MONEY_MAX, moneyFromSql, moneyText, parseAmount, splitByWeights, timesRate } from './money.ts';

describe('an amount', () => {
  it.each([
    ['100', 2, 1_000_000n],
    ['100.5', 2, 1_005_000n],
    ['0.01', 2, 100n],
    ['7', 0, 70_000n],
    ['9999999999999999.9999', 4, MONEY_MAX],
  ])('%s with %i digits is exact', (text, digits, money) => {
    expect(parseAmount(text, digits)).toEqual({ ok: true, money });
  });

  it.each([
    ['0', 'amount_not_positive'],
    ['0.00', 'amount_not_positive'],
    ['-1', 'amount_not_positive'],
    ['1.001', 'amount_too_precise'],
    ['1.000', 'amount_too_precise'],
    ['10000000000000000', 'amount_overflow'],
    ['1e2', 'amount_invalid'],
    ['01', 'amount_invalid'],
    ['.5', 'amount_invalid'],
    ['1.', 'amount_invalid'],
    ['+1', 'amount_invalid'],
    [' 1', 'amount_invalid'],
    ['NaN', 'amount_invalid'],
    ['', 'amount_invalid'],
  ])('%s is refused: %s', (text, why) => {
    expect(parseAmount(text, 2)).toEqual({ ok: false, why });
  });

  it('survives the way to SQL and back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -MONEY_MAX, max: MONEY_MAX }), (money) => {
        expect(moneyFromSql(moneyText(money))).toBe(money);
      }),
    );
  });

  it('is not shown with fewer digits than it has', () => {
    expect(moneyText(1_005_000n, 2)).toBe('100.50');
    expect(moneyText(-70_000n, 0)).toBe('-7');
    expect(() => moneyText(1n, 2)).toThrow(RangeError);
  });
});

describe('a split', () => {
  it('sums to the whole, and no part is a unit away from its share', () => {
    const weights = fc.array(fc.bigInt({ min: 1n, max: 1_000n }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 14n }), weights, fc.integer({ min: 0, max: 4 }), (units, shares, digits) => {
        const unit = minorUnit(digits);
        const parts = splitByWeights(units * unit, shares, digits);
        const total = shares.reduce((sum, weight) => sum + weight, 0n);
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(units * unit);
        parts.forEach((part, index) => {
          const away = part * total - units * unit * shares[index]!;
          expect(away > -unit * total && away < unit * total).toBe(true);
        });
      }),
    );
  });

  it('gives left-over units to the largest remainders, ties to the earlier part', () => {
    expect(splitByWeights(1_000_000n, [1n, 1n, 1n], 2)).toEqual([333_400n, 333_300n, 333_300n]);
    expect(splitByWeights(10_000n, [1n, 5n], 2)).toEqual([1_700n, 8_300n]);
  });
});

describe('a rate', () => {
  it('is applied exactly and rounded once', () => {
    expect(timesRate(10_000n, '0.125', { digits: 2, rounding: 'half_even' })).toBe(1_200n);
    expect(timesRate(30_000n, '0.125', { digits: 2, rounding: 'half_even' })).toBe(3_800n);
    expect(timesRate(1_000_000n, '83.3333339', { digits: 2, rounding: 'floor' })).toBe(83_333_300n);
    expect(timesRate(100n, '0.000001', { digits: 2, rounding: 'ceil' })).toBe(100n);
  });
});
