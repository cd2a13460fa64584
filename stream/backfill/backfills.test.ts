// A table that is announced is held before any row of it can make a transaction wait, once, and by its real shape.

import { describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../../lake/store/testkit.ts';
import { Holds } from '../processor/holds.ts';
import { TableNames } from '../processor/table-names.ts';
import { Backfills } from './backfills.ts';

const none = (): Promise<never> => Promise.reject(new Error('no bulk read here'));
const NO_BULK: Backfills['bulk'] = { load: none, finish: none, ended: () => [] };

function announcing(known = new Map<string, typeof ACCOUNTS>()): { backfills: Backfills; names: TableNames } {
  const names = new TableNames(known.keys(), [], ['accounts']);
  return { backfills: new Backfills({ database: 'bank', schemas: known, holds: new Holds([], []), names }, NO_BULK), names };
}

describe('a table that is announced', () => {
  it('is held from the next commit on, and no longer left out', () => {
    const { backfills, names } = announcing();
    expect(names.excludes('accounts')).toBe(true);
    expect(backfills.announce(ACCOUNTS)).toEqual({ table: 'accounts', state: 'announced' });
    expect(backfills.holdsNew()).toMatchObject([{ kind: 'hold', table: 'accounts', seq: 0, code: 'LF_TABLE_HELD', schema: ACCOUNTS }]);
    expect(backfills.holdsNew()).toEqual([]);
    expect([names.excludes('accounts'), names.of('accounts'), names.carried]).toEqual([false, 'accounts', []]);
  });

  it('is left as it is when it is known', () => {
    const { backfills } = announcing(new Map([['accounts', ACCOUNTS]]));
    expect(backfills.announce(ACCOUNTS)).toMatchObject({ state: 'known' });
    expect(backfills.holdsNew()).toEqual([]);
  });

  it('is refused when it has no key, or a type that cannot be carried', () => {
    const { backfills } = announcing();
    expect(() => backfills.announce({ ...ACCOUNTS, keyColumns: [] })).toThrow(/no primary key/);
    const odd = ACCOUNTS.columns.map((column, index) => (index === 1 ? { ...column, typeName: 'ODDITY' } : column));
    expect(() => backfills.announce({ ...ACCOUNTS, columns: odd })).toThrow(/no converter for this type/);
    expect(() => backfills.announce({ ...ACCOUNTS, database: 'other' })).toThrow(/other is not captured/);
  });
});
