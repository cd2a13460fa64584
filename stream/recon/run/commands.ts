// Control commands of reconciliation: POST /control/recon/…

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../../infra/runtime/control.ts';
import { callers, type Caller } from '../api/auth.ts';
import { ApiRefusal } from '../api/problem.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
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
  /** on: journals are asked for and approved by whom a token of the bank names. */
  readonly auth: 'on' | 'off';
}

/** Who the bank's token names, or the name given while the bank asks for no login. @throws LedgerflowError LF_RECON_LOGIN */
function personOf({ auth, bankUrl }: ReconCommandParts): (given: { by: string; token?: string | undefined }) => Promise<Caller> {
  const verified = callers({ auth, bankUrl });
  return async ({ by: name, token }) => {
    if (auth === 'off') return { name, token: null };
    try {
      return await verified(token === undefined ? {} : { authorization: `Bearer ${token}` });
    } catch (error) {
      if (error instanceof ApiRefusal) throw new LedgerflowError('LF_RECON_LOGIN', error.message, { cause: error });
      throw error;
    }
  };
}

export function reconCommands(parts: ReconCommandParts): ControlCommand[] {
  return [...runCommands(parts), ...breakCommands(parts), ...journalCommands(parts)];
}

function runCommands({ desk }: ReconCommandParts): ControlCommand[] {
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
  ];
}

function breakCommands({ actions }: ReconCommandParts): ControlCommand[] {
  return [
    controlCommand('recon/move', asked(moveSchema), ({ by: who, ...body }) => actions.move(body, who)),
    controlCommand('recon/note', asked(noteSchema), ({ by: who, ...body }) => actions.note(body, who)),
    controlCommand('recon/match', asked(matchSchema), ({ by: who, ...body }) => actions.match(body, who)),
    controlCommand('recon/unmatch', asked(unmatchSchema), ({ by: who, ...body }) => actions.unmatch(body, who)),
  ];
}

const signed = <S extends z.ZodRawShape>(schema: z.ZodObject<S>) => schema.extend({ by, token: z.string().max(4_096).optional() });

function journalCommands(parts: ReconCommandParts): ControlCommand[] {
  const { actions, bankUrl } = parts;
  const person = personOf(parts);
  return [
    controlCommand('recon/journal', signed(journalSchema), async ({ by: who, token, ...body }) => {
      const { name } = await person({ by: who, token });
      return await actions.journal(body, name);
    }),
    controlCommand('recon/approve', signed(approveSchema), async ({ by: who, token: given, ...body }) => {
      const { name, token } = await person({ by: who, token: given });
      return await actions.approve(body, name, { url: bankUrl, token });
    }),
  ];
}
