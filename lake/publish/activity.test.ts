import { describe, expect, it } from 'vitest';
import { PublicationActivity } from './activity.ts';

const IDLE_MS = 1_000;
const commit = (tables: readonly string[], parked = 0): Parameters<PublicationActivity['committed']>[0] => ({
  told: new Map(tables.map((table) => [table, null])),
  parked,
});

async function published(clock = { now: 0 }): Promise<PublicationActivity> {
  const activity = new PublicationActivity(IDLE_MS, () => clock.now);
  await activity.inTurn(async () => ({}));
  return activity;
}

describe('a publication', () => {
  it('is due at the start, because it is not known what was committed before', () => {
    expect(new PublicationActivity(IDLE_MS, () => 0).due).toBe(true);
  });

  it('of heartbeats alone is due now and then only', async () => {
    const clock = { now: 0 };
    const activity = await published(clock);
    activity.committed(commit(['heartbeat']));
    activity.committed(commit([]));
    activity.refreshed({ models: ['pipeline_heartbeat'] });
    let publications = 0;
    for (; clock.now < 10 * IDLE_MS; clock.now += 100) await activity.inTurn(async () => ({ id: (publications += 1) }));
    expect(publications).toBe(9);
  });

  it.each([
    ['a change of another table', (activity: PublicationActivity) => activity.committed(commit(['heartbeat', 'accounts']))],
    ['a parked record', (activity: PublicationActivity) => activity.committed(commit([], 1))],
    ['another gold model', (activity: PublicationActivity) => activity.refreshed({ models: ['dim_accounts'] })],
  ])('is due after %s', async (_, happens) => {
    const activity = await published();
    expect(activity.due).toBe(false);
    happens(activity);
    expect(activity.due).toBe(true);
  });

  it('that failed, or had to wait, is due again', async () => {
    const activity = await published();
    activity.committed(commit(['accounts']));
    await expect(activity.inTurn(() => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
    expect(activity.due).toBe(true);
    await activity.inTurn(async () => null);
    expect(activity.due).toBe(true);
  });

  it('does not cover what is committed while it runs', async () => {
    const activity = await published();
    activity.committed(commit(['accounts']));
    await activity.inTurn(async () => {
      activity.committed(commit(['accounts']));
      return {};
    });
    expect(activity.due).toBe(true);
  });
});
