import { describe, expect, it } from 'vitest';
import { LedgerflowError } from './errors.ts';
import { backoffMs, retry } from './retry.ts';
import { sleep } from './sleep.ts';

const POLICY = { attemptsMax: 4, firstDelayMs: 1, delayMaxMs: 4 };

describe('retry', () => {
  it('returns the first success and tells about each wait', async () => {
    const seen: number[] = [];
    const result = await retry(
      POLICY,
      async (attempt) => {
        if (attempt < 3) throw new Error('not yet');
        return attempt;
      },
      { onRetry: (_error, attempt) => seen.push(attempt) },
    );
    expect(result).toBe(3);
    expect(seen).toEqual([1, 2]);
  });

  it('gives up after the last attempt with the last failure', async () => {
    let calls = 0;
    await expect(
      retry(POLICY, async () => {
        calls += 1;
        throw new Error(`failure ${calls}`);
      }),
    ).rejects.toThrow('failure 4');
  });

  it('does not repeat what can never succeed', async () => {
    let calls = 0;
    const work = async () => {
      calls += 1;
      throw new LedgerflowError('LF_CONFIG_INVALID', 'wrong');
    };
    await expect(retry(POLICY, work)).rejects.toThrow('wrong');
    expect(calls).toBe(1);
  });

  it('ends at once when cancelled in the middle of a wait', async () => {
    const stop = new AbortController();
    const slow = { attemptsMax: 10, firstDelayMs: 60_000, delayMaxMs: 60_000 };
    const work = async () => {
      throw new Error('down');
    };
    const result = retry(slow, work, { signal: stop.signal, onRetry: () => setImmediate(() => stop.abort()) });
    await expect(result).rejects.toMatchObject({ code: 'LF_ABORTED' });
  });
});

describe('backoffMs', () => {
  it('doubles, stays within the bound and never falls under half of a step', () => {
    const policy = { attemptsMax: 99, firstDelayMs: 100, delayMaxMs: 1_000 };
    expect([1, 2, 3, 4, 5, 99].map((attempt) => backoffMs(policy, attempt, () => 0.999_999))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(backoffMs(policy, 1, () => 0)).toBe(50);
  });
});

describe('sleep', () => {
  it('is refused at once when already cancelled', async () => {
    await expect(sleep(60_000, AbortSignal.abort())).rejects.toMatchObject({ kind: 'aborted' });
  });
});
