// Signals that ask for some rows only: nothing but the rows they name is ever taken for gone.

import { describe, expect, it } from 'vitest';
import { changeValue } from '../../test/support/envelopes.ts';
import { APPLIED } from '../../lake/store/batch.ts';
import { ACCOUNTS } from '../../lake/store/testkit.ts';
import { batchOfRecords } from '../../lake/store/testkit-batch.ts';
import { Holds } from './holds.ts';
import { signalsIn, type Signal } from './reread-signals.ts';
import { Rereads } from './rereads.ts';

const schemas = new Map([['accounts', ACCOUNTS]]);

function signals(data: object): Signal[] {
  const after = {
    id: 's1',
    type: 'execute-snapshot',
    data: JSON.stringify({ type: 'incremental', 'data-collections': ['bank.accounts'], ...data }),
  };
  const value = changeValue({ table: 'debezium_signal', op: 'c', seq: 9, ord: 1, before: null, after });
  const records = [{ key: null, value, headers: null, seq: 9, ord: 1, op: 'c', disposition: APPLIED }];
  return signalsIn(batchOfRecords('bank_server.bank.debezium_signal', records, 0), () => true, 'bank');
}

describe('a signal', () => {
  it('without a condition is for whole tables', () => {
    expect(signals({})).toMatchObject([{ tables: ['accounts'], keys: null }]);
  });

  it('with a condition and keys is for these rows, with a condition alone for none that could be gone', () => {
    const conditions = [{ 'data-collection': 'bank.accounts', filter: 'account_id = 7' }];
    expect(signals({ 'additional-conditions': conditions, keys: ['7'] })).toMatchObject([{ keys: ['7'] }]);
    expect(signals({ 'additional-conditions': conditions })).toMatchObject([{ keys: [] }]);
    expect(signals({ 'additional-condition': 'account_id = 7' })).toMatchObject([{ keys: [] }]);
  });

  it('that stops ends what it names, or everything, with nothing of it counted', () => {
    const accounts = { signal: 's1', table: 'accounts', seq: 3, inPlace: true, keys: null };
    const rereads = new Rereads('bank', new Holds([], [accounts, { ...accounts, signal: 's2', table: 'cards' }]));
    const stop = (tables: readonly string[]): unknown => rereads.begun([{ kind: 'stop', id: 'x', seq: 9, tables, keys: null }], schemas);
    expect(stop(['accounts'])).toMatchObject([{ kind: 'reread-ended', signal: 's1', failure: 'stopped' }]);
    expect(stop(['devices'])).toEqual([]);
    expect(stop([])).toMatchObject([{ signal: 's1' }, { signal: 's2' }]);
  });

  it('for some rows begins beside nothing else of its table', () => {
    const signal: Signal = { kind: 'read', id: 's2', seq: 12, tables: ['accounts'], keys: ['7'] };
    const hold = { table: 'accounts', seq: 5, code: 'LF_TABLE_HELD', reason: '', schema: ACCOUNTS, records: 0, since: '' } as const;
    const running = { signal: 's1', table: 'accounts', seq: 3, inPlace: true, keys: null };
    expect(new Rereads('bank', new Holds([], [])).begun([signal], schemas)).toMatchObject([{ kind: 'reread', schema: null, keys: ['7'] }]);
    expect(new Rereads('bank', new Holds([hold], [])).begun([signal], schemas)).toEqual([]);
    expect(new Rereads('bank', new Holds([], [running])).begun([signal], schemas)).toEqual([]);
  });
});
