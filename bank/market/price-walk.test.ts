import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { nextPrice, normal } from './price-walk.ts';

const walk = { symbol: 'ACME', drift: '0.07', volatility: '0.28' };

describe('the price walk', () => {
  it('follows from seed, symbol and tick', () => {
    expect(nextPrice(walk, 1, 1n, '148.2000')).toBe(nextPrice(walk, 1, 1n, '148.2000'));
    const others = [
      nextPrice(walk, 2, 1n, '148.2000'),
      nextPrice(walk, 1, 2n, '148.2000'),
      nextPrice({ ...walk, symbol: 'BLUE' }, 1, 1n, '148.2000'),
    ];
    expect(new Set([nextPrice(walk, 1, 1n, '148.2000'), ...others]).size).toBe(4);
  });

  it('has four digits, stays positive, and stands still without drift and volatility', () => {
    expect(nextPrice({ ...walk, drift: '0', volatility: '0' }, 1, 9n, '36.4500')).toBe('36.4500');
    expect(nextPrice({ ...walk, volatility: '9.9' }, 1, 1n, '0.0001')).toMatch(/^0\.\d{4}$/);
    expect(nextPrice({ ...walk, drift: '-999' }, 1, 1n, '0.0001')).toBe('0.0001');
  });

  it('draws from a standard normal distribution', () => {
    const draws = Array.from({ length: 2_000 }, (_, at) => normal(`1 X ${at}`));
    const mean = Decimal.sum(...draws).div(draws.length);
    const variance = Decimal.sum(...draws.map((z) => z.minus(mean).pow(2))).div(draws.length);
    expect(mean.abs().lt('0.08')).toBe(true); // 3.5 standard errors
    expect(variance.minus(1).abs().lt('0.12')).toBe(true);
  });
});
