import { expect, it } from 'vitest';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { faultText, parseFault } from './fault.ts';

it('a fault keeps its code on the way to ops.parked, and other reasons are none', () => {
  const text = faultText(new LedgerflowError('LF_SCHEMA_UNKNOWN', 'the registry has no schema 7: gone'));
  expect(parseFault(text)).toEqual({ code: 'LF_SCHEMA_UNKNOWN', message: 'the registry has no schema 7: gone' });
  for (const other of ['not a change event', 'LF_STORE_FENCED: no', 'Unexpected token: x', '']) expect(parseFault(other)).toBeNull();
});
