// The processor's eyes on what it reads from: the stream itself, MySQL's identity, the connector. What they find goes to the problems
// that status and /health show.

import { connectorProblem } from '../../cdc/connector/problem.ts';
import type { ConnectorStatus } from '../../cdc/connector/status.ts';
import { watchConnector } from '../../cdc/connector/watch.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Task } from '../../infra/runtime/lifecycle.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { runHeartbeat } from '../../stream/processor/heartbeat.ts';
import { isStandstill, type Problems } from '../../stream/processor/problems.ts';
import type { Processor } from '../../stream/processor/processor.ts';

export interface SourceContext {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly problems: Problems;
}

/** A rebalance or a restart of Connect shows for a moment as a missing or failed connector. */
const CONNECTOR_PATIENCE_MS = 4_000;
/** A worker that has just started knows no connector until it has read its topics. */
const MISSING_PATIENCE_MS = 15_000;
const WAIT_MS = 3_600_000;

/** Streams; a source that is not what it was stops the stream, not the process: readers keep the last good state. */
export function streamTask(processor: Processor, { problems }: SourceContext): Task {
  const run = async (stop: AbortSignal): Promise<void> => {
    try {
      await processor.run(stop);
    } catch (error) {
      if (!(error instanceof LedgerflowError) || !isStandstill(error)) throw error;
      problems.set('stream', error);
      while (!stop.aborted) await sleep(WAIT_MS, stop).catch(() => undefined); // aborted: the task ends
    }
  };
  return { name: 'stream', run };
}

export function heartbeatTasks({ config, log, problems }: SourceContext, serverUuid: () => string | null): Task[] {
  const { mysqlUrl } = config;
  if (mysqlUrl === undefined) return [];
  const onServer = (uuid: string): void => {
    const before = serverUuid();
    const changed = before !== null && before !== uuid;
    const text = `transactions of server ${String(before)} have been read, ${uuid} answers now`;
    problems.set('server', changed ? new LedgerflowError('LF_SERVER_CHANGED', text) : null);
  };
  const options = { mysqlUrl, database: config.mysqlDatabase, intervalMs: config.heartbeatIntervalMs, onServer, log };
  return [{ name: 'heartbeat', run: (stop) => runHeartbeat(options, stop) }];
}

function patienceWith({ state }: ConnectorStatus): number {
  return state === 'MISSING' ? MISSING_PATIENCE_MS : CONNECTOR_PATIENCE_MS;
}

/** Restarts a failed task with back-off; Connect is watched where its address is known. */
export function connectorTasks({ config, log, metrics, problems }: SourceContext): Task[] {
  const { connectUrl, connectorName } = config;
  if (connectUrl === undefined) return [];
  let badSince: number | null = null;
  const onStatus = (status: ConnectorStatus): void => {
    metrics.connectorRunning.set(status.running ? 1 : 0);
    const problem = connectorProblem(status, { connectorName });
    if (status.running) badSince = null;
    else if (problem !== null) badSince ??= Date.now();
    if (status.running) problems.set('connector', null);
    else if (problem !== null && Date.now() - (badSince ?? 0) >= patienceWith(status)) problems.set('connector', problem);
  };
  return [
    {
      name: 'connector watch',
      run: (signal) =>
        watchConnector({
          ...{ connectUrl, connectorName, signal, onStatus },
          onAlert: ({ kind, restarts, reason }) => {
            metrics.connectorRestarts.inc(restarts);
            if (kind === 'failing') log.error({ restarts, reason }, 'the connector fails again and again');
            else log.info({ restarts }, 'the connector runs again');
          },
        }),
    },
  ];
}
