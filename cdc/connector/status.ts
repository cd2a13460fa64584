// What Connect says of the connector, and the orders it takes. "RUNNING" of the connector means little: its task does the work.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { callConnect, connectorPath, messageIn, type ConnectAddress } from './rest.ts';

export type ConnectorState = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'UNASSIGNED' | 'RESTARTING' | 'MISSING';

export interface TaskStatus {
  readonly id: number;
  readonly state: ConnectorState;
  /** The innermost cause of a failure, one line. */
  readonly reason: string | null;
}

export interface ConnectorStatus {
  readonly state: ConnectorState;
  readonly reason: string | null;
  readonly tasks: readonly TaskStatus[];
  /** The connector runs and so does its one task. */
  readonly running: boolean;
  /** The connector or a task has failed. */
  readonly failed: boolean;
}

export interface ConnectorAddress extends ConnectAddress {
  readonly connectorName: string;
}

interface RawStatus {
  readonly connector?: { readonly state?: string; readonly trace?: string };
  readonly tasks?: readonly { readonly id: number; readonly state: string; readonly trace?: string }[];
}

const MISSING: ConnectorStatus = { state: 'MISSING', reason: null, tasks: [], running: false, failed: false };

/** @throws LedgerflowError LF_CONNECT_UNREACHABLE */
export async function connectorStatus(address: ConnectorAddress): Promise<ConnectorStatus> {
  const answer = await callConnect(address, 'GET', connectorPath(address.connectorName, '/status'));
  if (answer.status === 404) return MISSING;
  if (answer.status !== 200)
    throw new LedgerflowError('LF_CONNECT_UNREACHABLE', `Kafka Connect cannot tell the status: ${messageIn(answer)}`);
  return readStatus(answer.body as RawStatus);
}

function readStatus(raw: RawStatus): ConnectorStatus {
  const state = (raw.connector?.state ?? 'UNASSIGNED') as ConnectorState;
  const tasks = (raw.tasks ?? []).map(({ id, state: taskState, trace }) => ({
    id,
    state: taskState as ConnectorState,
    reason: trace === undefined ? null : failureReason(trace),
  }));
  const reason =
    raw.connector?.trace === undefined ? (tasks.find((task) => task.reason !== null)?.reason ?? null) : failureReason(raw.connector.trace);
  const running = state === 'RUNNING' && tasks.length > 0 && tasks.every((task) => task.state === 'RUNNING');
  return { state, reason, tasks, running, failed: state === 'FAILED' || tasks.some((task) => task.state === 'FAILED') };
}

const REASON_CHARACTERS_MAX = 400;

/** The innermost cause in a Java stack trace: its message without class name, one line. */
export function failureReason(trace: string): string {
  const lines = trace.split('\n').map((line) => line.trim());
  const causes = lines.filter((line) => line.startsWith('Caused by: '));
  const text = (causes.at(-1) ?? lines[0] ?? '').replace(/^Caused by: /, '').replace(/^(?:[a-z][\w$]*\.)+[A-Z][\w$]*: /, '');
  return text.length > REASON_CHARACTERS_MAX ? `${text.slice(0, REASON_CHARACTERS_MAX)}…` : text;
}

/** Restarts what has failed, or everything when `all` is set. */
export async function restartConnector(address: ConnectorAddress, all = false): Promise<void> {
  await order(address, 'POST', `/restart?includeTasks=true&onlyFailed=${String(!all)}`);
}

/** Stops reading the binlog; the position is kept. */
export async function pauseConnector(address: ConnectorAddress): Promise<void> {
  await order(address, 'PUT', '/pause');
}

/** Ends the task too; the position is recorded. */
export async function stopConnector(address: ConnectorAddress): Promise<void> {
  await order(address, 'PUT', '/stop');
}

export async function resumeConnector(address: ConnectorAddress): Promise<void> {
  await order(address, 'PUT', '/resume');
}

async function order(address: ConnectorAddress, method: 'POST' | 'PUT', path: string): Promise<void> {
  const answer = await callConnect(address, method, connectorPath(address.connectorName, path));
  if (answer.status < 300) return;
  const remedy = answer.status === 404 ? { remedy: 'Register it with `ledgerflow connector register`.' } : {};
  throw new LedgerflowError('LF_CONNECTOR_FAILED', `Kafka Connect refused: ${messageIn(answer)}`, {
    where: address.connectorName,
    ...remedy,
  });
}
