// Control commands of reconciliation: POST /control/recon/…

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../../infra/runtime/control.ts';
import { approveSchema, journalSchema, matchSchema, moveSchema, noteSchema, unmatchSchema, type BreakActions } from '../breaks/actions.ts';
import { audit } from './audit.ts';
import type { ReconDesk } from './desk.ts';
import { runReport } from './report.ts';
import { sourceNameSchema } from './source.ts';

const by = z.string().min(1).max(200);
const accountId = z.string().regex(/^\d{1,19}$/);

export const runRequestSchema = z.strictObject({
  source: sourceNameSchema,
  date: z.iso.date(),
  filePath: z.string().max(4_096).optional(),
  internalPath: z.string().max(4_096).optional(),
  accounts: z.array(accountId).max(100).optional(),
  wait: z.boolean().default(true),
});

/** The same body with who asks. */
const asked = <S extends z.ZodRawShape>(schema: z.ZodObject<S>) => schema.extend({ by });

export interface ReconCommandParts {
  readonly desk: ReconDesk;
  readonly actions: BreakActions;
  readonly bankUrl: () => string;
}

export function reconCommands({ desk, actions, bankUrl }: ReconCommandParts): ControlCommand[] {
  return [
    controlCommand('recon/run', asked(runRequestSchema), async ({ wait, ...request }) => {
      const { runId } = await desk.ask({ ...request, trigger: 'cli' });
      if (wait) await desk.finish(runId);
      else await desk.begin();
      return await runReport(desk, runId);
    }),
    controlCommand('recon/sources', z.strictObject({}), () => {
      const { sources } = desk.parts;
      return Promise.resolve({ sources: sources.names().map((name) => sources.get(name)) });
    }),
    controlCommand('recon/audit', z.strictObject({}), () => desk.exclusive(audit)),
    controlCommand('recon/move', asked(moveSchema), ({ by: who, ...body }) => actions.move(body, who)),
    controlCommand('recon/note', asked(noteSchema), ({ by: who, ...body }) => actions.note(body, who)),
    controlCommand('recon/match', asked(matchSchema), ({ by: who, ...body }) => actions.match(body, who)),
    controlCommand('recon/unmatch', asked(unmatchSchema), ({ by: who, ...body }) => actions.unmatch(body, who)),
    controlCommand('recon/journal', asked(journalSchema), ({ by: who, ...body }) => actions.journal(body, who)),
    controlCommand('recon/approve', asked(approveSchema), ({ by: who, ...body }) =>
      actions.approve(body, who, { url: bankUrl, token: null }),
    ),
  ];
}
