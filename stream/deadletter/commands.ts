// Control commands of parked records: POST /control/dlq/redrive and /control/dlq/discard.

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Choice } from './redrive.ts';

const ID_COUNT_MAX = 50_000;

const choice = {
  ids: z.array(z.number().int().positive()).min(1).max(ID_COUNT_MAX).optional(),
  table: z.string().min(1).optional(),
  reason: z.string().min(1).optional(),
  all: z.literal(true).optional(),
};
const by = z.string().min(1).max(200);
const chosen = (input: Choice & { readonly all?: true | undefined }): boolean =>
  input.all === true || input.ids !== undefined || input.table !== undefined || input.reason !== undefined;
const CHOOSE = 'choose records by ids, table or reason, or all of them';

export const redriveSchema = z.strictObject({ ...choice, by }).refine(chosen, CHOOSE);
export const discardSchema = z
  .strictObject({ ...choice, by, because: z.string().trim().min(3, 'say why, in three characters at least').max(1_000) })
  .refine(chosen, CHOOSE);

export const editSchema = z.strictObject({
  id: z.int().positive(),
  value: z.string().min(2),
  by,
  because: z.string().trim().min(3, 'say why, in three characters at least').max(1_000),
});

export function deadLetterCommands(deadLetters: DeadLetters): ControlCommand[] {
  return [
    controlCommand('dlq/edit', editSchema, async ({ id, value, by: who, because }) => {
      await deadLetters.edit({ id, value, by: who, reason: because });
      return { id };
    }),
    controlCommand('dlq/redrive', redriveSchema, ({ by: who, ids, table, reason }) =>
      deadLetters.redrive({ choice: { ids, table, reason }, discard: false, by: who, reason: null }),
    ),
    controlCommand('dlq/discard', discardSchema, ({ by: who, because, ids, table, reason }) =>
      deadLetters.redrive({ choice: { ids, table, reason }, discard: true, by: who, reason: because }),
    ),
  ];
}
