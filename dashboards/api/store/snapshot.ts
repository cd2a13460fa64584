// One transaction on the SQL endpoint. A section that fails costs only itself: the transaction is begun anew, later, so the position
// that was read first stays true as "at least".

import type pg from 'pg';
import { messageOf } from '../../../infra/runtime/errors.ts';
import type { Section } from '../answers/common.ts';
import type { Relations } from './relations.ts';

export interface SectionQuery<Row> {
  /** Tables that must exist, `schema.table`. */
  readonly from: readonly string[];
  readonly sql: string;
  readonly values?: readonly (string | null)[];
  /** Only the type: what a row looks like. */
  readonly row?: Row;
}

export class Snapshot {
  readonly #client: pg.PoolClient;
  readonly #relations: Relations;

  constructor(client: pg.PoolClient, relations: Relations) {
    this.#client = client;
    this.#relations = relations;
  }

  async rows<Row extends object>(sql: string, values: readonly (string | null)[] = []): Promise<readonly Row[]> {
    return (await this.#client.query<Row>(sql, [...values])).rows;
  }

  async section<Row extends object>({ from, sql, values = [] }: SectionQuery<Row>): Promise<Section<Row>> {
    const table = await this.#relations.missing(this.#client, from);
    if (table !== undefined) return { state: 'absent', table };
    try {
      return { state: 'ready', rows: await this.rows<Row>(sql, values) };
    } catch (error) {
      await this.#client.query('ROLLBACK');
      await this.#client.query('BEGIN');
      return { state: 'failed', message: messageOf(error) };
    }
  }
}
