// ops.verifications: one row per table, layer and comparison. Written by the processor's process alone; ops.verified_through says per
// table up to which source transaction it was last found equal.

import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { literal, nullable } from '../../infra/runtime/sql-text.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import { textRows } from './text-rows.ts';

const outcomeSchema = z.object({
  table: z.string(),
  /** store: MySQL and the working store; lake: the working store and the published files. */
  layer: z.enum(['store', 'lake']),
  status: z.enum(['equal', 'different', 'unproven']),
  /** Why it could not be compared, what kind of difference there is, or which columns were left out; null for equal in all. */
  reason: z.string().nullable(),
  gtid: z.string().nullable(),
  seq: z.int(),
  commitId: z.int(),
  rows: z.int().min(0),
  digest: z.string().regex(/^\d*$/),
  /** Differing rows that were named, as JSON. */
  differences: z.array(z.unknown()),
  durationMs: z.int().min(0),
});
export type TableOutcome = z.infer<typeof outcomeSchema>;

export const outcomesSchema = z.object({
  run: z.string().min(1).max(64),
  requestedBy: z.string().min(1).max(200),
  outcomes: z.array(outcomeSchema).max(10_000),
});
export type Outcomes = z.infer<typeof outcomesSchema>;

/** Where all tables that were compared stand. */
export interface VerifiedState {
  /** The last comparison of any table; null before the first. */
  readonly at: string | null;
  /** The lowest transaction among the tables' last equal comparisons, as a GTID; null while one of them has none. */
  readonly through: string | null;
  readonly tables: number;
  /** Tables whose last comparison found a difference. */
  readonly different: readonly string[];
}

const KEPT_PER_TABLE = 1_000;

/** Keeps the record, and in memory what is asked often. */
export class VerificationBook {
  private readonly connection: DuckDBConnection;
  private readonly metrics: Pick<Metrics, 'verifiedAt' | 'verifyDifferences'>;
  state: VerifiedState = { at: null, through: null, tables: 0, different: [] };

  constructor(connection: DuckDBConnection, metrics: Pick<Metrics, 'verifiedAt' | 'verifyDifferences'>) {
    this.connection = connection;
    this.metrics = metrics;
  }

  async record({ run, requestedBy, outcomes }: Outcomes): Promise<void> {
    if (outcomes.length > 0) {
      const values = outcomes.map((outcome) => valuesOf(run, requestedBy, outcome));
      await this.connection.run(`INSERT INTO ops.verifications VALUES ${values.join(',\n')}`);
      faultPoint('verify.recorded');
      await this.connection.run(
        `DELETE FROM ops.verifications WHERE (table_name, layer, verified_at) IN (SELECT (table_name, layer, verified_at) FROM ops.verifications
         QUALIFY row_number() OVER (PARTITION BY table_name, layer ORDER BY verified_at DESC) > ${KEPT_PER_TABLE})`,
      );
    }
    await this.refresh();
  }

  /** Reads the last state of every table. */
  async refresh(): Promise<void> {
    const last = await textRows(
      this.connection,
      `SELECT v.table_name, v.layer, v.status, epoch(v.verified_at), len(v.differences::JSON[]), t.gtid, t.seq, strftime(v.verified_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')
       FROM (FROM ops.verifications QUALIFY row_number() OVER (PARTITION BY table_name, layer ORDER BY verified_at DESC) = 1) v
       LEFT JOIN ops.verified_through t USING (table_name) ORDER BY t.seq`,
    );
    for (const [table, layer, status, at, differences] of last) {
      const labels = { table: table ?? '', layer: layer ?? '' };
      if (status === 'equal') this.metrics.verifiedAt.set(labels, Number(at));
      this.metrics.verifyDifferences.set(labels, Number(differences));
    }
    const tables = new Set(last.map(([table]) => table));
    const through = last.some(([, , , , , gtid]) => gtid === null) ? null : (last[0]?.[5] ?? null);
    const different = [...new Set(last.filter(([, , status]) => status === 'different').map(([table]) => table ?? ''))].sort();
    const at = last.map((row) => row[7] ?? '').reduce((latest, time) => (time > latest ? time : latest), '');
    this.state = { at: at === '' ? null : at, through, tables: tables.size, different };
  }
}

function valuesOf(run: string, requestedBy: string, outcome: TableOutcome): string {
  const { table, layer, status, reason, gtid, seq, commitId, rows, digest, differences, durationMs } = outcome;
  const digestText = digest === '' ? 'NULL' : digest;
  return `(${literal(run)}, ${literal(table)}, ${literal(layer)}, ${literal(status)}, ${nullable(reason)}, ${nullable(gtid)}, ${seq}, ${commitId}, ${rows}, ${digestText}, ${literal(JSON.stringify(differences))}, ${durationMs}, now(), ${literal(requestedBy)})`;
}
