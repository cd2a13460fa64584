// Control commands of backfills: POST /control/backfill/….

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import { tableSchemaSchema } from './announced.ts';
import type { Backfills } from './backfills.ts';

const signalsSchema = z.strictObject({ signals: z.array(z.string().max(64)).max(1_000) });
const announceSchema = z.strictObject({ schema: tableSchemaSchema });

export function backfillCommands(backfills: Backfills): ControlCommand[] {
  return [
    controlCommand('backfill/progress', signalsSchema, ({ signals }) => Promise.resolve({ progress: backfills.progressOf(signals) })),
    controlCommand('backfill/announce', announceSchema, ({ schema }) => Promise.resolve(backfills.announce(schema))),
  ];
}
