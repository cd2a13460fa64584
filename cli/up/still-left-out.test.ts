import { expect, it } from 'vitest';
import { stillLeftOut } from './still-left-out.ts';

const THERE = ['accounts', 'merchants', 'trades'];

it('a first start leaves out what the setting names', () => {
  expect(stillLeftOut(THERE, { wanted: ['trades'], include: [], before: null })).toEqual({ all: ['trades'], remarks: [] });
});

it('a table is not taken in by a start alone, but by the command that tells its shape', () => {
  const before = ['merchants', 'dropped_since'];
  const { all, remarks } = stillLeftOut(THERE, { wanted: [], include: [], before });
  expect(all).toEqual(['merchants']);
  expect(remarks).toEqual([expect.stringContaining('`ledgerflow backfill --table merchants`')]);
  expect(stillLeftOut(THERE, { wanted: [], include: ['merchants'], before })).toEqual({ all: [], remarks: [] });
});

it('a table that was captured and is left out from now on is named', () => {
  const { all, remarks } = stillLeftOut(THERE, { wanted: ['trades', 'not_there'], include: [], before: [] });
  expect(all).toEqual(['trades', 'not_there']);
  expect(remarks).toEqual([expect.stringContaining('trades is left out from now on')]);
});
