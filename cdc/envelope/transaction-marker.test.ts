import { describe, expect, it } from 'vitest';
import { realValue } from './testdata/load.ts';
import { isBegin, parseTransactionMarker, tableOfCollection } from './transaction-marker.ts';

const UUID = 'aea4420a-e577-11f1-8604-02fc00000001';

describe('transaction marker', () => {
  it('knows BEGIN by one byte', () => {
    expect(isBegin(realValue('tx-begin'))).toBe(true);
    expect(isBegin(realValue('tx-end'))).toBe(false);
    expect(isBegin(realValue('stream-c-customers'))).toBe(false);
  });

  it('reads BEGIN and END', () => {
    expect(parseTransactionMarker(realValue('tx-begin'))).toEqual({ status: 'BEGIN', uuid: UUID, seq: 18 });
    expect(parseTransactionMarker(realValue('tx-end-empty'))).toEqual({
      status: 'END',
      uuid: UUID,
      seq: 18,
      counts: { event_count: 0, data_collections: [] },
    });
    expect(parseTransactionMarker(realValue('tx-end-multi'))).toMatchObject({
      seq: 20,
      counts: {
        event_count: 4,
        data_collections: [
          { data_collection: 'bank.accounts', event_count: 1 },
          { data_collection: 'bank.customers', event_count: 1 },
          { data_collection: 'bank.transactions', event_count: 2 },
        ],
      },
    });
  });

  it.each([
    '',
    '{}',
    '{"status":"BEGIN","id":"x"}',
    '{"status":"END","id":"x:1"}',
    `{"status":"END","id":"${UUID}:1"}`,
    `{"status":"?","id":"${UUID}:1"}`,
  ])('refuses %j', (text) => {
    expect(() => parseTransactionMarker(Buffer.from(text))).toThrow();
  });

  it('refuses counts that do not add up', () => {
    const value = `{"status":"END","id":"${UUID}:1","event_count":2,"data_collections":[{"data_collection":"bank.a","event_count":1}]}`;
    expect(() => parseTransactionMarker(Buffer.from(value))).toThrow(/counts 2 events but its tables 1/);
  });

  it('keeps dots of table names', () => {
    expect(tableOfCollection('bank.dot.ted')).toBe('dot.ted');
  });
});
