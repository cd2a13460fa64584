// Control commands of fraud: POST /control/fraud/list and /control/fraud/unlist (an entry is ended, never removed), and
// /control/fraud/export-features.

import { rename } from 'node:fs/promises';
import { z } from 'zod';
import type { DuckDBConnection } from '@duckdb/node-api';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { FEATURE_SET } from './features.ts';

const id = z.string().min(1).max(100);
const by = z.string().min(1).max(200);
const NOW = `(now() AT TIME ZONE 'UTC')`;
const MINUTES_MAX = 366 * 24 * 60;

export const listSchema = z
  .strictObject({
    list: z.enum(['allow', 'deny', 'snooze']),
    entityType: z.enum(['customer', 'account', 'counter_account', 'merchant', 'device']),
    entityId: id,
    /** Of a snooze. */
    rule: z.string().max(63).optional(),
    /** Without: until it is ended. */
    minutes: z.number().int().min(1).max(MINUTES_MAX).optional(),
    reason: z.string().min(1).max(1_000),
    by,
  })
  .refine(({ list, rule }) => (list === 'snooze') === (rule !== undefined), 'a snooze names a rule, and only a snooze does')
  .refine(({ list, minutes }) => list !== 'snooze' || minutes !== undefined, 'a snooze has an end');
export const unlistSchema = z.strictObject({ entry: z.number().int().positive(), by });

export const exportSchema = z
  .strictObject({ file: z.string().startsWith('/').max(1_000), from: z.iso.datetime(), to: z.iso.datetime() })
  .refine(({ from, to }) => from < to, 'the range is empty');

export interface ListParts {
  /** Nothing else may use it. */
  readonly connection: DuckDBConnection;
  readonly rules: readonly string[];
}

export function fraudCommands({ connection, rules }: ListParts): ControlCommand[] {
  return [
    controlCommand('fraud/list', listSchema, async (input) => {
      if (input.rule !== undefined && !rules.includes(input.rule))
        throw new LedgerflowError('LF_FRAUD_LIST', `there is no rule ${input.rule}`);
      const until = input.minutes === undefined ? 'NULL' : `${NOW} + INTERVAL ${input.minutes} MINUTE`;
      const rule = input.rule === undefined ? 'NULL' : literal(input.rule);
      const texts = [input.entityType, input.entityId].map(literal).join(', ');
      const reader =
        await connection.runAndReadAll(`INSERT INTO ops.fraud_lists SELECT coalesce(max(entry_id), 0) + 1, ${literal(input.list)}, ${rule}, ${texts}, ${NOW},
        ${until}, ${literal(input.reason)}, ${literal(input.by)}, NULL FROM ops.fraud_lists RETURNING entry_id`);
      return { entry: Number(reader.getRows()[0]?.[0]), list: input.list };
    }),
    controlCommand('fraud/unlist', unlistSchema, async ({ entry, by: endedBy }) => {
      const { rowsChanged } = await connection.run(
        `UPDATE ops.fraud_lists SET until_ts = ${NOW}, ended_by = ${literal(endedBy)} WHERE entry_id = ${entry} AND (until_ts IS NULL OR until_ts > ${NOW})`,
      );
      if (rowsChanged === 0) throw new LedgerflowError('LF_FRAUD_LIST', `there is no entry ${entry} that holds`);
      return { entry, ended: true };
    }),
    controlCommand('fraud/export-features', exportSchema, ({ file, from, to }) => exportFeatures(connection, file, [from, to])),
  ];
}

/** Writes the features of movements in [from, to) as Parquet, under another name until it is whole. @returns how many */
async function exportFeatures(connection: DuckDBConnection, file: string, range: readonly [string, string]): Promise<object> {
  const [from, to] = range.map((instant) => `TIMESTAMP ${literal(new Date(instant).toISOString().replace('Z', ''))}`);
  const partial = `${file}.partial`;
  const { rowsChanged } =
    await connection.run(`COPY (SELECT * FROM gold.fraud_features WHERE event_ts >= ${from} AND event_ts < ${to} ORDER BY event_ts, transaction_id)
    TO ${literal(partial)} (FORMAT parquet, COMPRESSION zstd)`);
  await rename(partial, file);
  const [position] = (await connection.runAndReadAll('SELECT max(commit_id) FROM gold.fraud_features')).getRows();
  return { file, rows: rowsChanged, featureSet: FEATURE_SET, commit: Number(position?.[0] ?? 0) };
}
