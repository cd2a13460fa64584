import { describe, expect, it } from 'vitest';
import { FloodGuard } from './flood-guard.ts';

const LIMITS = { perMinuteMax: 100, totalMax: 1_000, bytesMax: 5_000 };
const FEW = { open: 3, bytes: 10 };

describe('the flood guard', () => {
  it('pauses at the rate and goes on when the minute has passed', () => {
    const guard = new FloodGuard(LIMITS);
    guard.parked(60, 0);
    expect(guard.incident(FEW, 10_000)).toBeNull();
    guard.parked(40, 20_000);
    expect(guard.incident(FEW, 20_000)).toMatchObject({
      code: 'LF_PARKED_FLOOD',
      message: expect.stringContaining('100 records') as string,
    });
    expect(guard.incident(FEW, 59_999)).not.toBeNull();
    expect(guard.incident(FEW, 60_000)).toBeNull();
    guard.parked(60, 61_000);
    expect(guard.incident(FEW, 61_000)).not.toBeNull();
  });

  it.each([
    ['records', { open: 1_000, bytes: 0 }],
    ['bytes', { open: 1, bytes: 5_000 }],
  ])('pauses while too many %s are parked, however slowly they came', (_what, held) => {
    const guard = new FloodGuard(LIMITS);
    expect(guard.incident(held, 0)).toMatchObject({ code: 'LF_PARKED_FLOOD' });
    expect(guard.incident(held, 1e9)).not.toBeNull();
    expect(guard.incident(FEW, 1e9)).toBeNull();
  });

  it('has a remedy that names the settings', () => {
    expect(new FloodGuard(LIMITS).incident({ open: 1_000, bytes: 0 }, 0)?.toLine()).toContain('LEDGERFLOW_PARKED_TOTAL_MAX');
  });
});
