import { expect, it } from 'vitest';
import { Page } from '../../cdc/envelope/page.ts';
import { changeValue, TEST_UUID } from '../../test/support/envelopes.ts';
import { Staging } from './cut/staging.ts';
import type { PartitionLog } from './cut/partition-log.ts';
import { PageMaker } from './fetch/page-maker.ts';
import { Intake, messageIdentity } from './intake.ts';

const STRANGER = 'ffffffff-e577-11f1-8604-02fc00000001';

function setUp(): { staging: Staging; intake: Intake; log: PartitionLog } {
  const staging = new Staging(10, 'streaming');
  const log = staging.addPartition({
    ...{ topicId: 3, partition: 0, role: 'table', collection: 'bank.strange', nextOffset: 0n, markSeq: -1, markOrd: -1 },
  });
  return { staging, intake: new Intake(staging, TEST_UUID), log };
}

function pageFrom(uuid: string, seq: number): Page {
  const text = changeValue({ op: 'c', table: 'strange', after: { id: 1 }, seq, ord: 1 }).toString();
  const message = {
    key: Buffer.from('{"id":1}'),
    value: Buffer.from(text.replaceAll(TEST_UUID, uuid)),
    offset: 0,
    timestampMs: 1,
    headers: null,
  };
  return new Page(new PageMaker(TEST_UUID).make({ topic: 't', partition: 0, role: 'table' }, [message]));
}

it('sets an event of another server aside when it stands in the topic of a table that nobody knows', () => {
  const { intake, staging, log } = setUp();
  intake.take(log, pageFrom(STRANGER, 900));
  expect(intake.unreadable.get(messageIdentity(3, 0, 0))).toContain(STRANGER);
  expect(log.staged).toBe(1);
  expect(log.effective).toBeLessThan(900); // its number says nothing here
  expect(intake.serverUuid).toBe(TEST_UUID);
  expect(staging.through).toBe(10);
});

it('stops at an event of another server in the topic of a known table', () => {
  const { intake, staging, log } = setUp();
  staging.setReady('bank.strange');
  expect(() => intake.take(log, pageFrom(STRANGER, 900))).toThrow(/is now ffffffff/);
});
