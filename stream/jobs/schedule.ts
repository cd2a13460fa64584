// Times of a schedule, by node-cron's reading of it, in UTC. node-cron itself knows the next time from now on only; what was missed while
// nothing ran must be known too.

import nodeCron from 'node-cron';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** A schedule that names no day of the next years (30 February) has no next time. */
const YEARS_MAX = 5;

export class Schedule {
  private readonly hours: readonly number[];
  private readonly minutes: readonly number[];
  private readonly matches: (time: Date) => boolean;

  /** @param expression five fields, valid (graph.ts) */
  constructor(expression: string) {
    const fields = nodeCron.parse(expression);
    [this.hours, this.minutes] = [fields.hour, fields.minute];
    const task = nodeCron.createTask(expression, () => undefined, { timezone: 'Etc/UTC' });
    this.matches = (time) => task.match(time);
  }

  /** First time after this one; null when there is none within years. */
  next(after: Date): Date | null {
    const firstDay = Math.floor(after.getTime() / DAY_MS) * DAY_MS;
    for (let day = firstDay; day < firstDay + YEARS_MAX * 366 * DAY_MS; day += DAY_MS) {
      if (!this.matches(this.firstOf(day))) continue; // its hour and minute match, so it is the day that does not
      for (const hour of this.hours) {
        for (const minute of this.minutes) {
          const time = day + (hour * 60 + minute) * MINUTE_MS;
          if (time > after.getTime()) return new Date(time);
        }
      }
    }
    return null;
  }

  /** Times after `after` up to `until`, the newest `max` of them. */
  between(after: Date, until: Date, max: number): Date[] {
    const times: Date[] = [];
    for (let time = this.next(after); time !== null && time <= until; time = this.next(time)) {
      times.push(time);
      if (times.length > max) times.shift();
    }
    return times;
  }

  private firstOf(day: number): Date {
    return new Date(day + ((this.hours[0] ?? 0) * 60 + (this.minutes[0] ?? 0)) * MINUTE_MS);
  }
}
