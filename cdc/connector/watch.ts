// Keeps the connector's task alive: restarts it with back-off when it has failed, and raises an alert when that does not help.

import { isAborted, messageOf } from '../../infra/runtime/errors.ts';
import { backoffMs, type RetryPolicy } from '../../infra/runtime/retry.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { connectorStatus, restartConnector, type ConnectorAddress, type ConnectorStatus } from './status.ts';

export interface ConnectorAlert {
  readonly kind: 'failing' | 'recovered';
  /** Restarts tried in a row. */
  readonly restarts: number;
  readonly reason: string;
}

export interface WatchOptions extends ConnectorAddress {
  readonly signal: AbortSignal;
  readonly onAlert: (alert: ConnectorAlert) => void;
  /** Each reading, for status displays. */
  readonly onStatus?: (status: ConnectorStatus) => void;
  readonly pollIntervalMs?: number;
  /** Restarts in a row before the alert is raised. */
  readonly alertAfterRestarts?: number;
}

const POLL_INTERVAL_MS = 1_000;
const ALERT_AFTER_RESTARTS = 3;
const RESTART_BACKOFF: RetryPolicy = { attemptsMax: Number.MAX_SAFE_INTEGER, firstDelayMs: 1_000, delayMaxMs: 60_000 };
/** A task that ran this long after a restart counts as recovered. */
const STEADY_MS = 10_000;

/** What the watch remembers between two readings. */
export interface WatchState {
  readonly restarts: number;
  readonly alerted: boolean;
  /** When the task was first seen running after the last failure, milliseconds; null while it is not. */
  readonly runningSinceMs: number | null;
  /** No restart before this time. */
  readonly nextRestartMs: number;
}

export const WATCH_START: WatchState = { restarts: 0, alerted: false, runningSinceMs: null, nextRestartMs: 0 };

export interface WatchDecision {
  readonly state: WatchState;
  readonly restart: boolean;
  readonly alert: ConnectorAlert | null;
}

/** Pure: the next step after one reading. Paused and stopped connectors are left alone: a person did that. */
export function decide(
  state: WatchState,
  status: Pick<ConnectorStatus, 'failed' | 'running' | 'reason'>,
  now: { readonly nowMs: number; readonly random: number; readonly alertAfter: number },
): WatchDecision {
  const { nowMs, random, alertAfter } = now;
  if (status.failed) {
    if (nowMs < state.nextRestartMs) return { state: { ...state, runningSinceMs: null }, restart: false, alert: null };
    const restarts = state.restarts + 1;
    const raise = restarts > alertAfter && !state.alerted;
    const next = {
      restarts,
      alerted: state.alerted || raise,
      runningSinceMs: null,
      nextRestartMs: nowMs + backoffMs(RESTART_BACKOFF, restarts, () => random),
    };
    return {
      state: next,
      restart: true,
      alert: raise ? { kind: 'failing', restarts: restarts - 1, reason: status.reason ?? 'unknown' } : null,
    };
  }
  if (!status.running || state.restarts === 0) return { state: { ...state, runningSinceMs: null }, restart: false, alert: null };
  const since = state.runningSinceMs ?? nowMs;
  if (nowMs - since < STEADY_MS) return { state: { ...state, runningSinceMs: since }, restart: false, alert: null };
  const recovered: ConnectorAlert | null = state.alerted
    ? { kind: 'recovered', restarts: state.restarts, reason: 'the task runs again' }
    : null;
  return { state: WATCH_START, restart: false, alert: recovered };
}

/** Runs until `signal` aborts. Connect being away is not judged here: whoever started it restarts it. */
export async function watchConnector(options: WatchOptions): Promise<void> {
  let state = WATCH_START;
  const alertAfter = options.alertAfterRestarts ?? ALERT_AFTER_RESTARTS;
  while (!options.signal.aborted) {
    try {
      const status = await connectorStatus(options);
      options.onStatus?.(status);
      const decision = decide(state, status, { nowMs: Date.now(), random: Math.random(), alertAfter });
      state = decision.state;
      if (decision.alert !== null) options.onAlert(decision.alert);
      if (decision.restart) await restartConnector(options);
    } catch (error) {
      if (isAborted(error)) return;
      options.onStatus?.({ state: 'UNASSIGNED', reason: messageOf(error), tasks: [], running: false, failed: false });
    }
    await sleep(options.pollIntervalMs ?? POLL_INTERVAL_MS, options.signal).catch(() => undefined); // cancelled: the loop ends by itself
  }
}
