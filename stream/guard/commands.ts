// Control commands of the guard: POST /control/guard/approve and /control/guard/reject.

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import type { ChangeGuard } from './change-guard.ts';

const decisionSchema = z.strictObject({ seq: z.int().positive(), by: z.string().min(1).max(200), note: z.string().max(1_000).default('') });

export function guardCommands(guard: Pick<ChangeGuard, 'approve' | 'reject'>): ControlCommand[] {
  return [
    controlCommand('guard/approve', decisionSchema, (input) => guard.approve(input)),
    controlCommand('guard/reject', decisionSchema, (input) => guard.reject(input)),
  ];
}
