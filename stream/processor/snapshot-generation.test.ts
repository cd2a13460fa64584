import { describe, expect, it } from 'vitest';
import { changeValue } from '../../test/support/envelopes.ts';
import { Page } from '../../cdc/envelope/page.ts';
import { APPLIED, DUPLICATE } from '../../lake/store/batch.ts';
import { RecordBatch } from '../../lake/store/record-batch.ts';
import type { TakenCut } from './cut/take.ts';
import { PageMaker } from './fetch/page-maker.ts';
import { isLaterGeneration, snapshotActions, snapshotGeneration } from './snapshot-generation.ts';

const EPOCH_MS = 1_795_243_773_000;
const row = (attempt: number): Buffer =>
  changeValue({ table: 't', op: 'r', after: { id: 1, v: '"source":{' }, snapshot: 'true', tsMs: EPOCH_MS + attempt });
const generationOf = (attempt: number): string => snapshotGeneration(row(attempt));

function cutOf(attempts: readonly number[]): TakenCut {
  const maker = new PageMaker(null);
  const messages = attempts.map((attempt, offset) => ({ key: null, value: row(attempt), offset, timestampMs: EPOCH_MS, headers: null }));
  const page = new Page(maker.make({ topic: 'bank_server.bank.t', partition: 0, role: 'table' }, messages));
  const records = new RecordBatch([{ topicId: 3, page, from: 0, count: attempts.length }]);
  return { records } as TakenCut;
}

describe('attempts at a snapshot', () => {
  it('are ordered by binlog position as a number, then by time', () => {
    expect(isLaterGeneration('1/binlog.000010/4', '2/binlog.000009/900')).toBe(true);
    expect(isLaterGeneration('1/binlog.000009/1000', '2/binlog.000009/900')).toBe(true);
    expect(isLaterGeneration('2/binlog.000009/900', '1/binlog.000009/900')).toBe(true);
    expect(isLaterGeneration('1/binlog.000009/900', '1/binlog.000009/900')).toBe(false);
  });

  it('that meet in one cut leave the later one', () => {
    const generations = new Map<string, string>();
    const taken = cutOf([1, 1, 2, 2]);
    expect(snapshotActions(taken, () => 't', generations)).toEqual([
      { kind: 'snapshot', table: 't', generation: generationOf(2), beforePos: 0n },
    ]);
    expect([...taken.records.disposition]).toEqual([DUPLICATE, DUPLICATE, APPLIED, APPLIED]);
    expect(generations.get('t')).toBe(generationOf(2));
  });

  it('do not come back when rows of the earlier one arrive late, from another partition', () => {
    const generations = new Map([['t', generationOf(2)]]);
    const taken = cutOf([1, 2]);
    expect(snapshotActions(taken, () => 't', generations)).toEqual([]);
    expect([...taken.records.disposition]).toEqual([DUPLICATE, APPLIED]);
  });
});
