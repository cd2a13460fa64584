// Puts the processor's process together: store, stream, gold, publication, the PostgreSQL endpoint, HTTP, heartbeat.
// One process and one DuckDB instance; everything stops in reverse order.

import path from 'node:path';
import type { WireServer } from '../../dashboards/wire/server.ts';
import { newControlToken, writeControlFile, type ControlCommand, type ControlDoor } from '../../infra/runtime/control.ts';
import { armFaultPoint } from '../../infra/runtime/fault-point.ts';
import { startHttp, type HttpServer } from '../../infra/runtime/http.ts';
import { runTasks, type Task } from '../../infra/runtime/lifecycle.ts';
import { createLog, type Log } from '../../infra/runtime/log.ts';
import { createMetrics, type Metrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { refuseUnfinishedRestore } from '../../lake/backup/restore.ts';
import { GoldRefresher } from '../../lake/gold/refresh.ts';
import { GoldTurns } from '../../lake/gold/turn.ts';
import { PublicationActivity } from '../../lake/publish/activity.ts';
import { lakeCommands } from '../../lake/publish/commands.ts';
import { openStore, type StoreHandle } from '../../lake/store/open.ts';
import { incidentCommands } from '../../stream/alerts/commands.ts';
import type { Notifier } from '../../stream/alerts/notifier.ts';
import { backfillCommands } from '../../stream/backfill/commands.ts';
import { deadLetterCommands } from '../../stream/deadletter/commands.ts';
import { guardCommands } from '../../stream/guard/commands.ts';
import { jobCommands } from '../../stream/jobs/commands.ts';
import type { JobRunner } from '../../stream/jobs/runner.ts';
import { GoldLoop } from '../../stream/processor/gold-loop.ts';
import { Problems } from '../../stream/processor/problems.ts';
import { Processor } from '../../stream/processor/processor.ts';
import { StatusKeeper } from '../../stream/processor/report.ts';
import { Wakeup } from '../../stream/processor/wakeup.ts';
import { reconCommands } from '../../stream/recon/run/commands.ts';
import { productVersion } from '../support/version.ts';
import { openNotifier } from './alerts-run.ts';
import { deadLettersTask } from './dead-letters-run.ts';
import { exportTask } from './export-task.ts';
import { openFraud } from './fraud-run.ts';
import { goldNames, openJobs, silverNames } from './jobs-run.ts';
import { openProof } from './proof-run.ts';
import { openBackups, openPublisher } from './publication.ts';
import { openRecon, openReconApi, type Recon } from './recon-run.ts';
import { connectorTasks, heartbeatTasks, streamTask } from './source-watch.ts';
import { openWire } from './wire-run.ts';

const STOP_DEADLINE_MS = 20_000;

interface Context {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly problems: Problems;
  /** Woken when there are new fraud alerts. */
  readonly alerted: Wakeup;
}

/** Runs until the signal; returns when everything has stopped. */
export async function runProcessor(config: Config, signal: AbortSignal): Promise<void> {
  const log = createLog({ level: config.logLevel, part: 'processor' });
  refuseUnfinishedRestore(config.home);
  armFaultPoint(config.faultPoint);
  await using store = await openStore({
    storeFolder: path.join(config.home, 'store'),
    lakeDataFolder: path.join(config.home, 'lake', 'data'),
    memoryMb: config.storeMemoryMb,
    threads: config.storeThreads,
  });
  const context = { config, store, log, metrics: createMetrics(), problems: new Problems(log), alerted: new Wakeup() };
  const activity = new PublicationActivity(config.publishIdleIntervalMs, () => performance.now());
  const recon = await openRecon(context);
  const { processor, keeper, gold, refresher, jobs, notifier } = await openPipeline({ ...context, recon }, activity);
  await using refreshing = refresher; // before the store: DuckDB hangs when a connection is closed in the middle of a statement
  await using desk = recon.desk;
  await using running = jobs;
  await desk.attach(running);
  await using turns = new GoldTurns(await store.connect(), refresher.models, log);
  await using notifying = notifier;
  await using publisher = await openPublisher({ ...context, processor, gold, refresher, keeper, activity, version: productVersion() });
  await using verification = await openProof({ config, store, metrics: context.metrics, processor, refresher: refreshing });
  await using backups = await openBackups({ store, processor, publisher }, log);
  keeper.verified = () => verification.book.state;
  await using fraud = await openFraud(context);
  const commands = [
    ...deadLetterCommands(processor.deadLetters),
    ...guardCommands(processor.guard),
    ...backfillCommands(processor.backfills),
    ...processor.privacy,
    ...jobCommands(jobs),
    ...incidentCommands(notifier),
    ...backups.commands(),
    ...reconCommands(recon),
    ...recon.self.commands(jobs),
    ...lakeCommands(publisher),
    ...fraud.commands,
    ...verification.commands,
  ];
  await using http = await openControlled(context, keeper, commands);
  await using wire = await openWire(context);
  await using api = await openReconApi(context, recon);
  log.info(
    { http: http.url, wirePort: wire.port, recon: api.url, commit: store.state.commitId, epoch: store.state.epoch },
    'processor started',
  );
  const tasks: Task[] = [
    streamTask(processor, context),
    { name: 'gold', run: (stop) => gold.run(stop) },
    { name: 'gold verification', run: (stop) => verifyGold(refreshing, keeper, { intervalMs: config.goldVerifyIntervalMs, stop }) },
    { name: 'gold turns', run: (stop) => turns.run(stop, ({ changed }) => jobs.changed(goldNames([...changed.keys()]))) },
    { name: 'jobs', run: (stop) => running.run(stop) },
    { name: 'notifications', run: (stop) => notifying.run(stop) },
    { name: 'publication', run: (stop) => publisher.run(stop) },
    { name: 'lag', run: (stop) => keeper.watchLag(stop, (lag) => observe(context.metrics, lag, { wire, processor })) },
    deadLettersTask(context),
    ...heartbeatTasks(context, () => processor.serverUuid),
    ...connectorTasks(context),
    exportTask(context),
    fraud.task,
    recon.windows,
  ];
  await runTasks(tasks, { signal, stopDeadlineMs: STOP_DEADLINE_MS, log });
}

interface OpenPipeline {
  readonly processor: Processor;
  readonly keeper: StatusKeeper;
  readonly gold: GoldLoop;
  readonly refresher: GoldRefresher;
  readonly jobs: JobRunner;
  readonly notifier: Notifier;
}

async function openPipeline(context: Context & { readonly recon: Recon }, activity: PublicationActivity): Promise<OpenPipeline> {
  const { config, store, log, metrics, problems } = context;
  const refresher = await GoldRefresher.open({ gold: await store.connect() }, log);
  const notifier = await openNotifier(context);
  const jobs = await openJobs({ ...context, more: [context.recon.job, context.recon.self.job] }, refresher.models, notifier);
  const processor = await Processor.open({
    config,
    store,
    log,
    metrics,
    onCommit: (report) => {
      keeper.committed(report);
      metrics.parkedRecords.set(processor.deadLetters.book.open);
      gold.committed(report);
      activity.committed(report);
      jobs.changed(silverNames(report.told));
    },
    turn: () => gold.turn(),
    onDisk: (problem) => problems.set('disk', problem),
  });
  const join = await refresher.joining(store.writer);
  processor.committer.follower = join;
  const keeper = new StatusKeeper(config, processor, store, problems);
  const gold = new GoldLoop(
    {
      ...{ refresher, join },
      reader: await store.connect(),
      phase: () => processor.phase,
      onOutcome: (outcome) => {
        keeper.goldOutcome(outcome);
        activity.refreshed(outcome);
        jobs.changed(goldNames(outcome.models));
        metrics.goldRefreshSeconds.observe(outcome.durationMs / 1_000);
        if (outcome.status !== 'waiting') metrics.goldHeld.set(keeper.gold.heldReason === null ? 0 : 1);
      },
      onHeartbeat: (beatenAtMs) => {
        const now = Date.now();
        keeper.freshness.seen(beatenAtMs, now);
        metrics.freshnessSeconds.set((now - beatenAtMs) / 1_000);
      },
      log,
    },
    store.state.commitId,
    store.state.gtid,
  );
  return { processor, keeper, gold, refresher, jobs, notifier };
}

/** All checks over all of gold now and then; a refresh checks what it changes. */
async function verifyGold(refresher: GoldRefresher, keeper: StatusKeeper, every: { intervalMs: number; stop: AbortSignal }): Promise<void> {
  while (!every.stop.aborted) {
    await sleep(every.intervalMs, every.stop).catch(() => undefined); // aborted: the loop ends
    if (every.stop.aborted) return;
    keeper.goldOutcome(await refresher.verify());
  }
}

/** The HTTP side with its door for commands; where the door is, is told to the owner of the home folder. */
async function openControlled(context: Context, keeper: StatusKeeper, commands: readonly ControlCommand[]): Promise<HttpServer> {
  const token = newControlToken();
  const http = await openHttp(context, keeper, { token, commands });
  await writeControlFile(context.config.home, { url: http.url, token, pid: process.pid });
  return http;
}

function openHttp({ config, metrics }: Context, keeper: StatusKeeper, control: ControlDoor): Promise<HttpServer> {
  return startHttp({
    control,
    host: config.metricsHost,
    port: config.metricsPort,
    status: () => keeper.report(),
    registry: metrics.registry,
    freshnessObjectiveMs: config.freshnessObjectiveMs,
  });
}

/** What is looked at once a second. */
function observe(
  metrics: Metrics,
  lag: ReadonlyMap<string, number> | null,
  { wire, processor }: { readonly wire: WireServer; readonly processor: Processor },
): void {
  const { book, incident } = processor.deadLetters;
  metrics.parkedRecords.set(book.open);
  metrics.parkedFlood.set(incident === null ? 0 : 1);
  metrics.wireConnections.set(wire.counters.connections);
  if (lag === null) metrics.lagMessages.reset();
  else for (const [topic, messages] of lag) metrics.lagMessages.set({ topic }, messages);
}
