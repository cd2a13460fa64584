import { expect, it } from 'vitest';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Verification } from '../../lake/verify/verify.ts';
import { verifyRounds } from './verify-rounds.ts';

const found = (status: 'equal' | 'different', gtid: string): Verification =>
  ({ gtid, outcomes: [{ table: 'accounts', status }] }) as unknown as Verification;

/** Rounds that end in turn as told; stopped in the last. */
async function rounds(ends: readonly (Verification | LedgerflowError)[], continuous: boolean): Promise<{ told: string[]; error: unknown }> {
  const [told, stop] = [[] as string[], new AbortController()];
  let next = 0;
  const once = (): Promise<Verification> => {
    const end = ends[next++]!;
    if (next === ends.length) stop.abort();
    return end instanceof LedgerflowError ? Promise.reject(end) : Promise.resolve(end);
  };
  const repeat = continuous ? { everyMs: 1, stop: stop.signal } : null;
  const error: unknown = await verifyRounds({ once, show: ({ gtid }) => told.push(gtid), note: (text) => told.push(text), repeat }).catch(
    (thrown: unknown) => thrown,
  );
  return { told, error };
}

const busy = new LedgerflowError('LF_VERIFY_SOURCE_BUSY', 'no snapshot');

it('goes on after a difference and after a failure that passes, until it is stopped', async () => {
  const { told, error } = await rounds([found('equal', 'a:1'), found('different', 'a:2'), busy, found('equal', 'a:3')], true);
  expect([told, error]).toEqual([['a:1', 'a:2', busy.toLine(), 'a:3'], undefined]);
});

it('ends as its last comparison did, and with a fault that does not pass at once', async () => {
  expect(await rounds([found('equal', 'a:1'), found('different', 'a:2')], true)).toMatchObject({ error: { code: 'LF_VERIFY_DIFFERENT' } });
  const fatal = new LedgerflowError('LF_VERIFY_SOURCE', 'another server');
  expect(await rounds([fatal, found('equal', 'a:1')], true)).toMatchObject({ told: [], error: fatal });
});

it('once is once', async () => {
  expect(await rounds([found('equal', 'a:1'), found('equal', 'a:2')], false)).toEqual({ told: ['a:1'], error: undefined });
  expect(await rounds([found('different', 'a:1')], false)).toMatchObject({ error: { code: 'LF_VERIFY_DIFFERENT', where: 'a:1' } });
  expect(await rounds([busy], false)).toMatchObject({ error: busy });
});
