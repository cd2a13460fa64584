// Proof that nothing up to a transaction is still on its way. Connect records a source offset only when every message before it is
// in Kafka; once we have then read every partition to its end, what has not come will not come. Needed where a transaction
// number leaves no record (GRANT, DDL elsewhere), and once at the end of the first snapshot. docs/adr/0002.

import type { Logger } from 'pino';
import type { ConnectOffset } from '../../cdc/connector/offsets.ts';
import { gtidSetMax, parseGtidSet } from '../../cdc/position.ts';
import { messageOf } from '../../infra/runtime/errors.ts';
import type { Staging } from './cut/staging.ts';
import type { Rereads } from './rereads.ts';
import type { RecordSource } from './source.ts';

/** Offsets that must be read before the proof holds. */
interface PendingProof {
  readonly seq: number;
  readonly ends: ReadonlyMap<string, number>;
}

export interface ProverContext {
  readonly topicName: (topicId: number) => string;
  /** Looks for topics that are not read yet; true when there were any. */
  readonly refreshTopics: () => Promise<boolean>;
  /** Re-snapshots, which end when an offset without one is recorded. */
  readonly rereads: Pick<Rereads, 'awaited' | 'proven'>;
  readonly log: Logger;
}

export class Prover {
  /** True once Connect has recorded an offset that lies behind the first snapshot. */
  snapshotDone = false;
  private latest: ConnectOffset | null = null;
  private pending: PendingProof | null = null;
  private asking: Promise<void> | null = null;
  private readonly staging: Staging;
  private readonly source: RecordSource;
  private readonly topicName: (topicId: number) => string;
  private readonly refreshTopics: () => Promise<boolean>;
  private readonly rereads: ProverContext['rereads'];
  private readonly log: Logger;

  constructor(staging: Staging, source: RecordSource, context: ProverContext) {
    this.staging = staging;
    this.source = source;
    this.topicName = context.topicName;
    this.refreshTopics = context.refreshTopics;
    this.rereads = context.rereads;
    this.log = context.log;
  }

  /** The newest source offset Connect has recorded. */
  recorded(offset: ConnectOffset): void {
    this.latest = offset;
  }

  /**
   * Asks for a proof when the cut is held at a transaction that the recorded offset has passed, or when the snapshot's end is not
   * proven yet. Cheap when nothing is held.
   * @param serverUuid server of the source; null before the first transaction
   */
  async advance(serverUuid: string | null, bootstrap: boolean): Promise<void> {
    this.settle();
    const { latest } = this;
    if (latest === null || latest.snapshot || this.asking !== null || this.pending !== null) return;
    const { hold } = this.staging.waiting();
    const uuid = serverUuid ?? onlyServer(latest.gtids);
    if (uuid === null) return;
    const reach = gtidSetMax(parseGtidSet(latest.gtids), uuid);
    const held = hold.reason !== 'idle' && hold.reason !== 'topic' && hold.reason !== 'schema' && reach >= hold.seq;
    const awaited = latest.incremental ? null : this.rereads.awaited();
    const scanned = awaited !== null && reach >= awaited;
    if (!held && !scanned && !(bootstrap && !this.snapshotDone)) return;
    this.asking = this.ask(reach, scanned).finally(() => (this.asking = null));
    await this.asking;
    this.settle();
  }

  /** @param scanned the offset at `seq` was recorded when no incremental snapshot was going on */
  private async ask(seq: number, scanned: boolean): Promise<void> {
    try {
      if (await this.refreshTopics()) return; // a topic that was not read may hold what is waited for
      const topics = [...new Set(this.staging.partitions.map((log) => this.topicName(log.topicId)))];
      const ends = await this.source.endOffsets(topics);
      this.pending = { seq, ends: new Map(ends.map(({ topic, partition, end }) => [`${topic}/${partition}`, Number(end)])) };
      if (scanned) this.rereads.proven(seq, this.pending.ends);
    } catch (error) {
      this.log.debug({ error: messageOf(error) }, 'end offsets not available, asking again');
    }
  }

  /** Hands the pending proof over, as far as every partition that may still bring something has been read. */
  private settle(): void {
    const { pending } = this;
    if (pending === null) return;
    const reached = this.staging.proveRead(pending.seq, (log) => pending.ends.get(`${this.topicName(log.topicId)}/${log.partition}`));
    if (reached >= 0) this.snapshotDone = true;
    if (reached >= pending.seq) this.pending = null;
  }
}

function onlyServer(gtids: string): string | null {
  const servers = [...parseGtidSet(gtids).keys()];
  return servers.length === 1 ? (servers[0] ?? null) : null;
}
