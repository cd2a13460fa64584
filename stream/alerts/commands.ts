// Control commands of incidents: POST /control/incidents/ack and /control/incidents/silence.

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import type { Notifier } from './notifier.ts';

const SILENCE_MINUTES_MAX = 30 * 24 * 60;
const id = z.number().int().positive();
const by = z.string().min(1).max(200);
const note = z.string().max(1_000).default('');

export const ackSchema = z.strictObject({ id, by, note });
export const silenceSchema = z.strictObject({ id, by, note, minutes: z.number().int().min(0).max(SILENCE_MINUTES_MAX) });

export function incidentCommands(notifier: Notifier): ControlCommand[] {
  return [
    controlCommand('incidents/ack', ackSchema, async (input) => {
      await notifier.step({ ...input, action: 'acknowledge' });
      return { id: input.id, acknowledgedBy: input.by };
    }),
    controlCommand('incidents/silence', silenceSchema, async (input) => {
      await notifier.step({ ...input, action: 'silence' });
      return { id: input.id, silencedMinutes: input.minutes };
    }),
  ];
}
