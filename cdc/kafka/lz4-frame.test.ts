import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
import { describe, expect, it } from 'vitest';
import { decompressLz4 } from './lz4-frame.ts';

describe('decompressLz4', () => {
  it('gives back what was compressed', () => {
    const piece = fc.oneof(
      fc.string().map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(fc.string({ minLength: 1, maxLength: 20 }), fc.nat(2_000)).map(([text, times]) => Buffer.from(text.repeat(times))),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const bytes = Buffer.concat(pieces);
        expect(decompressLz4(compressFrameSync(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('reads frames of many blocks and blocks that are stored', () => {
    const bytes = Buffer.concat([randomBytes(300_000), Buffer.alloc(5_000_000, 'abc'), randomBytes(70_000)]);
    expect(decompressLz4(compressFrameSync(bytes)).equals(bytes)).toBe(true);
  });

  it('refuses a frame that is cut off or broken', () => {
    const frame = compressFrameSync(Buffer.from('a long text that repeats itself, repeats itself, repeats itself'.repeat(100)));
    expect(() => decompressLz4(frame.subarray(0, frame.length - 40))).toThrow();
    const broken = Buffer.from(frame);
    broken.fill(0xff, 40, 60);
    expect(() => decompressLz4(broken)).toThrow();
  });
});
