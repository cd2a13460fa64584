// A job that reads beside the others holds up none of them; its run ends when it has read, and is tried again when reading fails.

import { describe, expect, it } from 'vitest';
import type { Job } from './job.ts';
import { copyJob, JobStand } from './testkit.ts';

describe('a job that reads beside the others', () => {
  const beside = (work: (signal: AbortSignal) => Promise<void>, more: Partial<Job> = {}): Job => {
    const found = new Set<number>();
    return {
      ...copyJob({ name: 'slow', outputs: ['ops.slow'], trigger: { manual: true }, prepareSql: 'CREATE TABLE ops.slow (run BIGINT)' }),
      beside: async ({ runId, signal }) => {
        await work(signal);
        found.add(runId);
      },
      run: async ({ connection, runId }) => {
        await connection.run(`INSERT INTO ops.slow SELECT ${found.has(runId) ? runId : -1}`);
        return { summary: {} };
      },
      ...more,
    };
  };

  const untilReported = async (stand: JobStand, reports: number): Promise<void> => {
    while (stand.reports.length < reports) await stand.runner.step(new AbortController().signal, 1_000);
  };

  it('holds nobody up, and its run ends when it has read', async () => {
    let finish = (): void => undefined;
    const reading = new Promise<void>((resolve) => (finish = resolve));
    await using stand = await JobStand.open([beside(() => reading), copyJob()]);
    await stand.commit();
    await stand.settle();
    const [runId = 0] = await stand.runner.ask('slow', [null], 'manual');
    expect(await stand.settle()).toBe(1);
    await stand.commit();
    expect(await stand.settle()).toBe(1);
    expect(await stand.rows('SELECT id FROM ops.copied ORDER BY id')).toEqual([['1'], ['2']]);
    expect(await stand.rows('SELECT state FROM ops.job_runs WHERE run_id = 2')).toEqual([['running']]);
    const result = stand.runner.result(runId);
    finish();
    await untilReported(stand, 3);
    expect(await result).toMatchObject({ state: 'succeeded' });
    expect(await stand.rows('FROM ops.slow')).toEqual([[String(runId)]]);
    expect(await stand.settle()).toBe(0);
  });

  it('is tried again when its reading fails or takes too long', async () => {
    const stopped = (signal: AbortSignal): Promise<void> => new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    const works = [() => Promise.reject(new Error('not today')), stopped, () => Promise.resolve()];
    await using stand = await JobStand.open([beside(async (signal) => await works.shift()!(signal), { timeLimitMs: 1_500 })]);
    await stand.commit();
    await stand.runner.ask('slow', [null], 'manual');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await untilReported(stand, attempt + 1);
      stand.now += 10_000;
    }
    expect(stand.reports.map(({ state, error }) => [state, error?.split(':')[0] ?? null])).toEqual([
      ['retrying', 'not today'],
      ['retrying', 'LF_JOB_TIME_LIMIT'],
      ['succeeded', null],
    ]);
  });

  it('does not run after commits', async () => {
    await expect(JobStand.open([beside(() => Promise.resolve(), { trigger: { afterCommit: true } })])).rejects.toThrow('when asked');
  });
});
