import { describe, expect, it } from 'vitest';
import { Page } from '../../cdc/envelope/page.ts';
import { RecordBatch } from '../../lake/store/record-batch.ts';
import { changeValue } from '../../test/support/envelopes.ts';
import type { TakenCut } from './cut/take.ts';
import { PageMaker } from './fetch/page-maker.ts';
import { FirstStreamed } from './first-streamed.ts';

const streamed = (seq: number): Buffer => changeValue({ table: 't', op: 'c', after: { id: seq }, seq }); // stands at 7238 + 300 · seq
const generation = (pos: number) => [{ kind: 'snapshot', table: 't', generation: `1/binlog.000001/${pos}`, beforePos: 0n } as const];

function cutOf(values: readonly Buffer[]): TakenCut {
  const messages = values.map((value, offset) => ({ key: Buffer.from('{"id":1}'), value, offset, timestampMs: 1, headers: null }));
  const page = new Page(new PageMaker(null).make({ topic: 't', partition: 0, role: 'table' }, messages));
  return { records: new RecordBatch([{ topicId: 3, page, from: 0, count: values.length }]) } as unknown as TakenCut;
}

describe('a snapshot that is begun again after changes were streamed', () => {
  it('is refused by name, also when the changes were committed before', () => {
    const first = new FirstStreamed(null);
    first.judge(cutOf([streamed(9), streamed(5)]), generation(7_238), 'bootstrap'); // the first snapshot: before everything that is streamed
    expect(() => first.judge(cutOf([]), generation(7_238 + 300 * 5), 'bootstrap')).not.toThrow();
    expect(() => first.judge(cutOf([]), generation(7_238 + 300 * 6), 'bootstrap')).toThrow(/second snapshot/);
    expect(() => new FirstStreamed(streamed(5)).judge(cutOf([]), generation(90_000), 'bootstrap')).toThrow(/second snapshot/);
  });

  it('is none while only the snapshot has been read, or once the stream is judged otherwise', () => {
    expect(() => new FirstStreamed(null).judge(cutOf([]), generation(90_000), 'bootstrap')).not.toThrow();
    expect(() => new FirstStreamed(streamed(5)).judge(cutOf([]), generation(90_000), 'streaming')).not.toThrow();
  });
});
