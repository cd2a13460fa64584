// Batches of records made by hand.

import { PageWriter } from '../../cdc/envelope/page-writer.ts';
import { Page } from '../../cdc/envelope/page.ts';
import { RecordBatch } from './record-batch.ts';

export interface TestRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Headers as a JSON object. */
  readonly headers: string | null;
  readonly seq: number;
  readonly ord: number;
  /** Debezium's op. */
  readonly op: string;
  readonly disposition: number;
}

/** A batch of one page of one partition, topic 0. */
export function batchOfRecords(topic: string, records: readonly TestRecord[], firstOffset: number): RecordBatch {
  const payloadBytes = records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
  const writer = new PageWriter(topic, 0, { count: records.length, payloadBytes });
  records.forEach(({ key, value, headers, seq, ord, op }, index) => {
    const message = { offset: firstOffset + index, timestampMs: 1_795_243_773_000, key, value, headers };
    writer.add(message, { kind: 'event', seq, ord, op: op.charCodeAt(0) });
  });
  const page = new Page(writer.finish());
  records.forEach(({ disposition }, index) => (page.disposition[index] = disposition));
  return new RecordBatch([{ topicId: 0, page, from: 0, count: page.count }]);
}
