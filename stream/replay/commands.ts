// Control commands of replays: record one, promote it, roll it back.

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import { replayId, replaySchema } from '../../lake/replay/book.ts';
import type { Promotions } from './promotions.ts';

const order = z.strictObject({ id: replayId, by: z.string().min(1).max(200) });

export function replayCommands(promotions: Promotions): ControlCommand[] {
  return [
    controlCommand('replay/record', replaySchema, async (replay) => {
      await promotions.record(replay);
      return { id: replay.id };
    }),
    controlCommand('replay/promote', order, ({ id, by }) => promotions.promote(id, by)),
    controlCommand('replay/rollback', order, ({ id, by }) => promotions.rollback(id, by)),
  ];
}
