import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { filesUnder, isTestFile, ROOT } from '../../test/support/source-tree.ts';
import { armFaultPoint, countFaultPoints, FAULT_POINTS, faultPoint } from './fault-point.ts';

afterEach(() => armFaultPoint(undefined));

describe('fault points', () => {
  it('stand in the product at one place each; those of gold also in commits that it joins', () => {
    const product = ['infra', 'cdc', 'lake', 'stream', 'cli']
      .flatMap(filesUnder)
      .filter((file) => file.endsWith('.ts') && !isTestFile(file));
    const text = product.map((file) => readFileSync(path.join(ROOT, file), 'utf8')).join('\n');
    const placed = [...text.matchAll(/faultPoint\('([^']+)'\)/g)].map((match) => match[1]);
    const steps = ['adopted', 'written', 'synced', 'committed', 'acknowledged', 'copied'].map((step) => `publish.${step}`);
    expect(text).toContain('faultPoint(`publish.${step}`)');
    const joined = ['gold.applied', 'gold.done'];
    expect([...placed, ...steps].sort()).toEqual([...Object.keys(FAULT_POINTS), ...joined].sort());
  });

  it('do nothing unless armed, and refuse names that are not in the list', () => {
    faultPoint('commit.done');
    armFaultPoint('commit.done:1000');
    faultPoint('commit.begun');
    faultPoint('commit.done');
    for (const text of ['commit.nowhere:1', 'commit.done', 'commit.done:0', 'toString:1', 'commit.done:1+x'])
      expect(() => armFaultPoint(text)).toThrow(/no such fault point/);
  });

  it('count their visits when asked to, until they are armed again', () => {
    const visits = countFaultPoints();
    for (const name of ['commit.done', 'commit.begun', 'commit.done'] as const) faultPoint(name);
    armFaultPoint(undefined);
    faultPoint('commit.done');
    expect([...visits]).toEqual([
      ['commit.done', 2],
      ['commit.begun', 1],
    ]);
  });
});
