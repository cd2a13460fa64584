import { describe, expect, it } from 'vitest';
import { includes } from './commands.ts';

const SERVER = '2cd1acf5-e5e3-11f1-844d-02fc00000001';
const at = (seq: number, gtid: string | null = `${SERVER}:${seq}`) => ({ commitId: 1, gtid, seq, committedAt: null, turnedAt: null });

describe('a commit is included', () => {
  it.each([
    [41, `${SERVER}:42`, false],
    [42, `${SERVER}:42`, true],
    [43, `${SERVER}:1-42`, true],
    [43, `${SERVER}:1-42,aaaaaaaa-e5e3-11f1-844d-02fc00000001:1`, false],
  ])('at %i, of %s: %s', (seq, set, expected) => expect(includes(at(seq), set)).toBe(expected));

  it('never before the first streamed transaction', () => expect(includes(at(-1, null), `${SERVER}:1`)).toBe(false));
});
