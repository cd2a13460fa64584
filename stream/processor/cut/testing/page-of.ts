// Pages made by hand.

import { PageWriter, type PagePlace } from '../../../../cdc/envelope/page-writer.ts';
import { Page } from '../../../../cdc/envelope/page.ts';
import type { PartitionLog } from '../partition-log.ts';

export interface TestMessage {
  readonly offset: number;
  readonly timestampMs?: number;
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: string | null;
  readonly place: PagePlace;
}

export function pageOf(messages: readonly TestMessage[], lane = { topic: 'test', partition: 0 }): Page {
  const payloadBytes = messages.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
  const writer = new PageWriter(lane.topic, lane.partition, { count: messages.length, payloadBytes });
  for (const { offset, timestampMs = 1, key = null, value, headers = null, place } of messages)
    writer.add({ offset, timestampMs, key, value, headers }, place);
  return new Page(writer.finish());
}

export function dispositionsOf(log: PartitionLog): number[] {
  return log.stagedPages.flatMap((page) => [...page.disposition]);
}
