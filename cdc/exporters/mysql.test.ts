import { describe, expect, it } from 'vitest';
import { bytesBehind, replicaLag } from './mysql.ts';

const FILES = [
  { name: 'binlog.000009', bytes: 500 },
  { name: 'binlog.000010', bytes: 1_000 },
  { name: 'binlog.000011', bytes: 70 },
];
const at = (
  binlogFile: string | null,
  binlogPos: number,
): { binlogFile: string | null; binlogPos: number; serverUuid: null; seq: number } => ({
  binlogFile,
  binlogPos,
  serverUuid: null,
  seq: 1,
});

describe('bytes of binlog behind', () => {
  it.each([
    ['the end of the last file', at('binlog.000011', 70), 0],
    ['inside the last file', at('binlog.000011', 20), 50],
    ['files later, compared as numbers', at('binlog.000009', 400), 1_170],
    ['beyond a file that is still growing', at('binlog.000011', 90), 0],
    ['a file that was purged', at('binlog.000001', 4), null],
    ['no position', at(null, 0), null],
  ])('%s', (_name, position, expected) => {
    expect(bytesBehind(FILES, position)).toBe(expected);
  });
});

describe('replication lag', () => {
  it('is told by channel, unknown while it does not replicate, nothing for a server that is no replica', () => {
    expect(
      replicaLag([
        { Channel_Name: '', Seconds_Behind_Source: 3 },
        { Channel_Name: 'b', Seconds_Behind_Source: null },
      ]),
    ).toEqual(
      new Map([
        ['', 3],
        ['b', null],
      ]),
    );
    expect(replicaLag([])).toEqual(new Map());
  });
});
