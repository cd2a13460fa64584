// Control commands of backfills: POST /control/backfill/….

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import { tableSchemaSchema } from './announced.ts';
import type { Backfills } from './backfills.ts';

const signalsSchema = z.strictObject({ signals: z.array(z.string().max(64)).max(1_000) });
const announceSchema = z.strictObject({ schema: tableSchemaSchema });

const partSchema = z.strictObject({
  signal: z.string().min(1).max(64),
  part: z.int().nonnegative(),
  file: z.string().min(1),
  columns: z.array(z.string()).max(4_096),
  seq: z.int().positive(),
  takenMs: z.int().positive(),
});
const endSchema = z.strictObject({
  signal: z.string().min(1).max(64),
  uuid: z.string(),
  seq: z.int().positive(),
  rows: z.int().nonnegative(),
});

export function backfillCommands(backfills: Backfills): ControlCommand[] {
  return [
    controlCommand('backfill/progress', signalsSchema, ({ signals }) => Promise.resolve({ progress: backfills.progressOf(signals) })),
    controlCommand('backfill/bulk-load', partSchema, (part) => backfills.bulk.load(part)),
    controlCommand('backfill/bulk-finish', endSchema, (end) => backfills.bulk.finish(end)),
    controlCommand('backfill/announce', announceSchema, ({ schema }) => Promise.resolve(backfills.announce(schema))),
  ];
}
