// What people do with breaks and matches, one transaction each: the same for the control door (CLI, web page) and the HTTP API.

import { z } from 'zod';
import type { ReconDesk } from '../run/desk.ts';
import { sourceNameSchema } from '../run/source.ts';
import { acceptBreak, matchByHand, undoMatch } from './by-hand.ts';
import { approvable, askJournal, journalPosted, postJournal, type BankDoor } from './journal.ts';
import { moveBreak, noteOn, type BreakState } from './transitions.ts';

const text = z.string().max(2_000);
const name = z.string().min(1).max(200);
const breakId = z.string().regex(/^[bu][0-9a-f]{1,20}$/);
const ids = z.array(name).min(1).max(1_000);

export const moveSchema = z.strictObject({
  /** Several at once: all of them or none. */
  breaks: z.array(breakId).min(1).max(500),
  action: z.enum(['acknowledge', 'investigate', 'resolve', 'write-off', 'reopen', 'accept']),
  note: text.default(''),
});
export const noteSchema = z.strictObject({ break: breakId, kind: z.enum(['comment', 'owner', 'evidence']), text: text.min(1) });
export const matchSchema = z.strictObject({ source: sourceNameSchema, external: ids, internal: ids, reason: text.min(1) });
export const unmatchSchema = z.strictObject({ match: z.number().int().positive(), reason: text.min(1) });
export const journalSchema = z.strictObject({ break: breakId, account: z.string().regex(/^\d{1,19}$/).optional(), note: text.default('') }); // prettier-ignore
export const approveSchema = z.strictObject({ break: breakId, note: text.default('') });

const STATE: Readonly<Record<Exclude<z.infer<typeof moveSchema>['action'], 'accept'>, BreakState>> = {
  acknowledge: 'acknowledged',
  investigate: 'investigating',
  resolve: 'resolved',
  'write-off': 'resolved',
  reopen: 'reopened',
};

export class BreakActions {
  private readonly desk: ReconDesk;

  constructor(desk: ReconDesk) {
    this.desk = desk;
  }

  private get now(): Date {
    return this.desk.parts.now();
  }

  async move({ breaks, action, note }: z.infer<typeof moveSchema>, by: string): Promise<object> {
    const act = { by, now: this.now, note: action === 'write-off' ? `written off. ${note}`.trim() : note };
    await this.desk.exclusive(async (connection) => {
      for (const each of breaks) {
        if (action === 'accept') await acceptBreak(connection, each, act);
        else await moveBreak(connection, each, STATE[action], act);
      }
    });
    return { breaks, action, by };
  }

  async note({ break: id, kind, text: said }: z.infer<typeof noteSchema>, by: string): Promise<object> {
    const what = kind === 'comment' ? { note: said, data: null } : { note: '', data: said };
    await this.desk.exclusive((connection) => noteOn(connection, id, kind, { by, now: this.now, ...what }));
    return { break: id, kind, by };
  }

  async match({ reason, ...rows }: z.infer<typeof matchSchema>, by: string): Promise<object> {
    const match = await this.desk.exclusive((connection) => matchByHand(connection, rows, { by, note: reason, now: this.now }));
    return { match, by };
  }

  async unmatch({ match, reason }: z.infer<typeof unmatchSchema>, by: string): Promise<object> {
    const id = await this.desk.exclusive((connection) => undoMatch(connection, match, { by, note: reason, now: this.now }));
    return { match, break: id, by };
  }

  async journal({ break: id, account, note }: z.infer<typeof journalSchema>, by: string): Promise<object> {
    const journal = await this.desk.exclusive((connection) => askJournal(connection, id, account, { by, note, now: this.now }));
    return { break: id, journal, by };
  }

  /** The bank is asked between two transactions; its idempotency key makes a second approval post nothing. */
  async approve({ break: id, note }: z.infer<typeof approveSchema>, by: string, bank: BankDoor): Promise<object> {
    const journal = await this.desk.exclusive((connection) => approvable(connection, id, by));
    const answer = await postJournal(bank, id, journal);
    await this.desk.exclusive((connection) => journalPosted(connection, id, answer, { by, note, now: this.now }));
    return { break: id, journal, by };
  }
}
