// docs/types.md says what the converters do.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { columnType } from './column-type.ts';
import { testColumn } from './duckdb-testkit.ts';

const page = readFileSync(new URL('../../docs/types.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(?<mysql>[^`]+)`\s*\|[^|]+\| `(?<silver>[^`]+)`\s*\|/gm)].map(
  ({ groups }) => [groups?.['mysql'] ?? '', groups?.['silver'] ?? ''] as const,
);

describe('docs/types.md', () => {
  it('has a line for every family', () => {
    expect(rows.length).toBeGreaterThan(30);
  });

  it.each(rows)('%s is %s', (mysql, silver) => {
    const match = /^([A-Z ]+?)(?:\((\d+)(?:,(\d+))?\))?$/.exec(mysql);
    const number = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
    expect(columnType(testColumn(match?.[1] ?? '', { length: number(match?.[2]), scale: number(match?.[3]) })).duckdbType).toBe(silver);
  });
});
