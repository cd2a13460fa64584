// The chain: independent of arrival order across partitions, sensitive to every byte, to order and to nulls.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainDigest, type ChainRows } from './chain.ts';

interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

function rowsOf(messages: readonly Message[]): ChainRows {
  return {
    count: messages.length,
    topic: messages.map((m) => m.topic),
    partition: messages.map((m) => m.partition),
    offset: messages.map((m) => m.offset),
    key: messages.map((m) => m.key),
    value: messages.map((m) => m.value),
  };
}

/** The definition in the header of chain.ts, written as plainly as possible. */
function reference(previous: string, messages: readonly Message[]): string {
  const field = (bytes: Buffer | null): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes === null ? 0xffffffff : bytes.length);
    return Buffer.concat([length, bytes ?? Buffer.alloc(0)]);
  };
  const order = messages.toSorted(
    (a, b) => Buffer.compare(Buffer.from(a.topic), Buffer.from(b.topic)) || a.partition - b.partition || (a.offset < b.offset ? -1 : 1),
  );
  const parts = order.flatMap((message) => {
    const numbers = Buffer.alloc(12);
    numbers.writeUInt32BE(message.partition, 0);
    numbers.writeBigUInt64BE(message.offset, 4);
    return [field(Buffer.from(message.topic)), numbers, field(message.key), field(message.value)];
  });
  const head = previous === '' ? Buffer.alloc(32) : Buffer.from(previous, 'hex');
  return createHash('sha256')
    .update(Buffer.concat([head, ...parts]))
    .digest('hex');
}

const bytes = fc.option(fc.uint8Array({ maxLength: 40 }).map((b) => Buffer.from(b)));
const message = fc.record({
  topic: fc.constantFrom('a', 'a.b', 'b', 'bank_server.bank.accounts'),
  partition: fc.nat(3),
  offset: fc.bigInt(0n, 2n ** 62n),
  key: bytes,
  value: bytes,
});
const messages = fc.uniqueArray(message, { selector: (m) => `${m.topic}/${m.partition}/${m.offset}`, maxLength: 30 });

describe('chainDigest', () => {
  it('equals its definition, whatever order the messages come in', () => {
    fc.assert(
      fc.property(messages, fc.constantFrom('', 'ab'.repeat(32)), fc.infiniteStream(fc.nat()), (list, previous, random) => {
        const expected = reference(previous, list);
        const shuffled = list.map((m) => [random.next().value, m] as const).toSorted((a, b) => a[0] - b[0]);
        expect(chainDigest(previous, rowsOf(list))).toBe(expected);
        expect(chainDigest(previous, rowsOf(shuffled.map(([, m]) => m)))).toBe(expected);
      }),
    );
  });

  it('changes when any one byte changes', () => {
    const list: Message[] = [0, 1, 2].map((n) => ({
      topic: 't',
      partition: 0,
      offset: BigInt(n),
      key: Buffer.from(`k${n}`),
      value: Buffer.from(`value ${n}`),
    }));
    const head = chainDigest('', rowsOf(list));
    list[1]?.value?.writeUInt8(0, 3);
    expect(chainDigest('', rowsOf(list))).not.toBe(head);
  });

  it('tells null from empty', () => {
    const one = (value: Buffer | null): ChainRows => rowsOf([{ topic: 't', partition: 0, offset: 0n, key: null, value }]);
    expect(chainDigest('', one(null))).not.toBe(chainDigest('', one(Buffer.alloc(0))));
  });

  it('hashes messages larger than its buffer', () => {
    const list: Message[] = [5 << 20, 3 << 20, 10].map((size, n) => ({
      topic: 't',
      partition: 0,
      offset: BigInt(n),
      key: Buffer.from('k'),
      value: Buffer.alloc(size, n),
    }));
    expect(chainDigest('', rowsOf(list))).toBe(reference('', list));
  });

  it('moves on with a commit that has no messages', () => {
    const first = chainDigest('', rowsOf([]));
    expect(chainDigest(first, rowsOf([]))).not.toBe(first);
  });
});
