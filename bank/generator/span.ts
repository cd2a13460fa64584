// The span of a history in calendar months.

/** The same day and hour, `months` earlier (the month's last day where it is shorter). */
export function monthsBefore(untilMs: number, months: number): number {
  const until = new Date(untilMs);
  const from = new Date(untilMs);
  from.setUTCDate(1);
  from.setUTCMonth(from.getUTCMonth() - months);
  const days = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 0)).getUTCDate();
  from.setUTCDate(Math.min(until.getUTCDate(), days));
  return from.getTime();
}
