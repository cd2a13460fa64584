// Which tables exist, remembered for a moment: pages show what is there and say what is not.

import type pg from 'pg';

const REMEMBERED_MS = 5_000;
const SQL = `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_schema IN ('gold', 'silver', 'bronze', 'ops')`;

export class Relations {
  #names: ReadonlySet<string> = new Set();
  #readAt = Number.NEGATIVE_INFINITY;

  /** The first of `tables` that does not exist, or undefined. */
  async missing(client: pg.PoolClient, tables: readonly string[]): Promise<string | undefined> {
    const absent = tables.find((table) => !this.#names.has(table));
    if (absent === undefined || performance.now() - this.#readAt < REMEMBERED_MS) return absent;
    const { rows } = await client.query<{ name: string }>(SQL);
    this.#names = new Set(rows.map(({ name }) => name));
    this.#readAt = performance.now();
    return tables.find((table) => !this.#names.has(table));
  }
}
