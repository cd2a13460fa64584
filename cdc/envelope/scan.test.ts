// The tail scan must read exactly what JSON.parse reads, whatever stands in the row's columns.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScanner, type Scan } from './scan.ts';
import { realMessages, realValue } from './testdata/load.ts';

const UUID = 'aea4420a-e577-11f1-8604-02fc00000001';

interface Envelope {
  readonly op: string;
  readonly source: { readonly gtid: string | null; readonly snapshot: string };
  readonly transaction: { readonly id: string; readonly total_order: number } | null;
}

/** The plain reading the scan is compared with. */
function byParsing(value: Buffer): Pick<Scan, 'kind' | 'seq' | 'ord' | 'op' | 'snapshotMarker'> {
  const { op, source, transaction } = JSON.parse(value.toString()) as Envelope;
  const id = transaction?.id ?? source.gtid;
  const kind = transaction !== null ? 'event' : id === null ? 'snapshot' : 'outside';
  const seq = id === null ? -1 : Number(id.split(':').at(-1));
  return {
    kind,
    seq,
    ord: transaction?.total_order ?? 0,
    op: op.charCodeAt(0),
    snapshotMarker: op === 'r' ? (source.snapshot as Scan['snapshotMarker']) : null,
  };
}

const LOOKALIKES = [
  '"op":"d","ts_ms":1795243773389,"ts_us":1795243773389555,"ts_ns":1795243773389555585}',
  '},"transaction":null,"op":"r","ts_ms":1795243773389,"ts_us":1795243773389555,"ts_ns":1795243773389555585}',
  `},"transaction":{"id":"${UUID}:99","total_order":7,"data_collection_order":3},"op":"d"`,
  '"snapshot":"last"',
  '\\',
  '"',
  '}]}',
];
const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...LOOKALIKES), fc.integer(), fc.constant(null), fc.boolean());
const row = fc.dictionary(fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('op', 'transaction', 'source', 'snapshot')), cell, {
  maxKeys: 6,
});
const times = fc.constantFrom({ ts_ms: 1795243773389, ts_us: 1795243773389555, ts_ns: 1795243773389555 }, { ts_ms: 1, ts_us: 2, ts_ns: 3 });

const envelopes = fc
  .record({
    before: fc.option(row),
    after: fc.option(row),
    op: fc.constantFrom('c', 'u', 'd', 'r', 't'),
    seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    order: fc.integer({ min: 1, max: 10_000_000 }),
    marker: fc.constantFrom('first', 'true', 'last', 'first_in_data_collection', 'last_in_data_collection'),
    shape: fc.constantFrom('event', 'outside', 'snapshot', 'incremental'),
    query: fc.option(fc.constantFrom('INSERT INTO t VALUES ("},\\"transaction\\":null,")', 'x')),
    times,
  })
  .map(({ before, after, op, seq, order, marker, shape, query, times: { ts_ms, ts_us, ts_ns } }) => {
    const gtid = shape === 'snapshot' ? null : `${UUID}:${seq}`;
    const kind = shape === 'event' ? (op === 'r' || op === 't' ? 'c' : op) : shape === 'outside' ? (op === 'r' ? 't' : op) : 'r';
    const snapshot = shape === 'snapshot' ? marker : shape === 'incremental' ? 'incremental' : 'false';
    const source = {
      version: '3.6.1.Final',
      connector: 'mysql',
      name: 'x',
      ts_ms,
      snapshot,
      db: 'bank',
      table: 't',
      gtid,
      file: 'binlog.000001',
      pos: 4,
      row: 0,
      thread: 1,
      query,
    };
    const transaction = shape === 'event' ? { id: gtid, total_order: order, data_collection_order: order } : null;
    return Buffer.from(JSON.stringify({ before, after, source, transaction, op: kind, ts_ms, ts_us, ts_ns }));
  });

describe('scan', () => {
  it('reads what JSON.parse reads, for random envelopes', () => {
    const scanner = createScanner(UUID);
    fc.assert(
      fc.property(envelopes, (value) => {
        const scan = scanner.scan(value);
        expect(scan).toMatchObject({ ...byParsing(value), expectedServer: true, serverUuid: null, reason: null });
      }),
      { numRuns: 2_000 },
    );
  });

  const changes = Object.entries(realMessages()).filter(([, { value }]) => value?.includes('"op":') === true);
  it.each(changes)('reads what JSON.parse reads: %s', (_name, message) => {
    const value = Buffer.from(message.value ?? '');
    expect(createScanner(null).scan(value)).toMatchObject(byParsing(value));
  });

  it('takes the fast path for ordinary events and snapshot rows', () => {
    const parse = JSON.parse;
    try {
      JSON.parse = () => {
        throw new Error('JSON.parse was called');
      };
      const scanner = createScanner(null);
      for (const name of ['stream-c-customers', 'stream-u-accounts', 'stream-d-transactions', 'snapshot-r-accounts']) {
        JSON.parse = parse;
        const value = realValue(name);
        JSON.parse = () => {
          throw new Error('JSON.parse was called');
        };
        expect(scanner.scan(value).kind).toMatch(/event|snapshot/);
      }
    } finally {
      JSON.parse = parse;
    }
  });

  it('tells another server from the expected one', () => {
    const value = realValue('stream-c-customers');
    expect(createScanner(UUID).scan(value)).toMatchObject({ expectedServer: true, serverUuid: null });
    expect(createScanner(null).scan(value)).toMatchObject({ expectedServer: true, serverUuid: UUID });
    expect(createScanner(`b${UUID.slice(1)}`).scan(value)).toMatchObject({ expectedServer: false, serverUuid: UUID });
    const truncate = realValue('stream-t-journal_entries');
    expect(createScanner(`b${UUID.slice(1)}`).scan(truncate)).toMatchObject({ expectedServer: false, serverUuid: UUID, kind: 'outside' });
  });

  it('reads TRUNCATE and XA rows as outside of any transaction', () => {
    expect(createScanner(null).scan(realValue('stream-t-journal_entries'))).toMatchObject({ kind: 'outside', op: 116, seq: 32 });
    expect(createScanner(null).scan(realValue('xa-c-b'))).toMatchObject({ kind: 'outside', op: 99, ord: 0 });
    expect(createScanner(null).scan(realValue('incremental-r-customers'))).toMatchObject({
      kind: 'outside',
      op: 114,
      snapshotMarker: 'incremental',
    });
  });

  it.each([
    '',
    'null',
    '[]',
    '"x"',
    '{',
    '{}',
    '{"op":"c"}',
    '{"op":"x","source":{}}',
    '{"op":"c","source":{"gtid":null},"transaction":null}',
    '{"op":"c","source":{},"transaction":{"id":"x","total_order":1}}',
  ])('calls %j unreadable and says why', (text) => {
    const scan = createScanner(null).scan(Buffer.from(text));
    expect(scan.kind).toBe('unreadable');
    expect(scan.reason).toBeTruthy();
  });

  it('never throws and never takes a damaged event for a good one', () => {
    const whole = realValue('stream-u-accounts');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const value = Buffer.from(whole);
        value[at] = byte;
        const scan = { ...createScanner(null).scan(value) };
        if (scan.kind === 'unreadable') return;
        expect([99, 117, 100, 114, 116]).toContain(scan.op);
        expect(Number.isSafeInteger(scan.seq)).toBe(true);
      }),
    );
  });
});
