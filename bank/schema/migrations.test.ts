import { describe, expect, it } from 'vitest';
import { pendingMigrations, readMigrations } from './migrations.ts';

const disk = [
  { name: '001_a.sql', checksum: 'aa', statements: [] },
  { name: '002_b.sql', checksum: 'bb', statements: [] },
];

describe('migrations', () => {
  it('are numbered without gaps, and every file splits into statements', () => {
    const migrations = readMigrations();
    expect(migrations.map(({ name }) => Number(name.slice(0, 3)))).toEqual(migrations.map((_, index) => index + 1));
    expect(migrations.every(({ statements }) => statements.length > 0)).toBe(true);
  });

  it('are pending while they are not recorded', () => {
    expect(pendingMigrations(disk, new Map([['001_a.sql', 'aa']])).map(({ name }) => name)).toEqual(['002_b.sql']);
  });

  it('that were edited after they had been applied are named', () => {
    expect(() => pendingMigrations(disk, new Map([['001_a.sql', 'other']]))).toThrow('001_a.sql was edited');
  });

  it('that only the database knows are named', () => {
    expect(() => pendingMigrations(disk, new Map([['003_c.sql', 'cc']]))).toThrow('the database has migration 003_c.sql');
  });
});
