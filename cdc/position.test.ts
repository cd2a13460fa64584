import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareBinlogPositions,
  formatGtid,
  formatGtidSet,
  gtidSetContains,
  gtidSetMax,
  gtidSetReach,
  parseGtid,
  parseGtidSet,
} from './position.ts';

const A = 'aea4420a-e577-11f1-8604-02fc00000001';
const B = 'bea4420a-e577-11f1-8604-02fc00000002';

describe('GTID', () => {
  it('reads the ordinary and the tagged form', () => {
    expect(parseGtid(`${A}:29`)).toEqual({ uuid: A, tag: null, seq: 29 });
    expect(parseGtid(`${A}:nightly:3`)).toEqual({ uuid: A, tag: 'nightly', seq: 3 });
    expect(formatGtid(parseGtid(`${A}:nightly:3`))).toBe(`${A}:nightly:3`);
  });

  it.each(['', A, `${A}:`, `${A}:x`, `x:1`, `${A}:1:2:3`, `${A}:9007199254740993`])('refuses %j', (text) => {
    expect(() => parseGtid(text)).toThrow(RangeError);
  });
});

describe('GTID set', () => {
  it('reads intervals, several servers, tags and white space', () => {
    const set = parseGtidSet(`${A}:1-5:7,\n${B}:1-3:nightly:2-4`);
    expect(gtidSetContains(set, parseGtid(`${A}:5`))).toBe(true);
    expect(gtidSetContains(set, parseGtid(`${A}:6`))).toBe(false);
    expect(gtidSetContains(set, parseGtid(`${B}:nightly:4`))).toBe(true);
    expect(gtidSetContains(set, parseGtid(`${B}:4`))).toBe(false);
    expect(gtidSetMax(set, A)).toBe(7);
    expect(gtidSetMax(set, 'f' + A.slice(1))).toBe(-1);
    expect(gtidSetReach(set, A, 2)).toBe(5);
    expect(gtidSetReach(set, A, 5)).toBe(5);
    expect(formatGtidSet(set)).toBe(`${A}:1-5:7,${B}:1-3,${B}:nightly:2-4`);
  });

  it('contains exactly the numbers it was built from', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (numbers) => {
        const set = parseGtidSet(`${A}:${numbers.join(':')}`);
        for (let n = 1; n <= 61; n += 1) expect(gtidSetContains(set, parseGtid(`${A}:${n}`))).toBe(numbers.includes(n));
        expect(parseGtidSet(formatGtidSet(set))).toEqual(set);
      }),
    );
  });
});

describe('binlog position', () => {
  it('compares numbers, not text', () => {
    const at = (file: string, pos: number, row = 0) => ({ file, pos, row });
    expect(compareBinlogPositions(at('binlog.999999', 4), at('binlog.1000000', 4))).toBeLessThan(0);
    expect(compareBinlogPositions(at('binlog.000002', 999), at('binlog.000002', 1000))).toBeLessThan(0);
    expect(compareBinlogPositions(at('binlog.000002', 5, 2), at('binlog.000002', 5, 10))).toBeLessThan(0);
    expect(compareBinlogPositions(at('binlog.000002', 5, 2), at('binlog.000002', 5, 2))).toBe(0);
  });
});
