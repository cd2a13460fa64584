// The processor's door for comparisons: a reading session on the working store, its digests, and the record of what came out.

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import { asOfSql, placeSchema, type Place } from './as-of.ts';
import { planSchema } from './plan.ts';
import { outcomesSchema, type VerificationBook } from './record.ts';
import { sqlSide, type Side } from './side.ts';
import type { VerifySessions } from './sessions.ts';

const WAIT_MS_MAX = 600_000;
const NAMES_MAX = 5_000;
const session = z.string().min(1).max(64);
const names = z.array(z.string()).min(1).max(NAMES_MAX);
const asked = { session, plan: planSchema, place: placeSchema };

export const VERIFY_COMMANDS = {
  begin: z.strictObject({
    seq: z.int().min(-1),
    waitMs: z.int().min(0).max(WAIT_MS_MAX),
    owner: z.strictObject({ pid: z.int().min(1), startedTicks: z.int().min(0) }).optional(),
  }),
  buckets: z.strictObject(asked),
  rows: z.strictObject({ ...asked, buckets: names }),
  cells: z.strictObject({ ...asked, keys: names }),
  end: z.strictObject({ session }),
  record: outcomesSchema,
} as const;

/** Rows go over the door as they are: arrays of texts. */
export function verifyCommands(sessions: VerifySessions, book: VerificationBook): ControlCommand[] {
  return [
    controlCommand('verify/begin', VERIFY_COMMANDS.begin, ({ seq, waitMs, owner }) => sessions.begin(seq, waitMs, owner ?? null)),
    controlCommand('verify/buckets', VERIFY_COMMANDS.buckets, async (input) => ({
      rows: (await storeSide(sessions, input).buckets(input.plan)).map(({ bucket, rows, digest }) => [
        bucket,
        String(rows),
        String(digest),
      ]),
    })),
    controlCommand('verify/rows', VERIFY_COMMANDS.rows, async (input) => ({
      rows: await storeSide(sessions, input).rows(input.plan, input.buckets),
    })),
    controlCommand('verify/cells', VERIFY_COMMANDS.cells, async (input) => ({
      rows: await storeSide(sessions, input).cells(input.plan, input.keys),
    })),
    controlCommand('verify/end', VERIFY_COMMANDS.end, async (input) => {
      await sessions.end(input.session);
      return {};
    }),
    controlCommand('verify/record', VERIFY_COMMANDS.record, async (input) => {
      await book.record(input);
      return {};
    }),
  ];
}

/** The working store at a place, seen in a session. */
export function storeSide(sessions: Pick<VerifySessions, 'query'>, at: { readonly session: string; readonly place: Place }): Side {
  return sqlSide(
    (sql) => sessions.query(at.session, sql),
    ({ table, columns, keyColumns }) => {
      const names = columns.map(({ name }) => name);
      return { dialect: 'duckdb', from: asOfSql(table, names, keyColumns, at.place) };
    },
  );
}
