import { expect, it } from 'vitest';
import { collectionPattern } from '../../cdc/connector/signal-row.ts';
import { parsePolicies } from '../../cdc/privacy/policy-file.ts';
import { refuseClearBulk } from './backfill-source.ts';

it('a bulk read of a table with column policies is refused, an incremental one goes through the stream', () => {
  const file = { reviewed: { by: 'x', on: '2026-11-22' }, tables: { 'odd+name': { columns: {} } } };
  const policies = parsePolicies(JSON.stringify(file), 'privacy.json');
  const data = (table: string): object => ({ 'data-collections': [collectionPattern('bank', table)] });
  const bulk = (table: string) => () => refuseClearBulk({ type: 'ledgerflow-bulk', data: data(table) }, policies, 'bank');
  expect(bulk('odd+name')).toThrow(
    expect.objectContaining({ code: 'LF_BACKFILL_REFUSED', message: expect.stringContaining('column policies') }),
  );
  expect(bulk('accounts')).not.toThrow();
  expect(() => refuseClearBulk({ type: 'execute-snapshot', data: data('odd+name') }, policies, 'bank')).not.toThrow();
});
