// ISO 8601 with any offset as MySQL's DATETIME(6) text in UTC; microseconds are kept.

export function sqlTimeOf(iso: string): string {
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? '';
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')}.${fraction.slice(0, 6).padEnd(6, '0')}`;
}
