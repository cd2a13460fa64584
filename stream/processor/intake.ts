// From fetched Kafka messages to staged ones: what kind each is and where it stands in the source. Called by the source; must not block.

import type { KafkaMessage } from 'kafkajs';
import { createScanner, type Scanner } from '../../cdc/envelope/scan.ts';
import { parseTransactionMarker } from '../../cdc/envelope/transaction-marker.ts';
import { parseGtid } from '../../cdc/position.ts';
import { parseSchemaChange } from '../../cdc/schema/schema-change.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { isAloneStatement } from './cut/ddl-statement.ts';
import type { PartitionLog } from './cut/partition-log.ts';
import type { RecordKind, Scanned } from './cut/record.ts';
import type { Staging } from './cut/staging.ts';

/** The reused description of the message being staged. */
interface MutableScanned {
  kind: RecordKind;
  seq: number;
  ord: number;
  op: number;
  end: Scanned['end'];
  alone: boolean | undefined;
  identity: string | undefined;
}

/** Why messages could not be read, by topic number, partition and offset, until their cut is taken. */
export type UnreadableReasons = Map<string, string>;

export function messageIdentity(topicId: number, partition: number, offset: bigint | string): string {
  return `${topicId}/${partition}@${offset}`;
}

export class Intake {
  readonly unreadable: UnreadableReasons = new Map();
  private readonly staging: Staging;
  private scanner: Scanner;
  private uuid: string | null;
  private readonly scanned: MutableScanned = {
    kind: 'control',
    seq: -1,
    ord: 0,
    op: 0,
    end: undefined,
    alone: undefined,
    identity: undefined,
  };
  /** Messages staged by this process. */
  messages = 0;

  /** @param serverUuid server of the source as the store knows it; null before the first transaction */
  constructor(staging: Staging, serverUuid: string | null) {
    this.staging = staging;
    this.uuid = serverUuid;
    this.scanner = createScanner(serverUuid);
  }

  get serverUuid(): string | null {
    return this.uuid;
  }

  /** Stages fetched messages of one partition, in offset order. */
  take(log: PartitionLog, messages: readonly KafkaMessage[]): void {
    for (const message of messages) {
      this.describe(log, message);
      this.staging.push(log, message, this.scanned);
    }
    this.messages += messages.length;
  }

  private describe(log: PartitionLog, message: KafkaMessage): void {
    const { scanned } = this;
    scanned.seq = -1;
    scanned.ord = 0;
    scanned.op = 0;
    scanned.end = undefined;
    scanned.alone = undefined;
    scanned.identity = undefined;
    const { value } = message;
    if (value === null) {
      scanned.kind = log.role === 'table' ? 'tombstone' : 'control';
      return;
    }
    if (log.role === 'table') this.describeChange(log, message, value);
    else this.describeControl(log, message, value);
  }

  private describeChange(log: PartitionLog, message: KafkaMessage, value: Buffer): void {
    const { scanned } = this;
    const found = this.scanner.scan(value);
    if (found.kind === 'unreadable') return this.park(log, message, found.reason ?? 'not a change event');
    if (found.serverUuid !== null) this.checkServer(found.serverUuid);
    scanned.kind = found.kind;
    scanned.seq = found.seq;
    scanned.ord = found.ord;
    scanned.op = found.op;
  }

  private describeControl(log: PartitionLog, message: KafkaMessage, value: Buffer): void {
    const { scanned } = this;
    try {
      if (log.role === 'transaction') {
        const marker = parseTransactionMarker(value);
        if (marker.uuid !== this.uuid) this.checkServer(marker.uuid);
        scanned.kind = marker.status === 'END' ? 'end' : 'begin';
        scanned.seq = marker.seq;
        scanned.end = marker.status === 'END' ? marker.counts : undefined;
      } else {
        const change = parseSchemaChange(value);
        const gtid = change.gtid === null ? null : parseGtid(change.gtid);
        if (gtid !== null) this.checkServer(gtid.uuid);
        scanned.kind = 'ddl';
        scanned.seq = gtid === null ? -1 : gtid.seq;
        scanned.alone = isAloneStatement(change.ddl);
        scanned.identity = `${change.database}\n${change.ddl}`; // a statement that Connect emits again has another time
      }
    } catch (error) {
      if (error instanceof LedgerflowError && error.kind === 'fatal') throw error;
      this.park(log, message, messageOf(error));
    }
  }

  private park(log: PartitionLog, message: KafkaMessage, reason: string): void {
    this.scanned.kind = 'unreadable';
    this.unreadable.set(messageIdentity(log.topicId, log.partition, message.offset), reason);
  }

  /** The first GTID tells the server; another one later means that GTID numbers no longer order the changes. */
  private checkServer(uuid: string): void {
    if (uuid === this.uuid) return;
    if (this.uuid !== null) {
      throw new LedgerflowError('LF_SERVER_CHANGED', `the source was server ${this.uuid} and is now ${uuid}`);
    }
    this.uuid = uuid;
    this.scanner = createScanner(uuid);
  }
}
