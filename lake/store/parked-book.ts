// What is parked and not dealt with yet: how much, and the keys whose later changes wait. Kept in memory, rebuilt from ops.parked
// at the start. Its size is bounded by the flood limits (settings parked…Max): beyond them ingestion pauses.

import type { DuckDBConnection } from '@duckdb/node-api';

/** Statuses of a record that is not dealt with: it stands in the way of later changes of its key, or waits itself. */
export const OPEN = `status IN ('parked', 'waiting')`;

/** A key as text: its bytes as latin1, so that any bytes make a different text. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}

/** Key → place (`topic/partition@offset`) of the parked record that its changes wait behind. */
export type KeyPlaces = ReadonlyMap<string, string>;

/** Change of one key by a commit: the place that it waits behind from now on, or null when nothing of it is open any more. */
export interface KeyChange {
  readonly table: string;
  readonly key: string;
  readonly place: string | null;
}

export class ParkedBook {
  /** Records that are parked or wait. */
  open = 0;
  /** Bytes of their values. */
  bytes = 0;
  /** Grows with every change of the keys: a batch judged at another version must be judged again. */
  version = 0;
  private readonly tables = new Map<string, Map<string, string>>();

  /** No key waits: nothing has to be looked up. */
  get empty(): boolean {
    return this.tables.size === 0;
  }

  /** Waiting keys of a table; undefined when there are none. */
  keysOf(table: string): KeyPlaces | undefined {
    return this.tables.get(table);
  }

  /** Takes over what a commit has changed. */
  adopt(changes: readonly KeyChange[], added: { readonly records: number; readonly bytes: number }): void {
    this.open += added.records;
    this.bytes += added.bytes;
    if (changes.length === 0) return;
    this.version += 1;
    for (const { table, key, place } of changes) this.set(table, key, place);
  }

  private set(table: string, key: string, place: string | null): void {
    let keys = this.tables.get(table);
    if (place === null) {
      keys?.delete(key);
      if (keys?.size === 0) this.tables.delete(table);
      return;
    }
    if (keys === undefined) this.tables.set(table, (keys = new Map<string, string>()));
    keys.set(key, place);
  }

  /** Reads everything anew: at the start, and after records were dealt with. */
  async reload(connection: DuckDBConnection): Promise<void> {
    const totals = await connection.runAndReadAll(`SELECT count(*), coalesce(sum(octet_length(value)), 0) FROM ops.parked WHERE ${OPEN}`);
    const [open, bytes] = totals.getRows()[0] ?? [0, 0];
    this.open = Number(open);
    this.bytes = Number(bytes);
    const keys = await connection.runAndReadAll(`SELECT table_name, k, min_by(topic || '/' || partition || '@' || kafka_offset, parked_id)
      FROM (SELECT table_name, key AS k, topic, partition, kafka_offset, parked_id FROM ops.parked WHERE ${OPEN}
        UNION ALL SELECT table_name, other_key, topic, partition, kafka_offset, parked_id FROM ops.parked WHERE ${OPEN} AND other_key IS NOT NULL)
      WHERE table_name IS NOT NULL AND k IS NOT NULL GROUP BY ALL`);
    this.tables.clear();
    for (const [table, key, place] of keys.getRows())
      this.set(table as string, keyText((key as { bytes: Uint8Array }).bytes), place as string);
    this.version += 1;
  }
}
