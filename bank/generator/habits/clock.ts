// Days and hours: the calendar of a customer's city, and when in the day and the week people do things.

import type { Random } from '../random.ts';
import { PLACES } from '../world/places.ts';
import { weighted } from '../world/streams.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** A day of one city's calendar. */
export interface LocalDay {
  /** Days since 1970-01-01. */
  readonly number: number;
  /** Milliseconds since 1970 at local midnight. */
  readonly startMs: number;
  /** 1 to 31. */
  readonly dayOfMonth: number;
  /** Months since 1970-01. */
  readonly month: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** Day `number` of the calendar in place `place`. */
export function localDay(number: number, place: number): LocalDay {
  const date = new Date(number * DAY_MS);
  return {
    number,
    startMs: number * DAY_MS - PLACES[place]!.utcOffsetMinutes * MINUTE_MS,
    dayOfMonth: date.getUTCDate(),
    month: (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth(),
    weekday: date.getUTCDay(),
  };
}

const WORKDAY = [0.1, 0.05, 0, 0, 0, 0.3, 1, 4, 5, 3, 3, 4, 9, 7, 3, 3, 4, 8, 10, 8, 5, 3, 1.5, 0.5];
const WEEKEND = [0.8, 0.5, 0.2, 0, 0, 0.1, 0.3, 1, 3, 6, 8, 9, 9, 8, 7, 7, 7, 7, 8, 8, 6, 4, 3, 1.5];
const NIGHT = [8, 7, 5, 3, 1, 0.3, 0.2, 0.3, 0.5, 1, 1, 2, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 9, 9];
/** How much is bought on each weekday, Sunday first, in percent of the average. */
export const WEEK_RHYTHM = [105, 80, 85, 90, 100, 120, 125];

/** An instant of the day at which somebody shops. */
export function shoppingTime(random: Random, day: LocalDay, nightOwl: boolean): number {
  const hours = nightOwl ? NIGHT : day.weekday === 0 || day.weekday === 6 ? WEEKEND : WORKDAY;
  return day.startMs + weighted(random, hours) * HOUR_MS + random.int(0, HOUR_MS - 1);
}

/** An instant between two hours of the day. */
export function between(random: Random, day: LocalDay, fromHour: number, toHour: number): number {
  return day.startMs + random.int(fromHour * HOUR_MS, toHour * HOUR_MS - 1);
}
