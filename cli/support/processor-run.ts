// Puts the processor's process together: store, stream, gold, publication, the PostgreSQL endpoint, HTTP, heartbeat.
// One process and one DuckDB instance; everything stops in reverse order.

import path from 'node:path';
import { startWire } from '../../dashboards/wire/server.ts';
import { startHttp } from '../../infra/runtime/http.ts';
import { runTasks, type Task } from '../../infra/runtime/lifecycle.ts';
import { createLog } from '../../infra/runtime/log.ts';
import { createMetrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { GoldRefresher } from '../../lake/gold/refresh.ts';
import { openStore } from '../../lake/store/open.ts';
import { GoldLoop } from '../../stream/processor/gold-loop.ts';
import { runHeartbeat } from '../../stream/processor/heartbeat.ts';
import { Processor } from '../../stream/processor/processor.ts';
import { StatusKeeper } from '../../stream/processor/report.ts';

const STOP_DEADLINE_MS = 20_000;

/** Runs until the signal; returns when everything has stopped. */
export async function runProcessor(config: Config, signal: AbortSignal): Promise<void> {
  const log = createLog({ level: config.logLevel, part: 'processor' });
  const metrics = createMetrics();
  await using store = await openStore({
    storeFolder: path.join(config.home, 'store'),
    lakeDataFolder: path.join(config.home, 'lake', 'data'),
    memoryMb: config.storeMemoryMb,
    threads: config.storeThreads,
  });
  const processor = await Processor.open({
    config,
    store,
    log,
    metrics,
    onCommit: (report) => {
      keeper.committed(report);
      gold.committed(report);
    },
  });
  const keeper = new StatusKeeper(config, processor, store);
  const gold = new GoldLoop(
    {
      refresher: await GoldRefresher.open({ gold: await store.connect() }, log),
      reader: await store.connect(),
      phase: () => processor.phase,
      onOutcome: (outcome) => {
        keeper.gold = {
          commitId: outcome.commitId < 0 ? null : outcome.commitId,
          heldReason: outcome.status === 'held' ? outcome.failures.map((failure) => failure.check.name).join(', ') : null,
        };
        metrics.goldRefreshSeconds.observe(outcome.durationMs / 1_000);
        metrics.goldHeld.set(outcome.status === 'held' || outcome.status === 'paused' ? 1 : 0);
      },
      onHeartbeat: (beatenAtMs) => keeper.freshness.seen(beatenAtMs, Date.now()),
      log,
    },
    store.state.commitId,
    store.state.gtid,
  );
  await using http = await startHttp({
    host: config.metricsHost,
    port: config.metricsPort,
    status: () => keeper.report(),
    registry: metrics.registry,
    freshnessObjectiveMs: config.freshnessObjectiveMs,
  });
  await using wire = await startWire({
    host: config.wireHost,
    port: config.wirePort,
    user: config.wireUser,
    password: config.wirePassword ?? '',
    database: 'ledgerflow',
    connect: () => store.connect(),
    statementTimeoutMs: config.wireStatementTimeoutMs,
    rowsMax: config.wireRowsMax,
    concurrencyMax: config.wireConcurrencyMax,
    connectionsMax: config.wireConnectionsMax,
    log,
  });
  log.info({ http: http.url, wirePort: wire.port, commit: store.state.commitId, epoch: store.state.epoch }, 'processor started');
  const tasks: Task[] = [
    { name: 'stream', run: (stop) => processor.run(stop) },
    { name: 'gold', run: (stop) => gold.run(stop) },
  ];
  const { mysqlUrl } = config;
  if (mysqlUrl !== undefined) {
    tasks.push({
      name: 'heartbeat',
      run: (stop) => runHeartbeat({ mysqlUrl, database: config.mysqlDatabase, intervalMs: config.heartbeatIntervalMs, log }, stop),
    });
  }
  tasks.push({ name: 'lag', run: (stop) => keeper.watchLag(stop, (lag) => (lag === null ? undefined : metrics.stagedMessages.set(lag))) });
  await runTasks(tasks, { signal, stopDeadlineMs: STOP_DEADLINE_MS, log });
}
