import { expect, it } from 'vitest';
import { refuseSecondSnapshot } from './snapshot-guard.ts';

const action = { kind: 'snapshot' as const, table: 'accounts', generation: '2/binlog.000003/4', beforePos: 0n };

it('takes a snapshot that is broken off and begun again, and late rows of the first one', () => {
  expect(() => refuseSecondSnapshot([action], 'bootstrap', new Set(['1/binlog.000001/4']))).not.toThrow();
  expect(() => refuseSecondSnapshot([action], 'streaming', new Set([action.generation]))).not.toThrow();
});

it('refuses another snapshot once transactions have been applied', () => {
  expect(() => refuseSecondSnapshot([action], 'streaming', new Set(['1/binlog.000001/4']))).toThrow(/rows of another snapshot/);
});
