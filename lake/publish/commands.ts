// Control commands of the lake: POST /control/lake/maintain and /control/lake/remake.

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Publisher } from './publisher.ts';

const maintainSchema = z.strictObject({
  /** Compacts tables with more files than this. */
  filesPerTableMax: z.int().min(1).optional(),
  retentionHours: z.number().min(0).optional(),
  fileGraceMinutes: z.number().min(0).optional(),
});
const remakeSchema = z.strictObject({ tables: z.array(z.string().min(3).max(300)).min(1).max(1_000) });

export function lakeCommands(publisher: Pick<Publisher, 'maintainOnce' | 'damaged'>): ControlCommand[] {
  return [
    controlCommand('lake/maintain', maintainSchema, async ({ filesPerTableMax, retentionHours, fileGraceMinutes }) => {
      const report = await publisher.maintainOnce(undefined, {
        ...(filesPerTableMax === undefined ? {} : { filesPerTableMax }),
        ...(retentionHours === undefined ? {} : { retentionHours }),
        ...(fileGraceMinutes === undefined ? {} : { fileGraceMinutes }),
      });
      if (report === null) throw new LedgerflowError('LF_LAKE_OPEN', 'nothing is published yet');
      return report;
    }),
    controlCommand('lake/remake', remakeSchema, ({ tables }) => {
      for (const name of tables) publisher.damaged.add(name);
      return Promise.resolve({ tables });
    }),
  ];
}
