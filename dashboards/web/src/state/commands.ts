// Orders to the bank. Each is pending until the figures on the screen include its commit; that is what "arrived" means here.

import { effect, signal } from '@preact/signals';
import type { Position } from '../../../api/answers/common.ts';
import type { CommandAnswer } from '../../../api/answers/customer.ts';
import { parseGtid, parseGtidSet, gtidSetMax } from '../../../../cdc/position.ts';
import { call } from './http.ts';
import { shown } from './live.ts';

export interface SentCommand {
  readonly id: number;
  readonly label: string;
  readonly gtid: string | null;
  readonly sentAtMs: number;
  readonly state: 'pending' | 'included';
  /** From the click to being on the screen. */
  readonly tookMs: number | null;
}

const KEPT_MAX = 3;
const SHOWN_MS = 6_000;
export const commands = signal<readonly SentCommand[]>([]);
let last = 0;

export interface Order {
  readonly path: string;
  readonly method?: 'POST' | 'PUT' | 'DELETE';
  readonly body?: object;
  /** In the words of the customer: "Purchase of $12.50 at Corner Shop". */
  readonly label: string;
}

/** Sends an order. A refusal of the bank is an answer, not an error. @throws CallFailed */
export async function send({ path, method = 'POST', body, label }: Order): Promise<CommandAnswer> {
  const sentAtMs = performance.now();
  const content = body === undefined ? {} : { body };
  const answer = await call<CommandAnswer>(path, { method, ...content, idempotencyKey: crypto.randomUUID() });
  if (!answer.ok) return answer;
  last += 1;
  const sent: SentCommand = { id: last, label, gtid: answer.gtid, sentAtMs, state: 'pending', tookMs: null };
  commands.value = [...commands.value, sent].slice(-KEPT_MAX);
  settle(shown.value);
  return answer;
}

export function dismiss(id: number): void {
  commands.value = commands.value.filter((command) => command.id !== id);
}

export function clearCommands(): void {
  commands.value = [];
}

/** Whether every transaction of the GTID set is in what is shown. Pure. */
export function includes(at: Position, gtidSet: string): boolean {
  if (at.gtid === null) return false;
  const { uuid } = parseGtid(at.gtid);
  const set = parseGtidSet(gtidSet);
  return [...set.keys()].every((server) => server === uuid && gtidSetMax(set, server) <= at.seq);
}

function settle(at: Position | null): void {
  if (at === null) return;
  const arrived = commands.peek().filter(({ state, gtid }) => state === 'pending' && (gtid === null || includes(at, gtid)));
  if (arrived.length === 0) return;
  const ids = new Set(arrived.map(({ id }) => id));
  const now = performance.now();
  commands.value = commands
    .peek()
    .map((command) => (ids.has(command.id) ? { ...command, state: 'included', tookMs: Math.round(now - command.sentAtMs) } : command));
  for (const id of ids) setTimeout(() => dismiss(id), SHOWN_MS);
}

effect(() => settle(shown.value));
