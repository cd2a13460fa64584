import { expect, it } from 'vitest';
import { refuseUndecodedControls } from './consumer.ts';
import { packError, unpackError } from './protocol.ts';

const message = (fault?: string) => ({
  offset: 4,
  timestampMs: 1,
  key: null,
  value: null,
  headers: null,
  ...(fault === undefined ? {} : { fault }),
});
const lane = (role: 'schema' | 'transaction' | 'table') => ({ topic: 't', partition: 0, role });

it('refuses schemas and transactions in Avro while no registry is set; rows are parked', () => {
  const avro = [message(), message('LF_REGISTRY_UNSET: the value is Avro with schema 7')];
  expect(() => refuseUndecodedControls(lane('schema'), avro)).toThrow(/LEDGERFLOW_REGISTRY_URL/);
  expect(() => refuseUndecodedControls(lane('transaction'), avro)).toThrow(/LEDGERFLOW_REGISTRY_URL/);
  expect(() => refuseUndecodedControls(lane('table'), avro)).not.toThrow();
  expect(() => refuseUndecodedControls(lane('schema'), [message('LF_SCHEMA_UNKNOWN: 7')])).not.toThrow();
});

it('keeps the code of an error on its way out of the thread', () => {
  let thrown: unknown;
  try {
    refuseUndecodedControls(lane('schema'), [message('LF_REGISTRY_UNSET: x')]);
  } catch (error) {
    thrown = unpackError(structuredClone(packError(error)));
  }
  expect(thrown).toMatchObject({ name: 'LedgerflowError', code: 'LF_CONTROL_UNREADABLE', kind: 'fatal', where: 't/0@4' });
  const plain = new Error('x');
  expect(unpackError(packError(plain))).toBe(plain);
});
