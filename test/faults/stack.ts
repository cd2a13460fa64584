// The whole product under the test's hands: the native parts under their supervisor, proxies on every way between them, and the
// processor as a child of the test that is started again at once, with a fault point when one is wanted.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { planNative, type NativePlan } from '../../infra/native/native-steps.ts';
import { obtainStack, type NativeStack } from '../../infra/native/obtain/stack.ts';
import type { Part, Step } from '../../infra/native/parts/part.ts';
import { loadSecrets } from '../../infra/native/secrets.ts';
import { claimHome, Supervisor, type SupervisorEvent } from '../../infra/native/supervisor.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { ProcessorStatus } from '../../infra/runtime/status.ts';
import { identify } from '../../infra/native/process-id.ts';
import { guardHome, noteGuarded } from '../support/guard-home.ts';
import { pipelineIn, waitFor, type TestPipeline } from '../support/pipeline.ts';
import { testEnvironment } from '../support/native-stack.ts';
import { connectThrough, listenersThrough, type Ways } from './stack-parts.ts';
import { FaultProxy } from './proxy.ts';
import { processorThrough, sourceTasks } from './stack-steps.ts';

export type PartName = 'processor' | 'connect' | 'kafka' | 'mysql';

export interface FaultStackOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the new home before anything is started: a test may mount a small disk in it. */
  readonly prepare?: (home: string) => void;
}

const START_DEADLINE_MS = 240_000;
const RESTART_MS = 200;
/** As the supervisor's: a processor that does not stop is killed. */
const STOP_DEADLINE_MS = 60_000;
/** Generous, and put off while commits are made: how long it took is told, and what is judged is whether it comes. */
const FRESH_DEADLINE_MS = 240_000;

export class FaultStack implements AsyncDisposable {
  readonly home: string;
  /** Endpoints, connections, commands, as every end-to-end test has them. */
  readonly pipeline: TestPipeline;
  ways!: Ways;
  config!: Config;
  plan!: NativePlan;
  /** Armed for the next start of the processor only. */
  nextFaultPoint: string | null = null;
  /** When each part was last spawned and healthy again. */
  readonly spawned = new Map<PartName, number>();
  readonly healthy = new Map<PartName, number>();
  /** Exit codes and signals of the processor's processes, newest last. */
  readonly ends: string[] = [];
  private readonly options: FaultStackOptions;
  private readonly env: Record<string, string>;
  private processor: { child: ChildProcess; part: Part } | null = null;
  private keepProcessor = false;
  private stopParts: (() => Promise<void>) | null = null;

  private constructor(options: FaultStackOptions) {
    this.options = options;
    this.home = mkdtempSync(path.join(tmpdir(), 'lf-faults-'));
    guardHome(this.home);
    this.env = testEnvironment(this.home, options.env);
    const pipeline = pipelineIn(this.home, this.env, { start: () => this.start(), stop: () => this.stop(), output: () => '' });
    this.pipeline = { ...pipeline, pidOf: (part) => (part === 'processor' ? Promise.resolve(this.processorPid) : pipeline.pidOf(part)) };
  }

  static async open(options: FaultStackOptions = {}): Promise<FaultStack> {
    const stack = new FaultStack(options);
    options.prepare?.(stack.home);
    try {
      await stack.start();
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
    return stack;
  }

  /** Starts everything that does not run and waits until it streams. */
  async start(): Promise<void> {
    this.config = loadConfig(this.env);
    const signal = AbortSignal.timeout(START_DEADLINE_MS);
    const native = await obtainStack(this.config, { onProgress: () => undefined, signal });
    const claim = await claimHome({ home: this.home, onEvent: () => undefined });
    const secrets = loadSecrets(this.home);
    this.plan = await planNative({ config: this.config, stack: native, secrets, ports: claim.ports });
    this.ways = await this.openWays();
    const processor = await this.startParts(native, claim);
    await this.startProcessor(processor);
    await waitFor('streaming', START_DEADLINE_MS, async () => (await this.report()).state === 'streaming');
  }

  private async openWays(): Promise<Ways> {
    const listeners = { connect: 0, processor: 0 };
    const connectBroker = await FaultProxy.open(() => listeners.connect);
    const processorBroker = await FaultProxy.open(() => listeners.processor);
    const connectMysql = await FaultProxy.open(() => this.plan.admin.port);
    return { listeners, connectBroker, processorBroker, connectMysql };
  }

  private async startParts(native: NativeStack, claim: AsyncDisposable): Promise<Part> {
    const { config, plan, home } = this;
    const secrets = loadSecrets(home);
    const input = { config, plan, secrets, ducklake: native.ducklake, ways: this.ways };
    const parts = await Promise.all(plan.steps.map((step) => this.wrapped(step, native)));
    const stopping = new AbortController();
    const onEvent = (event: SupervisorEvent): void => this.seen(event);
    const started = new Promise<void>((resolve) => (this.tellStarted = resolve));
    const supervisor = new Supervisor({ home, onEvent }, [...parts, ...sourceTasks(input)], plan.endpoints);
    const run = supervisor.run(stopping.signal);
    this.stopParts = async () => {
      stopping.abort();
      await run.catch(() => undefined);
      await claim[Symbol.asyncDispose]();
      for (const way of [this.ways.connectBroker, this.ways.processorBroker, this.ways.connectMysql]) await way[Symbol.asyncDispose]();
    };
    await Promise.race([started, run]);
    return processorThrough(input);
  }

  private tellStarted: () => void = () => undefined;

  private async wrapped(step: Step, native: NativeStack): Promise<Step> {
    if (step.kind === 'part' && step.name === 'kafka') return await listenersThrough(step, this.ways);
    if (step.kind === 'part' && step.name === 'connect') return connectThrough(this.home, this.plan, native, this.ways);
    return step;
  }

  private seen(event: SupervisorEvent): void {
    if (event.kind === 'healthy') this.healthy.set(event.name as PartName, performance.now());
    if (event.kind === 'died') this.spawned.set(event.name as PartName, performance.now() + event.delayMs);
    if (event.kind === 'started') this.tellStarted();
  }

  /** Starts the processor and, from then on, starts it again whenever it ends. */
  async startProcessor(part: Part | undefined = this.processor?.part): Promise<void> {
    if (part === undefined) throw new Error('the stack was never started');
    this.keepProcessor = true;
    const { command, args, env } = part.launch();
    const armed = this.nextFaultPoint === null ? {} : { LEDGERFLOW_FAULT_POINT: this.nextFaultPoint };
    this.nextFaultPoint = null;
    const log = openSync(part.logFile, 'a');
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LEDGERFLOW_')));
    const child = spawn(command, args, {
      env: { ...inherited, LEDGERFLOW_GUARD_DELETES_MAX: '0', ...this.env, ...env, ...armed },
      stdio: ['ignore', log, log],
    });
    this.processor = { child, part };
    if (child.pid !== undefined) noteGuarded(this.home, [identify(child.pid)]);
    this.spawned.set('processor', performance.now());
    child.once('exit', (code, signal) => {
      this.ends.push(signal ?? `exit ${String(code)}`);
      if (this.keepProcessor) setTimeout(() => this.keepProcessor && void this.startProcessor(part), RESTART_MS);
    });
    const alive = async (): Promise<boolean> => child.exitCode === null && (await part.healthy(AbortSignal.timeout(1_000)));
    void waitFor('the processor to answer', START_DEADLINE_MS, alive).then(
      () => this.healthy.set('processor', performance.now()),
      () => undefined, // killed before it was up: the next one counts
    );
    await Promise.resolve();
  }

  /** SIGTERM, and no new one. */
  async stopProcessor(): Promise<void> {
    this.keepProcessor = false;
    const child = this.processor?.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const hung = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await ended;
    clearTimeout(hung);
  }

  get processorPid(): number {
    return this.processor?.child.pid ?? 0;
  }

  get processorRuns(): boolean {
    const child = this.processor?.child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** The processor's own report. @throws while it does not answer */
  async report(): Promise<ProcessorStatus> {
    const url = new URL('/status', this.plan.endpoints.metrics.url);
    return (await (await fetch(url, { signal: AbortSignal.timeout(2_000) })).json()) as ProcessorStatus;
  }

  /** Waits until status, and /health with it, names the code. */
  async untilReported(code: string, deadlineMs = 240_000): Promise<string> {
    let reason = '';
    await waitFor(`${code} in the status`, deadlineMs, async () => {
      const report = await this.report();
      reason = report.reason ?? '';
      if (report.state === 'degraded' && reason.startsWith(code)) return true;
      throw new Error(`the state is ${report.state}, ${reason === '' ? 'no reason' : reason}`);
    });
    const health = await fetch(new URL('/health', this.plan.endpoints.metrics.url));
    const body = (await health.json()) as { reason: string };
    if (health.status !== 503 || !body.reason.startsWith(code)) throw new Error(`/health does not name ${code}: ${body.reason}`);
    return reason;
  }

  /** Milliseconds from `since` (performance.now) until a heartbeat beaten after it has reached gold. */
  async untilFresh(since: number, deadlineMs = FRESH_DEADLINE_MS): Promise<number> {
    const sinceWall = Date.now() - (performance.now() - since);
    const fresh = async (): Promise<boolean> => {
      const { freshnessMs, state, reason } = await this.report();
      if (state === 'degraded') throw new Error(reason ?? 'degraded');
      return state === 'streaming' && freshnessMs !== null && Date.now() - freshnessMs - this.config.heartbeatIntervalMs > sinceWall;
    };
    const progress = async (): Promise<unknown> => {
      const { commit, gold, snapshot } = await this.report();
      return [commit?.id, gold.commitId, snapshot?.rows];
    };
    await waitFor('a row of now to be in gold', deadlineMs, fresh, progress);
    return performance.now() - since;
  }

  /** Stops everything in order. */
  async stop(): Promise<number> {
    await this.stopProcessor();
    await this.stopParts?.();
    this.stopParts = null;
    return 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}
