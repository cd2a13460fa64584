import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Page } from '../../../cdc/envelope/page.ts';
import { Staging } from '../cut/staging.ts';
import type { PartitionLog } from '../cut/partition-log.ts';
import { PageMaker } from '../fetch/page-maker.ts';
import { PageSpill } from './page-spill.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lf-spill-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const VALUE_BYTES = 100_000;
const text = (offset: number, index: number): string => `${offset + index}`.padEnd(VALUE_BYTES, 'v');

function pageOf(offset: number, count = 10): Page {
  const messages = Array.from({ length: count }, (_, index) => ({
    ...{ key: Buffer.from(`k${offset + index}`), value: Buffer.from(text(offset, index)) },
    ...{ offset: offset + index, timestampMs: 1, headers: null },
  }));
  return new Page(new PageMaker(null).make({ topic: 't', partition: 0, role: 'other' }, messages));
}

function stage(spill: PageSpill, pages: number): { log: PartitionLog; pages: Page[] } {
  const staging = new Staging(0, 'streaming');
  const log = staging.addPartition({
    ...{ topicId: 0, partition: 0, role: 'other', collection: null },
    nextOffset: 0n,
    markSeq: -1,
    markOrd: -1,
  });
  const staged = Array.from({ length: pages }, (_, n) => {
    const page = pageOf(n * 10);
    staging.push(log, page);
    spill.relieve(log, staging.partitions);
    return page;
  });
  return { log, pages: staged };
}

describe('staged pages beyond the memory limit', () => {
  it('lie in files, are read back byte for byte, and leave memory', () => {
    using spill = new PageSpill(path.join(folder, 's'), { memoryBytesMax: 5_000_000 });
    const { log, pages } = stage(spill, 200);
    expect(spill.spilledBytes).toBeGreaterThan(180_000_000);
    expect(log.bytes).toBeLessThan(6_500_000);
    for (const n of [0, 3, 150, 4, 199, 10]) {
      expect(pages[n]!.value(7)?.toString()).toBe(text(n * 10, 7));
      expect(pages[n]!.key(0)?.toString()).toBe(`k${n * 10}`);
    }
  });

  it('free their files when they are committed', () => {
    using spill = new PageSpill(path.join(folder, 's'), { memoryBytesMax: 1_000 });
    const { pages } = stage(spill, 150);
    const files = readdirSync(path.join(folder, 's')).length;
    expect(files).toBeGreaterThan(1);
    for (const page of pages) spill.release(page);
    expect(spill.spilledBytes).toBe(0);
    expect(readdirSync(path.join(folder, 's')).length).toBeLessThanOrEqual(1); // the one being written
    expect(() => pages[0]!.value(0)).toThrow(/after its commit/);
  });

  it('stay in memory below the limit', () => {
    using spill = new PageSpill(path.join(folder, 's'), { memoryBytesMax: 1 << 30 });
    stage(spill, 3);
    expect(spill.spilledBytes).toBe(0);
    expect(readdirSync(path.join(folder, 's'))).toEqual([]);
  });

  it('of an earlier process are removed at the start', () => {
    const old = new PageSpill(path.join(folder, 's'), { memoryBytesMax: 1 });
    writeFileSync(path.join(folder, 's', '9.pages'), 'left by a kill');
    stage(old, 2);
    using spill = new PageSpill(path.join(folder, 's'), { memoryBytesMax: 1 });
    expect(readdirSync(path.join(folder, 's'))).toEqual([]);
    expect(spill.spilledBytes).toBe(0);
  });

  it('stay in memory when the disk is full, and say so by name', () => {
    using spill = new PageSpill(path.join(folder, 's'), { memoryBytesMax: 1 });
    symlinkSync('/dev/full', path.join(folder, 's', '1.pages'));
    const staging = new Staging(0, 'streaming');
    const log = staging.addPartition({
      ...{ topicId: 0, partition: 0, role: 'other', collection: null, nextOffset: 0n, markSeq: -1, markOrd: -1 },
    });
    const page = pageOf(0);
    staging.push(log, page);
    expect(spill.relieve(log, staging.partitions)).toMatchObject({ code: 'LF_DISK_FULL' });
    expect(spill.spilledBytes).toBe(0);
    expect(page.value(3)?.toString()).toBe(text(0, 3));
  });
});
