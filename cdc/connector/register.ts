// Brings the connector to the wanted configuration and waits until its task runs. Safe to repeat.

import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { retry, type RetryPolicy } from '../../infra/runtime/retry.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { callConnect, connectorPath, messageIn, type ConnectAnswer } from './rest.ts';
import { connectorStatus, restartConnector, type ConnectorAddress, type ConnectorStatus } from './status.ts';
import { whileStopped } from './stopped.ts';

export interface RegisterOptions extends ConnectorAddress {
  /** From connectorConfig(). */
  readonly config: Readonly<Record<string, string>>;
  /** The old task must have ended before the new configuration holds. The connector stands for some seconds. */
  readonly newTask?: boolean;
  readonly log?: { info(fields: object, message: string): void };
  /** How long the task may take to run. */
  readonly runningDeadlineMs?: number;
}

const RUNNING_DEADLINE_MS = 60_000;
const POLL_INTERVAL_MS = 200;
/** Connect is busy (409 while it rebalances, 404 and 5xx while it starts) or not there yet. */
const BUSY: RetryPolicy = { attemptsMax: 40, firstDelayMs: 250, delayMaxMs: 2_000 };

/**
 * @returns the status once the task runs, or as it is when the connector was paused or stopped by a person
 * @throws LedgerflowError LF_CONNECTOR_CONFIG naming each refused setting; LF_CONNECT_UNREACHABLE; LF_CONNECTOR_FAILED
 */
export async function registerConnector(options: RegisterOptions): Promise<ConnectorStatus> {
  const retrying = options.signal === undefined ? {} : { signal: options.signal };
  await retry(BUSY, () => validate(options), retrying);
  const put = (): Promise<boolean> => retry(BUSY, () => putConfig(options), retrying);
  const changed = options.newTask === true ? await whileStopped(options, put) : await put();
  options.log?.info({ connector: options.connectorName, changed }, changed ? 'connector configured' : 'connector was configured already');
  return await waitUntilRunning(options);
}

interface Validation {
  readonly configs?: readonly { readonly value: { readonly name: string; readonly errors: readonly string[] } | null }[];
}

/**
 * Asks for validation first: Connect 4.3.1 answers a refused configuration of Debezium 3.6.1 with HTTP 500 and a
 * NullPointerException instead of the message (one of Debezium's settings has no value in the answer).
 */
async function validate(options: RegisterOptions): Promise<void> {
  const name = options.config['connector.class'] ?? '';
  const answer = await callConnect(options, 'PUT', `/connector-plugins/${encodeURIComponent(name)}/config/validate`, {
    ...options.config,
    name: options.connectorName,
  });
  if (answer.status !== 200) throw busyOrRefused(answer, options);
  const refused = ((answer.body as Validation).configs ?? []).flatMap(({ value }) =>
    value === null ? [] : value.errors.map((error) => `${value.name}: ${explain(error)}`),
  );
  if (refused.length > 0)
    throw new LedgerflowError('LF_CONNECTOR_CONFIG', `the connector was refused: ${refused.join('; ')}`, { where: options.connectorName });
}

async function putConfig(options: RegisterOptions): Promise<boolean> {
  const path = connectorPath(options.connectorName, '/config');
  const current = await callConnect(options, 'GET', path);
  if (current.status === 200 && sameConfig(current.body as Record<string, string>, options)) return false;
  const answer = await callConnect(options, 'PUT', path, options.config);
  if (answer.status !== 200 && answer.status !== 201) throw busyOrRefused(answer, options);
  return true;
}

function sameConfig(current: Readonly<Record<string, string>>, { config, connectorName }: RegisterOptions): boolean {
  const wanted: Record<string, string> = { ...config, name: connectorName };
  const names = new Set([...Object.keys(current), ...Object.keys(wanted)]);
  return [...names].every((name) => current[name] === wanted[name]);
}

function busyOrRefused(answer: ConnectAnswer, options: RegisterOptions): LedgerflowError {
  const busy = answer.status === 409 || answer.status === 404 || answer.status >= 500;
  return new LedgerflowError(busy ? 'LF_CONNECT_UNREACHABLE' : 'LF_CONNECTOR_CONFIG', `Kafka Connect: ${explain(messageIn(answer))}`, {
    where: options.connectorName,
  });
}

const EXPLANATIONS: readonly (readonly [RegExp, string])[] = [
  [/Access denied for user/i, 'MySQL refused the user or password of the connector'],
  [/Communications link failure|Connection refused/i, 'MySQL does not answer at database.hostname and database.port'],
  [/binlog_format|binary log|binlog_row_image/i, 'MySQL must write its binlog with binlog_format=ROW and binlog_row_image=FULL'],
  [/gtid/i, 'MySQL must run with gtid_mode=ON'],
];

/** Connect's message, preceded by what it means where that is known. */
function explain(message: string): string {
  const known = EXPLANATIONS.find(([pattern]) => pattern.test(message));
  return known === undefined ? message : `${known[1]} (${message})`;
}

async function waitUntilRunning(options: RegisterOptions): Promise<ConnectorStatus> {
  const deadlineMs = performance.now() + (options.runningDeadlineMs ?? RUNNING_DEADLINE_MS);
  let restarted = false;
  for (;;) {
    const status = await readStatus(options);
    if (status !== null && (status.running || (options.newTask !== true && isHalted(status)))) return status;
    if (status?.failed === true) {
      if (restarted) throw failed(options, status.reason ?? 'unknown reason');
      restarted = true; // a task that failed before this start (MySQL was away) deserves one new try
      await restartConnector(options);
      await sleep(POLL_INTERVAL_MS * 5, options.signal);
    } else if (performance.now() > deadlineMs) {
      throw failed(options, `its task does not run after ${options.runningDeadlineMs ?? RUNNING_DEADLINE_MS} ms`);
    }
    await sleep(POLL_INTERVAL_MS, options.signal);
  }
}

/** By a person. */
function isHalted({ state }: ConnectorStatus): boolean {
  return state === 'PAUSED' || state === 'STOPPED';
}

/** Null while Connect rebalances and does not answer. */
async function readStatus(options: RegisterOptions): Promise<ConnectorStatus | null> {
  try {
    return await connectorStatus(options);
  } catch (error) {
    if (error instanceof LedgerflowError && error.kind === 'retryable') return null;
    throw error;
  }
}

function failed(options: RegisterOptions, reason: string): LedgerflowError {
  return new LedgerflowError('LF_CONNECTOR_FAILED', `the connector does not run: ${explain(messageOf(reason))}`, {
    where: options.connectorName,
  });
}
