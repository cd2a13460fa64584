// From fetched pages to staged ones: one source server, and the reasons of what cannot be read. Called by the source; must not block.

import { KIND, type Page } from '../../cdc/envelope/page.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { PartitionLog } from './cut/partition-log.ts';
import type { Staging } from './cut/staging.ts';

/** Why messages could not be read, by topic number, partition and offset, until their cut is taken. */
export type UnreadableReasons = Map<string, string>;

const GTID = /"gtid":\s*"([0-9a-f-]{36}):/;

export function messageIdentity(topicId: number, partition: number, offset: bigint | number | string): string {
  return `${topicId}/${partition}@${offset}`;
}

export class Intake {
  readonly unreadable: UnreadableReasons = new Map();
  private readonly staging: Staging;
  private uuid: string | null;
  /** Messages staged by this process. */
  messages = 0;

  /** @param serverUuid server of the source as the store knows it; null before the first transaction */
  constructor(staging: Staging, serverUuid: string | null) {
    this.staging = staging;
    this.uuid = serverUuid;
  }

  get serverUuid(): string | null {
    return this.uuid;
  }

  /**
   * Stages a page of one partition.
   * @throws LedgerflowError LF_SERVER_CHANGED and what Staging.push throws
   */
  take(log: PartitionLog, page: Page): void {
    if (log.table?.ready === false && this.uuid !== null) this.setForeignAside(log, page);
    else for (const uuid of page.servers) this.checkServer(uuid);
    for (const [index, { reason }] of page.notes) {
      if (reason !== undefined) this.unreadable.set(messageIdentity(log.topicId, log.partition, page.offset[index] ?? -1), reason);
    }
    this.staging.push(log, page);
    this.messages += page.count;
  }

  /**
   * Somebody may write anything to a topic of a table that nobody knows: an event of another server there is parked as unreadable. A source
   * that has really changed tells in the transaction topic.
   */
  private setForeignAside(log: PartitionLog, page: Page): void {
    if (page.servers.every((uuid) => uuid === this.uuid)) return;
    for (let index = 0; index < page.count; index += 1) {
      const server = GTID.exec(page.value(index)?.toString('latin1') ?? '')?.[1];
      if (server === undefined || server === this.uuid) continue;
      page.kind[index] = KIND.unreadable;
      [page.seq[index], page.ord[index], page.op[index]] = [-1, 0, 0];
      const reason = `an event of server ${server} in the topic of an unknown table; the source is ${String(this.uuid)}`;
      this.unreadable.set(messageIdentity(log.topicId, log.partition, page.offset[index] ?? -1), reason);
    }
  }

  /** The first GTID tells the server; another one later means that GTID numbers no longer order the changes. */
  private checkServer(uuid: string): void {
    if (uuid === this.uuid) return;
    if (this.uuid !== null) {
      throw new LedgerflowError('LF_SERVER_CHANGED', `the source was server ${this.uuid} and is now ${uuid}`);
    }
    this.uuid = uuid;
  }
}
