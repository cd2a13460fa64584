// Control commands of the alert queue: POST /control/fraud/alerts/{ack,assign,note,close}.

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../../infra/runtime/control.ts';
import { OUTCOMES, type Order } from './case.ts';
import type { CaseDesk } from './desk.ts';

const IDS_MAX = 1_000;
const words = z.string().trim().min(1).max(1_000);
const name = z.string().trim().min(1).max(200);
const ids = z.array(z.string().min(1).max(128)).min(1).max(IDS_MAX);
const by = name;
const note = words.nullable().default(null);

const ackSchema = z.strictObject({ ids, by, note });
const assignSchema = z.strictObject({ ids, by, to: name, note });
const noteSchema = z.strictObject({ ids, by, note: words });
const closeSchema = z
  .strictObject({
    ids: ids.optional(),
    rule: name.optional(),
    entity: name.optional(),
    before: z.iso.datetime({ offset: true }).optional(),
    ...{ by, note, outcome: z.enum(OUTCOMES) },
  })
  .refine(
    (input) => input.ids !== undefined || input.rule !== undefined || input.entity !== undefined,
    'choose alerts by ids, rule or entity',
  );

export function caseCommands(desk: CaseDesk): ControlCommand[] {
  const work = (chosen: Parameters<CaseDesk['work']>[0], order: Order, actor: string): Promise<object> => desk.work(chosen, order, actor);
  return [
    controlCommand('fraud/alerts/ack', ackSchema, (input) => work({ ids: input.ids }, { kind: 'acknowledge', note: input.note }, input.by)),
    controlCommand('fraud/alerts/assign', assignSchema, (input) =>
      work({ ids: input.ids }, { kind: 'assign', assignee: input.to, note: input.note }, input.by),
    ),
    controlCommand('fraud/alerts/note', noteSchema, (input) => work({ ids: input.ids }, { kind: 'note', note: input.note }, input.by)),
    controlCommand('fraud/alerts/close', closeSchema, ({ by: actor, note: why, outcome, ...chosen }) =>
      work(chosen, { kind: 'close', outcome, note: why }, actor),
    ),
  ];
}
