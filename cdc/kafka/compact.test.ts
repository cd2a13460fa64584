import { describe, expect, it } from 'vitest';
import { CompactReader } from './compact.ts';

describe('the compact forms', () => {
  it('reads varints, strings, arrays and tagged fields', () => {
    const reader = new CompactReader(
      Buffer.from([0x03, 0x61, 0x62, 0x00, 0x03, 0x00, 0x07, 0x00, 0x08, 0x01, 0x05, 0x02, 0xff, 0xff, 0xac, 0x02]),
    );
    expect(reader.string()).toBe('ab');
    expect(reader.string()).toBeNull();
    const seen: number[] = [];
    expect(reader.array(() => seen.push(reader.int16()))).toBe(2);
    expect(seen).toEqual([7, 8]);
    reader.tags();
    expect(reader.varint()).toBe(300);
    expect(() => reader.skip(1)).toThrow(/shorter/);
  });
});
