// What becomes of messages of each kind of topic, and that a page survives the way to another thread.

import { describe, expect, it } from 'vitest';
import { KIND, Page } from '../../../cdc/envelope/page.ts';
import { changeValue } from '../../../test/support/envelopes.ts';
import type { PartitionRole } from '../cut/record.ts';
import { fetchedMessage } from './kafka-message.ts';
import { PageMaker } from './page-maker.ts';

const UUID = 'e0cafe00-1111-2222-3333-444455556666';

function pageOf(maker: PageMaker, role: PartitionRole, values: readonly (Buffer | null)[], key: Buffer | null = null): Page {
  const messages = values.map((value, offset) =>
    fetchedMessage({ key, value, offset: String(offset), timestamp: '1795243773389', attributes: 0, headers: { h: Buffer.from('1') } }),
  );
  return new Page(structuredClone(maker.make({ topic: 'bank_server.bank.t', partition: 3, role }, messages)));
}

const marker = (status: string, rest: object = {}, uuid = UUID): Buffer =>
  Buffer.from(JSON.stringify({ status, id: `${uuid}:12`, ...rest }));

describe('PageMaker', () => {
  it('reads changes, tombstones and what is none of them', () => {
    const change = changeValue({ table: 't', op: 'c', after: { id: 1 }, seq: 12, ord: 4 });
    const page = pageOf(new PageMaker(null), 'table', [change, null, Buffer.from('garbage')], Buffer.from('key'));
    expect([...page.kind]).toEqual([KIND.event, KIND.tombstone, KIND.unreadable]);
    expect([[...page.seq], [...page.ord], [...page.op]]).toEqual([
      [12, -1, -1],
      [4, 0, 0],
      [99, 0, 0],
    ]);
    expect([0, 1, 2].map((index) => page.value(index)?.toString())).toEqual([change?.toString(), undefined, 'garbage']);
    expect([page.key(2)?.toString(), page.headers.get(1), page.timestampMs[0], page.partition]).toEqual([
      'key',
      '{"h":"1"}',
      1_795_243_773_389,
      3,
    ]);
    expect([...page.notes.keys()]).toEqual([2]);
    expect(page.notes.get(2)?.reason).toMatch(/JSON/);
  });

  it('reads the counts of ENDs, and BEGINs in any form', () => {
    const counts = [
      { data_collection: 'bank.a', event_count: 3 },
      { data_collection: 'bank.b', event_count: 1 },
    ];
    const ends = [marker('END', { event_count: 4, data_collections: counts }), marker('END', { event_count: 0, data_collections: null })];
    const page = pageOf(new PageMaker(UUID), 'transaction', [
      marker('BEGIN'),
      ...ends,
      marker('END', { event_count: 9, data_collections: [] }),
    ]);
    expect([...page.kind]).toEqual([KIND.begin, KIND.end, KIND.end, KIND.unreadable]);
    expect([...(page.ends?.from ?? [])]).toEqual([0, 0, 2, 2, 2]);
    expect([page.ends?.collections, [...(page.ends?.events ?? [])]]).toEqual([
      ['bank.a', 'bank.b'],
      [3, 1],
    ]);
    expect(page.servers).toEqual([]);
  });

  it('reports every server once it meets one that is not the known one', () => {
    const maker = new PageMaker(null);
    expect(pageOf(maker, 'transaction', [marker('BEGIN'), marker('BEGIN')]).servers).toEqual([UUID]);
    expect(pageOf(maker, 'transaction', [marker('BEGIN')]).servers).toEqual([]);
    const other = '00000000-1111-2222-3333-444455556666';
    expect(pageOf(maker, 'transaction', [marker('BEGIN', {}, other)]).servers).toEqual([other]);
  });

  it('leaves what is neither table, transaction nor schema unread', () => {
    const page = pageOf(new PageMaker(UUID), 'other', [Buffer.from('garbage'), null]);
    expect([...page.kind]).toEqual([KIND.control, KIND.control]);
  });
});
