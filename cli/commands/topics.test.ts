import type { KafkaMessage } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { parseFrom } from '../../cdc/kafka/topic-tail.ts';
import { messageJson, messageText, topicJson } from './topics.ts';

function message(value: string | Buffer | null, key: string | null = '{"id":1}'): KafkaMessage {
  return {
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    offset: '9223372036854775806',
    timestamp: '1763719200000',
    attributes: 0,
    headers: {},
  };
}

describe('messages', () => {
  it('keep every digit in both forms', () => {
    const value = '{"id":9223372036854775807,"amount":"0.10"}';
    expect(messageJson(3, message(value))).toBe(
      `{"partition":3,"offset":9223372036854775806,"timestampMs":1763719200000,"key":{"id":1},"value":${value}}`,
    );
    expect(messageText(3, message(value))).toBe(`3@9223372036854775806\t2025-11-21T10:00:00.000Z\t{"id":1}\t${value}`);
  });

  it('show tombstones, texts and bytes', () => {
    expect(messageJson(0, message(null))).toContain('"value":null');
    expect(messageJson(0, message('not json'))).toContain('"value":"not json"');
    expect(messageJson(0, message(Buffer.from([0xff, 0xfe])))).toContain('"value":{"base64":"//4="}');
    expect(messageText(0, message(null, null))).toMatch(/\tnull\tnull$/);
  });
});

it('topicJson writes offsets digit for digit', () => {
  const partition = { partition: 0, leader: 1, low: 0n, high: 9_007_199_254_740_993n, bytes: null };
  expect(topicJson({ topic: 't', partitions: [partition], settings: { 'retention.ms': '-1' } })).toBe(
    '{"topic":"t","messages":9007199254740993,"bytes":null,"partitions":[{"partition":0,"leader":1,"first":0,"next":9007199254740993,"bytes":null}],"settings":{"retention.ms":"-1"}}',
  );
});

it('--from is a place, an offset or a time', () => {
  expect(parseFrom('beginning')).toBe('beginning');
  expect(parseFrom('9007199254740993')).toEqual({ offset: 9_007_199_254_740_993n });
  expect(parseFrom('2026-11-21T10:00:00Z')).toEqual({ timeMs: Date.UTC(2026, 10, 21, 10) });
  expect(() => parseFrom('yesterday')).toThrow(/--from yesterday/);
});
