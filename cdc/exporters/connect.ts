// Figures of Kafka Connect for /metrics, by its REST interface: the tasks of every connector and their states.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { callConnect, messageIn } from '../connector/rest.ts';

export interface TaskCount {
  readonly connector: string;
  /** RUNNING, FAILED, PAUSED, …, in lower case. */
  readonly state: string;
  readonly tasks: number;
}

type Expanded = Readonly<Record<string, { readonly status?: { readonly tasks?: readonly { readonly state: string }[] } }>>;

/** @throws LedgerflowError LF_CONNECT_UNREACHABLE */
export async function readConnect(connectUrl: string, signal?: AbortSignal): Promise<TaskCount[]> {
  const answer = await callConnect({ connectUrl, signal }, 'GET', '/connectors?expand=status');
  if (answer.status !== 200)
    throw new LedgerflowError('LF_CONNECT_UNREACHABLE', `Kafka Connect cannot list its connectors: ${messageIn(answer)}`);
  return Object.entries(answer.body as Expanded).flatMap(([connector, { status }]) => {
    const counts = new Map<string, number>();
    for (const { state } of status?.tasks ?? []) counts.set(state.toLowerCase(), (counts.get(state.toLowerCase()) ?? 0) + 1);
    return [...counts].map(([state, tasks]) => ({ connector, state, tasks }));
  });
}
