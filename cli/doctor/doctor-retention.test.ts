// Retention against the longest outage.

import { describe, expect, it } from 'vitest';
import { judgeBinlogs, judgeTopics } from './doctor-retention.ts';

const variables = (seconds: number, purge = 'ON'): Map<string, string> =>
  new Map([
    ['binlog_expire_logs_seconds', String(seconds)],
    ['binlog_expire_logs_auto_purge', purge],
  ]);

describe('binlogs', () => {
  it.each([
    ['as long as the longest outage', variables(72 * 3_600), true],
    ['for ever', variables(0), true],
    ['until somebody purges them', variables(60, 'OFF'), true],
    ['a second less than the longest outage', variables(72 * 3_600 - 1), false],
  ])('kept %s', (_, values, ok) => {
    expect(judgeBinlogs(values, 72).ok).toBe(ok);
  });

  it('says what to set', () => {
    expect(judgeBinlogs(variables(5_400), 72)).toMatchObject({
      found: '1.5 h are kept, the longest outage is 72 h',
      change: expect.stringContaining('SET PERSIST binlog_expire_logs_seconds = 259200') as string,
    });
  });
});

describe('topics', () => {
  const topic = (over: object): Parameters<typeof judgeTopics>[0][number] => ({
    topic: 't',
    ms: '-1',
    bytes: '-1',
    cleanup: 'delete',
    ...over,
  });
  const names = (over: object): string[] =>
    judgeTopics([topic(over)], 72)
      .filter(({ ok }) => !ok)
      .map(({ name }) => name);

  it.each([
    ['that keep everything', {}, []],
    ['that keep more than the outage: only replay suffers', { ms: String(72 * 3_600_000) }, ['topic retention']],
    ['that keep less than the outage', { ms: String(71 * 3_600_000) }, ['topic retention', 'outage']],
    ['that keep a size', { bytes: '1000000' }, ['topic retention', 'outage']],
    ['that keep the last of each key', { cleanup: 'compact' }, ['topic retention', 'outage']],
  ])('%s', (_, over, expected) => {
    expect(names(over)).toEqual(expected);
  });
});
