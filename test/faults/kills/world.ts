// The recorded messages that a killed processor reads again and again: seeded source transactions of the bank, some of them emitted a
// second time at new offsets as Connect does after a crash.

import { ChangeWorld } from '../../../bench/world/changes.ts';
import { topicOf } from '../../../bench/world/produce.ts';
import type { BenchMessage } from '../../../bench/world/rows.ts';
import type { WorldSizes } from '../../../bench/world/sizes.ts';
import { BENCH_TABLES } from '../../../bench/world/tables.ts';

export const KILL_SIZES: WorldSizes = { ledgerEntries: 10_000, transactions: 2_000, accounts: 500, customers: 500, merchants: 1_000 };

export interface RecordedMessage {
  readonly topic: string;
  readonly offset: number;
  readonly key: Buffer;
  readonly value: Buffer | null;
}

/** A re-emission of the last transactions happens once in so many. */
const REEMIT_EVERY = 400;
const REEMIT_TRANSACTIONS = 25;

export const KILL_TOPICS: readonly string[] = [...BENCH_TABLES.map(topicOf), topicOf('transaction')];

/** All messages in the order in which they reached Kafka; the same for every process. */
export function recordedMessages(transactions: number): RecordedMessage[] {
  const messages: RecordedMessage[] = [];
  const offsets = new Map<string, number>();
  const append = (topic: string, message: BenchMessage): void => {
    const offset = offsets.get(topic) ?? 0;
    offsets.set(topic, offset + 1);
    messages.push({ topic, offset, key: Buffer.from(message.key), value: message.value === null ? null : Buffer.from(message.value) });
  };
  let recent: { topic: string; message: BenchMessage }[][] = [];
  let current: { topic: string; message: BenchMessage }[] = [];
  const world = new ChangeWorld(KILL_SIZES, (topic, message) => {
    append(topicOf(topic), message);
    current.push({ topic: topicOf(topic), message });
  });
  for (let n = 1; n <= transactions; n += 1) {
    current = [];
    world.step();
    recent = [...recent.slice(1 - REEMIT_TRANSACTIONS), current];
    if (n % REEMIT_EVERY === 0) for (const again of recent) for (const { topic, message } of again) append(topic, message);
  }
  return messages;
}
