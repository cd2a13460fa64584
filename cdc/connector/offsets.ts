// What Connect has recorded about the connector's progress (topic _connect_offsets). A source offset is recorded only after the
// broker has acknowledged every message before it, so a transaction in its `gtids` has all its messages in Kafka: the proof
// that a gap in the transaction numbers (GRANT, DDL elsewhere) will never be filled.

import type { Page } from '../envelope/page.ts';
import { gtidSetContains, parseGtid, parseGtidSet } from '../position.ts';

export interface ConnectOffset {
  readonly file: string;
  readonly pos: number;
  /** GTID set of the transactions delivered completely. */
  readonly gtids: string;
  /** The first snapshot is still going on: `gtids` is the position it reads at, not what was delivered. */
  readonly snapshot: boolean;
  /** An incremental snapshot is going on: rows of it may still come. */
  readonly incremental: boolean;
  /** Transaction in the middle of which the offset was recorded; not in `gtids`. */
  readonly transactionId: string | null;
  readonly tsSec: number;
}

/** What a page of the offsets topic says of one connector, in order. */
export function connectOffsets(page: Page, connectorName: string): ConnectOffset[] {
  const found: ConnectOffset[] = [];
  for (let index = 0; index < page.count; index += 1) {
    const offset = parseConnectOffset({ key: page.key(index), value: page.value(index) }, connectorName);
    if (offset !== null) found.push(offset);
  }
  return found;
}

interface RawOffset {
  readonly file?: unknown;
  readonly pos?: unknown;
  readonly gtids?: unknown;
  readonly snapshot?: unknown;
  readonly transaction_id?: unknown;
  readonly ts_sec?: unknown;
  readonly incremental_snapshot_collections?: unknown;
}

/**
 * One record of the offsets topic.
 * @returns null for other connectors, for deletions (null value) and for what is no source offset
 */
export function parseConnectOffset(
  message: { readonly key: Buffer | null; readonly value: Buffer | null },
  connectorName: string,
): ConnectOffset | null {
  if (message.key === null || message.value === null) return null;
  const key = parse(message.key);
  if (!Array.isArray(key) || key[0] !== connectorName) return null;
  const raw = parse(message.value) as RawOffset | null;
  if (raw === null || typeof raw !== 'object' || typeof raw.file !== 'string') return null;
  return {
    file: raw.file,
    pos: Number(raw.pos ?? 0),
    gtids: typeof raw.gtids === 'string' ? raw.gtids : '',
    snapshot:
      raw.snapshot !== undefined &&
      raw.snapshot !== null &&
      raw.snapshot !== false &&
      raw.snapshot !== 'false' &&
      raw.snapshot !== 'INCREMENTAL',
    incremental:
      raw.snapshot === 'INCREMENTAL' ||
      (typeof raw.incremental_snapshot_collections === 'string' && raw.incremental_snapshot_collections !== '[]'),
    transactionId: typeof raw.transaction_id === 'string' ? raw.transaction_id : null,
    tsSec: Number(raw.ts_sec ?? 0),
  };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return null; // another program's record in Connect's topic is not ours to judge
  }
}

/** Are all messages of this transaction, and of all before it on its server, known to be in Kafka? */
export function provesDelivered(offset: ConnectOffset, gtid: string): boolean {
  return !offset.snapshot && gtidSetContains(parseGtidSet(offset.gtids), parseGtid(gtid));
}
