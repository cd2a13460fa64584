// Runs are recorded with their position, retried, never overlap, are caught up and back-filled; output and position move together.

import { describe, expect, it } from 'vitest';
import { inOrder } from './graph.ts';
import { copyEvents, copyJob, JobStand } from './testkit.ts';

const COPIED = 'SELECT id FROM ops.copied ORDER BY id';
const RUNS = 'SELECT run_id, trigger, state, attempt, previous, position FROM ops.job_runs ORDER BY run_id';

describe('after commits', () => {
  it('takes exactly the changes since its position, several commits at once', async () => {
    await using stand = await JobStand.open([copyJob()]);
    await stand.commit(3);
    expect(await stand.settle()).toBe(1);
    await stand.commit(2);
    expect(await stand.settle()).toBe(1);
    expect(await stand.settle()).toBe(0);
    expect(await stand.rows(COPIED)).toEqual([['1'], ['2'], ['3'], ['4'], ['5']]);
    expect(await stand.rows(RUNS)).toEqual([
      ['1', 'commit', 'succeeded', 1, null, '3'],
      ['2', 'commit', 'succeeded', 1, '3', '5'],
    ]);
    expect(await stand.rows('SELECT job, position, gtid, declared FROM ops.jobs')).toEqual([['copy', '5', 'u:5', true]]);
  });

  it('goes on from its position after a restart, and leaves out commits that do not touch its input', async () => {
    await using stand = await JobStand.open([copyJob()]);
    await stand.commit(2);
    await stand.settle();
    await stand.commit(1);
    await stand.restart([copyJob()]);
    expect(await stand.settle()).toBe(1);
    stand.runner.changed(new Set(['silver.heartbeat']));
    expect(await stand.settle()).toBe(0);
    expect(await stand.rows(COPIED)).toEqual([['1'], ['2'], ['3']]);
  });

  it('takes a bounded number of commits a run', async () => {
    await using stand = await JobStand.open([copyJob({ commitsPerRunMax: 2 })]);
    await stand.commit(5);
    expect(await stand.settle()).toBe(3);
    expect(await stand.rows('SELECT position FROM ops.job_runs ORDER BY run_id')).toEqual([['1'], ['3'], ['5']]);
    expect(await stand.rows(COPIED)).toHaveLength(5);
  });

  it('keeps the time between two starts', async () => {
    await using stand = await JobStand.open([copyJob({ trigger: { afterCommit: true, minIntervalMs: 1_000 } })]);
    await stand.commit();
    expect(await stand.settle()).toBe(1);
    await stand.commit();
    expect(await stand.settle()).toBe(0);
    stand.now += 1_000;
    expect(await stand.settle()).toBe(1);
  });

  it.each([
    ['as many times as long as the run took', {}],
    ['no longer than it may', { restFactor: 100, restMaxMs: 600 }],
  ])('rests %s', async (_name, rest) => {
    const job = copyJob({
      trigger: { afterCommit: true, minIntervalMs: 0, restFactor: 3, ...rest },
      run: async (context) => {
        stand.now += 200;
        return await copyEvents(context);
      },
    });
    await using stand = await JobStand.open([job]);
    await stand.commit();
    expect(await stand.settle()).toBe(1);
    await stand.commit();
    stand.now += 599;
    expect(await stand.settle()).toBe(0);
    stand.now += 1;
    expect(await stand.settle()).toBe(1);
  });

  it('waits for the first snapshot to end', async () => {
    await using stand = await JobStand.open([copyJob()]);
    await stand.commit();
    await stand.writer.run(`UPDATE ops.state SET phase = 'bootstrap'`);
    await stand.runner.step(new AbortController().signal, 0);
    expect(await stand.rows(RUNS)).toEqual([]);
    await stand.writer.run(`UPDATE ops.state SET phase = 'streaming'`);
    stand.now += 1_000;
    expect(await stand.settle()).toBe(1);
  });
});

describe('failures', () => {
  it('leave nothing, are retried with back-off, and are given up after five attempts', async () => {
    let failing = true;
    const job = copyJob({
      run: async (context) => {
        const outcome = await copyEvents(context);
        if (failing) throw new Error('not today');
        return outcome;
      },
    });
    await using stand = await JobStand.open([job]);
    await stand.commit();
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect(await stand.settle()).toBe(1);
      expect(await stand.rows(COPIED)).toEqual([]);
      let waited = 0;
      while (waited < 120_000 && attempt < 5) {
        stand.now += 500;
        waited += 500;
        if (waited >= 1_000 * 2 ** (attempt - 1)) break;
        expect(await stand.settle()).toBe(0);
      }
      delays.push(waited);
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 0]);
    expect(stand.reports.map(({ state }) => state)).toEqual(['retrying', 'retrying', 'retrying', 'retrying', 'failed']);
    expect(await stand.rows('SELECT state, attempt, error FROM ops.job_runs')).toEqual([['failed', 5, 'not today']]);
    failing = false;
    stand.now += 60_000;
    expect(await stand.settle()).toBe(1);
    expect(await stand.rows(COPIED)).toEqual([['1']]);
  });

  it('end a run at its time limit', async () => {
    const slow = copyJob({
      timeLimitMs: 50,
      run: async ({ connection }) => {
        await connection.run('SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE hash(a.range, b.range) = 1');
        return { summary: {} };
      },
    });
    await using stand = await JobStand.open([slow]);
    await stand.commit();
    await stand.settle();
    expect(stand.reports[0]?.error).toContain('LF_JOB_TIME_LIMIT');
  });

  it('refuse the output of a process that has lost the fence', async () => {
    await using stand = await JobStand.open([copyJob()]);
    await stand.commit();
    await stand.writer.run('UPDATE ops.state SET epoch = 2');
    await stand.settle();
    expect(stand.reports[0]?.error).toContain('LF_STORE_FENCED');
    expect(await stand.rows(COPIED)).toEqual([]);
  });
});

describe('schedules', () => {
  const nightly = (catchUp: 'latest' | 'each') =>
    copyJob({ trigger: { cron: '0 2 * * *', catchUp }, ...(catchUp === 'each' ? { partitioned: true } : {}) });

  it('run once for everything that passed while nothing ran', async () => {
    await using stand = await JobStand.open([nightly('latest')]);
    expect(await stand.settle()).toBe(0);
    stand.now = Date.parse('2026-11-25T12:00:00Z');
    await stand.restart([nightly('latest')]);
    expect(await stand.settle()).toBe(1);
    expect(await stand.rows('SELECT epoch_ms(scheduled_for) FROM ops.job_runs')).toEqual([[String(Date.parse('2026-11-25T02:00:00Z'))]]);
  });

  it('run for each time that passed, by day, once', async () => {
    await using stand = await JobStand.open([nightly('each')]);
    await stand.commit();
    stand.now = Date.parse('2026-11-24T12:00:00Z');
    await stand.runner.step(new AbortController().signal, 0);
    await stand.restart([nightly('each')]);
    await stand.settle();
    const days = 'SELECT partition::VARCHAR, state FROM ops.job_runs ORDER BY run_id';
    expect(await stand.rows(days)).toEqual(['22', '23', '24'].map((day) => [`2026-11-${day}`, 'succeeded']));
    expect(await stand.rows('SELECT position FROM ops.jobs')).toEqual([[null]]);
  });

  it('go on with a run that the end of the process broke off, and count its attempts', async () => {
    await using stand = await JobStand.open([copyJob({ trigger: { manual: true } })]);
    await stand.runner.ask('copy', [null], 'manual');
    await stand.writer.run(`UPDATE ops.job_runs SET state = 'running', attempt = 2`);
    await stand.restart([copyJob({ trigger: { manual: true } })]);
    await stand.commit();
    expect(await stand.settle()).toBe(1);
    expect(await stand.rows(RUNS)).toEqual([['1', 'manual', 'succeeded', 3, null, '1']]);
  });

  it('wait for a table that is not captured yet', async () => {
    await using stand = await JobStand.open([copyJob()]);
    await stand.runner.step(new AbortController().signal, 0);
    expect(stand.reports.map(({ state }) => state)).toEqual(['waiting']);
  });
});

describe('what is asked for', () => {
  it('back-fills days, and leaves the position', async () => {
    const days: (string | null)[] = [];
    const job = copyJob({
      partitioned: true,
      trigger: { manual: true },
      run: ({ partition }) => {
        days.push(partition);
        return Promise.resolve({ summary: {} });
      },
    });
    await using stand = await JobStand.open([job]);
    await stand.commit();
    await stand.runner.ask('copy', ['2026-11-01', '2026-11-02'], 'backfill');
    expect(await stand.settle()).toBe(2);
    expect(await stand.rows('SELECT position FROM ops.jobs')).toEqual([[null]]);
    expect(days).toEqual(['2026-11-01', '2026-11-02']);
    await expect(stand.runner.ask('nothing', [null], 'manual')).rejects.toThrow('there is no job nothing');
  });
});

describe('the graph', () => {
  const after = copyJob({ name: 'after', inputs: ['ops.copied'], outputs: ['ops.after'], prepareSql: '', trigger: { afterJobs: true } });

  it('starts a job when one before it has changed something', async () => {
    const order: string[] = [];
    const noting = (name: string, unchanged = false) => ({
      run: () => {
        order.push(name);
        return Promise.resolve({ summary: {}, unchanged });
      },
    });
    const jobs = [{ ...after, ...noting('after') }, copyJob(noting('copy'))];
    await using stand = await JobStand.open(jobs);
    await stand.commit();
    await stand.settle();
    expect(order).toEqual(['copy', 'after']);
  });

  it('refuses circles, two writers of a table, schedules that are none', () => {
    expect(() => inOrder([after, copyJob({ inputs: ['ops.after'] })])).toThrow('circle');
    expect(() => inOrder([copyJob(), copyJob({ name: 'other' })])).toThrow('written by other too');
    expect(() => inOrder([copyJob({ trigger: { cron: '99 * * * *' } })])).toThrow('schedule');
    expect(() => inOrder([copyJob({ trigger: { cron: '* * * * * *' } })])).toThrow('five fields');
    expect(() => inOrder([copyJob({ trigger: { cron: '0 0 30 2 *' } })])).toThrow('impossible day');
  });
});
