import { expect, it } from 'vitest';
import { Schedule } from './schedule.ts';

const at = (text: string): Date => new Date(`${text}Z`);

it.each([
  ['*/15 * * * *', '2026-11-21T10:07:30', '2026-11-21T10:15:00'],
  ['*/15 * * * *', '2026-11-21T10:15:00', '2026-11-21T10:30:00'],
  ['0 2 * * *', '2026-11-21T02:00:00', '2026-11-22T02:00:00'],
  ['30 6 1 * *', '2026-11-21T02:00:00', '2026-12-01T06:30:00'],
  ['0 0 * * 1', '2026-11-21T12:00:00', '2026-11-23T00:00:00'],
  ['0 0 29 2 *', '2026-11-21T12:00:00', '2028-02-29T00:00:00'],
])('%s after %s is %s', (expression, after, next) => {
  expect(new Schedule(expression).next(at(after))).toEqual(at(next));
});

it('knows what was missed, the newest times of it', () => {
  const schedule = new Schedule('0 * * * *');
  const times = schedule.between(at('2026-11-20T10:30:00'), at('2026-11-21T10:30:00'), 2);
  expect(times).toEqual([at('2026-11-21T09:00:00'), at('2026-11-21T10:00:00')]);
});
