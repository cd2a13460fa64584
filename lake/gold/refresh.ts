// Keeps gold at the store's current commit: one transaction per refresh, gated by the checks, on gold's own connection.
// Found → planned → applied → checked → committed; a failed blocking check rolls all of it back and the last good gold stays.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import type { Check } from '../checks/check.ts';
import { loadChecks } from '../checks/check.ts';
import { readLastResults, recordSql, type CheckResult } from '../checks/run.ts';
import { freezeModel } from './apply.ts';
import { applyPlan, judge, ModelFailure, BatchFailed } from './attempt.ts';
import { loadModels, type Model } from './model.ts';
import { GoldJoin } from './join.ts';
import { changedStates, outcomeOf, type GoldOutcome } from './outcome.ts';
import { planRefresh, type PlannedModel } from './plan.ts';
import { RefreshMemory, type GoldTarget, type Wish } from './refresh-memory.ts';
import { ADVANCE_SQL, holdSql, modelStateSql, openState, type ModelState, type OpenedState } from './state.ts';
import type { StoreWindow } from './window.ts';
import { Turns } from './turns.ts';
import { Workspace } from './workspace.ts';

export interface GoldConnections {
  /** Gold's own connection; nothing else may use it. */
  readonly gold: DuckDBConnection;
}

/** What one attempt knows when its checks have run. */
interface Attempt {
  readonly window: StoreWindow;
  readonly plan: readonly PlannedModel[];
  readonly started: number;
  readonly settling: boolean;
  /** Changes that are not settled, should it be committed. */
  readonly pendingRows: number;
}

const INPUT_GONE = /Catalog Error.*does not exist/is;

export class GoldRefresher implements AsyncDisposable {
  readonly models: readonly Model[];
  private readonly checks: readonly Check[];
  private readonly space: Workspace;
  private readonly log: Logger;
  private readonly memory: RefreshMemory;
  private readonly states: Map<string, ModelState>;
  private readonly lastResults: Map<string, boolean>;
  private readonly turns = new Turns();

  private constructor(space: Workspace, log: Logger, found: { models: Model[]; opened: OpenedState; lastResults: Map<string, boolean> }) {
    this.space = space;
    this.log = log;
    this.models = found.models;
    this.checks = loadChecks();
    this.states = found.opened.models;
    this.memory = new RefreshMemory(found.opened.position);
    this.lastResults = found.lastResults;
  }

  /** Opens gold on its connection, with the models and checks of this code version. */
  static async open(connections: GoldConnections, log: Logger): Promise<GoldRefresher> {
    const connection = connections.gold;
    const models = loadModels();
    const opened = await openState(connection);
    const lastResults = await readLastResults(connection);
    const refresher = new GoldRefresher(await Workspace.open(connection, models), log, { models, opened, lastResults });
    refresher.memory.pendingRows = await refresher.space.pendingRows();
    return refresher;
  }

  /** Waits for what is under way and closes gold's connection. (Closing it in the middle of a statement hangs DuckDB.) */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.turns.ended();
    this.space.close();
  }

  /** Gold's position: the last commit it contains, -1 before the first fill. */
  get position(): { readonly commitId: number; readonly gtid: string | null } {
    return this.memory.position;
  }

  /**
   * Brings gold to the store's current commit. Calls are served one after the other.
   * @throws LedgerflowError LF_GOLD_AHEAD when the store is older than gold; any other failure of the database itself.
   */
  async refresh(target: GoldTarget): Promise<GoldOutcome> {
    return await this.enqueue(() => this.serve(target, {}));
  }

  /** Builds one model, or all, anew at the store's current commit, together with what depends on them. */
  async rebuild(model?: string): Promise<GoldOutcome> {
    const forced = new Set(model === undefined ? this.models.map((each) => each.name) : [model]);
    return await this.enqueue(() => this.serve(this.here(), { forced }));
  }

  /** Changes of silver and gold built anew on them, one commit of the store, gated by the checks. @param commitId the commit's number */
  async rebuildWith(first: readonly string[], commitId: number): Promise<GoldOutcome> {
    const forced = new Set(this.models.map((each) => each.name));
    return await this.enqueue(() => this.serve({ ...this.here(), commitId }, { forced, first }));
  }

  /** A refresh that runs every check over everything, and holds gold when a blocking one fails. Takes as long as full scans do. */
  async verify(): Promise<GoldOutcome> {
    return await this.enqueue(() => this.serve(this.here(), { thorough: true }));
  }

  /** Whether enough changes are pending to be moved into the settled sums. */
  get settlingDue(): boolean {
    return this.memory.settlingDue && !this.memory.isHeld;
  }

  /** A refresh that also moves pending changes into the settled sums, so that readers have little to add up. */
  async settle(): Promise<GoldOutcome> {
    return await this.enqueue(() => this.serve(this.here(), { settle: true }));
  }

  /** Gold's part in the transactions of small commits (join.ts). @param writer connection of the commits */
  async joining(writer: DuckDBConnection): Promise<GoldJoin> {
    const { models, checks, states, lastResults, memory, log } = this;
    const now = { catalog: () => this.space.catalog, take: () => this.turns.take() };
    return await GoldJoin.open({ models, checks, states, lastResults, memory, log, ...now }, writer);
  }

  private here(): GoldTarget {
    return { ...this.memory.position, phase: 'streaming' };
  }

  private async enqueue(work: () => Promise<GoldOutcome>): Promise<GoldOutcome> {
    const failed = (error: unknown): void => this.log.warn({ error: messageOf(error) }, 'gold: clean-up failed');
    return await this.turns.next(work, () => this.space.clean().catch(failed));
  }

  private async serve(target: GoldTarget, wish: Wish): Promise<GoldOutcome> {
    const started = performance.now();
    if (target.phase !== 'streaming') return this.outcome('waiting', started);
    this.memory.remember(target);
    if (wish.forced === undefined && wish.thorough !== true && this.memory.isResting(started)) return this.outcome('paused', started);
    let detailed = this.memory.isHeld;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.attempt(target, { ...wish, started, detailed });
      } catch (error) {
        await this.space.rollback();
        detailed = error instanceof BatchFailed;
        if (detailed) continue;
        if (attempt > this.models.length) throw error;
        if (error instanceof ModelFailure) await this.hold(error);
        else if (INPUT_GONE.test(messageOf(error))) this.space.forget();
        else throw error;
      }
    }
  }

  private async attempt(target: GoldTarget, call: Wish & { readonly started: number }): Promise<GoldOutcome> {
    const window = await this.space.begin(this.memory.highestPos, this.memory.told, target.commitId, call.first);
    if (window.commitId < this.memory.position.commitId) {
      throw new LedgerflowError(
        'LF_GOLD_AHEAD',
        `gold contains commit ${this.memory.position.commitId}, the store is at ${window.commitId}`,
      );
    }
    const plan = planRefresh({
      models: this.models,
      states: this.states,
      catalog: this.space.catalog,
      windows: window.tables,
      rebuildAboveRows: this.memory.rebuildAboveRows,
      forced: call.forced ?? this.space.anewSince(this.memory.position.commitId),
      resting: this.memory.restingModels(call.started),
    });
    const active = plan.filter(({ action }) => action === 'increment' || action === 'full');
    const settling =
      call.thorough === true || call.settle === true || this.memory.settlingOverdue || plan.some(({ action }) => action === 'full');
    if (active.length === 0 && window.commitId === this.memory.position.commitId && !settling) {
      await this.space.rollback();
      return this.outcome('unchanged', call.started, { plan });
    }
    const few = call.detailed !== true && !settling && active.every(({ action }) => action === 'increment');
    const work = this.space.work(window, few);
    await applyPlan(active, work, this.log);
    const results = await judge(this.checks, plan, work, { thorough: call.thorough === true, settling });
    const pendingRows = settling ? 0 : this.memory.pendingRows + work.pendingRows;
    const at = { window, plan, started: call.started, settling, pendingRows };
    if (results.some((result) => !result.passed && result.check.severity === 'block')) return await this.stop(results, at);
    return await this.commit(results, at);
  }

  private async commit(results: readonly CheckResult[], at: Attempt): Promise<GoldOutcome> {
    const { window, plan } = at;
    const records = this.memory.resultsToRecord(results, this.lastResults, at.started);
    const states = changedStates(plan, this.states);
    const notes = [recordSql(records, this.lastResults, window.commitId), ...states.map((state) => modelStateSql(state, window.commitId))];
    const written = notes.filter((statement) => statement !== '').join(';\n');
    if (written !== '') await this.space.connection.run(written);
    await this.space.statements.run(ADVANCE_SQL);
    faultPoint('gold.applied');
    await this.space.statements.run('COMMIT');
    faultPoint('gold.done');
    this.memory.pendingRows = at.pendingRows;
    for (const state of states) this.states.set(state.model, state);
    for (const { check, passed } of records) this.lastResults.set(check.name, passed);
    if (this.memory.isHeld) this.log.info({ commitId: window.commitId }, 'gold released: the checks pass again');
    this.memory.advanced(window);
    return this.outcome('refreshed', at.started, { plan, failures: results.filter((result) => !result.passed) });
  }

  /** A blocking check failed: nothing of this refresh stays but the record of it. */
  private async stop(results: readonly CheckResult[], at: Attempt): Promise<GoldOutcome> {
    await this.space.rollback();
    const failures = results.filter((result) => !result.passed);
    const reason = failures.map(({ check, observed }) => `${check.name}: ${observed}`).join(' | ');
    const records = this.memory.resultsToRecord(results, this.lastResults, at.started);
    await this.space.connection.run(
      ['BEGIN', holdSql(reason), recordSql(records, this.lastResults, at.window.commitId), 'COMMIT']
        .filter((part) => part !== '')
        .join(';\n'),
    );
    for (const { check, passed } of records) this.lastResults.set(check.name, passed);
    if (!this.memory.isHeld)
      this.log.error({ commitId: at.window.commitId, reason }, 'gold held: a blocking check failed, the last good gold stays');
    this.memory.stopped(at.started, performance.now(), at.settling);
    return this.outcome('held', at.started, { plan: at.plan, failures });
  }

  /** Takes one model out until its input or its code changes; its table stays as it was. */
  private async hold({ planned, message }: ModelFailure): Promise<void> {
    const { model, inputTypes, fingerprint } = planned;
    const remedy = `Restore the columns gold.${model.name} reads (${inputTypes === '' ? model.silverInputs.map((input) => input.table).join(', ') : inputTypes}) or change lake/gold/models/${model.name}.sql; it is built anew by itself then.`;
    const state: ModelState = {
      model: model.name,
      status: 'held',
      inputTypes,
      fingerprint,
      reason: message.split('\n')[0] ?? message,
      remedy,
    };
    this.log.error({ model: model.name, reason: state.reason }, 'gold model held; the others go on');
    await freezeModel(model, this.space.connection);
    await this.space.connection.run(`BEGIN; ${modelStateSql(state, this.memory.position.commitId)}; COMMIT`);
    this.states.set(model.name, state);
    this.memory.rest(model.name, performance.now());
  }

  private outcome(status: GoldOutcome['status'], started: number, found: Parameters<typeof outcomeOf>[2] = {}): GoldOutcome {
    return outcomeOf(status, { position: this.memory.position, durationMs: performance.now() - started }, found);
  }
}
