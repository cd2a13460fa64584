import { describe, expect, it } from 'vitest';
import { cutIncludes, parseToken } from './commit-token.ts';

const SERVER = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const OTHER = '4e11fa47-71ca-11e1-9e33-c80aa9429562';

describe('a commit token', () => {
  it.each([
    [`${SERVER}:42`, true],
    [`${SERVER}:43`, false],
    [`${SERVER}:1-42`, true],
    [`${SERVER}:1-41:44`, false],
    [`${SERVER.toUpperCase()}:7`, true],
    [`${OTHER}:1`, false],
    [`${SERVER}:1-5,\n${OTHER}:1-3`, false],
  ])('%s is included in a cut at 42: %s', (text, included) => {
    expect(cutIncludes({ gtid: `${SERVER}:40`, seq: 42 }, parseToken(text))).toBe(included);
  });

  it('is not included before the first cut', () => {
    expect(cutIncludes({ gtid: null, seq: -1 }, parseToken(`${SERVER}:1`))).toBe(false);
  });

  it.each(['', 'abc', `${SERVER}:`, '42'])('%s is none', (text) => {
    expect(() => parseToken(text)).toThrow(/GTID/);
  });
});
