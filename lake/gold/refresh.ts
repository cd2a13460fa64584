// Keeps gold at the store's current commit: one transaction per refresh, gated by the checks, on gold's own connection.
// Found → planned → applied → checked → committed; a failed blocking check rolls all of it back and the last good gold stays.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { Check } from '../checks/check.ts';
import { loadChecks } from '../checks/check.ts';
import { readLastResults, recordSql, runChecks, type CheckResult } from '../checks/run.ts';
import { incrementTable, rebuildTable } from './apply.ts';
import { dueChecks, loadDueLiterals } from './gate.ts';
import { readCatalog, type Catalog } from './inputs.ts';
import { loadModels, type Model, type SilverInput } from './model.ts';
import { changedStates, outcomeOf, type GoldOutcome } from './outcome.ts';
import { planRefresh, type PlannedModel } from './plan.ts';
import { RefreshMemory, type GoldTarget } from './refresh-memory.ts';
import { advanceSql, holdSql, modelStateSql, openState, type ModelState } from './state.ts';
import { readWindow, type StoreWindow } from './window.ts';

export interface GoldConnections {
  /** Gold's own connection; nothing else may use it. */
  readonly gold: DuckDBConnection;
}

/** A model whose files or inputs failed it; the others go on without it. */
class ModelFailure extends Error {
  override readonly name = 'ModelFailure';
  readonly planned: PlannedModel;

  constructor(planned: PlannedModel, cause: unknown) {
    super(messageOf(cause), { cause });
    this.planned = planned;
  }
}

const MODEL_ERRORS = /^(Binder|Catalog|Conversion|Out of Range|Invalid Input|Parser|Mismatch Type|Constraint) Error/i;
const INPUT_GONE = /Catalog Error.*does not exist/is;

export class GoldRefresher {
  readonly models: readonly Model[];
  private readonly checks: readonly Check[];
  private readonly connection: DuckDBConnection;
  private readonly log: Logger;
  private readonly memory: RefreshMemory;
  private states: Map<string, ModelState>;
  private catalog: Catalog = new Map();
  private lastResults: Map<string, boolean>;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(
    parts: { connection: DuckDBConnection; log: Logger; models: Model[]; checks: Check[] },
    opened: Awaited<ReturnType<typeof openState>>,
    lastResults: Map<string, boolean>,
  ) {
    this.connection = parts.connection;
    this.log = parts.log;
    this.models = parts.models;
    this.checks = parts.checks;
    this.states = opened.models;
    this.memory = new RefreshMemory(opened.position);
    this.lastResults = lastResults;
  }

  /** Opens gold on its connection, with the models and checks of this code version. */
  static async open(connections: GoldConnections, log: Logger): Promise<GoldRefresher> {
    const connection = connections.gold;
    const opened = await openState(connection);
    return new GoldRefresher({ connection, log, models: loadModels(), checks: loadChecks() }, opened, await readLastResults(connection));
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
    const run = this.queue.then(() => this.serve(target, new Set()));
    this.queue = run.catch(() => undefined);
    return await run;
  }

  /** Builds one model, or all, anew at the store's current commit, together with what depends on them. */
  async rebuild(model?: string): Promise<GoldOutcome> {
    const forced = new Set(model === undefined ? this.models.map((each) => each.name) : [model]);
    const run = this.queue.then(() => this.serve({ commitId: this.memory.position.commitId, gtid: null, phase: 'streaming' }, forced));
    this.queue = run.catch(() => undefined);
    return await run;
  }

  private async serve(target: GoldTarget, forced: ReadonlySet<string>): Promise<GoldOutcome> {
    const started = performance.now();
    if (target.phase !== 'streaming') return this.outcome('waiting', started);
    this.memory.remember(target);
    if (forced.size === 0 && this.memory.isResting(started)) return this.outcome('paused', started);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.attempt(target, { forced, started });
      } catch (error) {
        await this.connection.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
        if (attempt > this.models.length) throw error;
        if (error instanceof ModelFailure) await this.hold(error);
        else if (INPUT_GONE.test(messageOf(error))) this.memory.forgetCatalog();
        else throw error;
      }
    }
  }

  private async attempt(target: GoldTarget, call: { forced: ReadonlySet<string>; started: number }): Promise<GoldOutcome> {
    await this.connection.run('BEGIN');
    const window = await this.look(target);
    if (window.commitId < this.memory.position.commitId) {
      throw new LedgerflowError(
        'LF_GOLD_AHEAD',
        `gold contains commit ${this.memory.position.commitId}, the store is at ${window.commitId}`,
      );
    }
    const plan = planRefresh({
      models: this.models,
      states: this.states,
      catalog: this.catalog,
      windows: window.tables,
      rebuildAboveRows: this.memory.rebuildAboveRows,
      forced: call.forced,
      resting: this.memory.restingModels(call.started),
    });
    const active = plan.filter(({ action }) => action === 'increment' || action === 'full');
    if (active.length === 0 && window.commitId === this.memory.position.commitId) {
      await this.connection.run('ROLLBACK');
      return this.outcome('unchanged', call.started, { plan });
    }
    const scope = { windows: window.tables, fresh: new Set<string>(), stale: new Set<string>(), literals: new Map<string, string>() };
    for (const planned of active) await this.apply(planned, { scope, total: active.length, index: active.indexOf(planned) });
    const due = dueChecks(this.checks, plan, scope);
    await loadDueLiterals(this.connection, due, scope);
    const results = await runChecks(
      this.connection,
      due.map(({ check, sql }) => ({ check, sql: sql() })),
    );
    if (results.some((result) => !result.passed && result.check.severity === 'block'))
      return await this.stop(results, { window, plan, started: call.started });
    return await this.commit(results, { window, plan, started: call.started });
  }

  /** What changed, within this transaction's snapshot. */
  private async look(target: GoldTarget): Promise<StoreWindow> {
    const since = this.memory.since;
    const hinted = this.memory.hintedInputs(this.inputs());
    let window = await readWindow(this.connection, hinted ?? this.inputs(), since);
    if (window.schemaCommit !== this.memory.schemaCommit) {
      const tables = this.models.flatMap((model) => model.silverInputs.map((input) => input.table));
      this.catalog = await readCatalog(this.connection, tables);
      this.memory.schemaCommit = window.schemaCommit;
      window = await readWindow(this.connection, this.inputs(), since);
    } else if (hinted !== null && window.commitId !== target.commitId) {
      window = await readWindow(this.connection, this.inputs(), since); // the store has moved on; the hint covers less than the snapshot
    }
    return window;
  }

  /** Captured tables the models read and that exist, once each. */
  private inputs(): SilverInput[] {
    const inputs = new Map(this.models.flatMap((model) => model.silverInputs.map((input) => [input.table, input] as const)));
    return [...inputs.values()].filter((input) => this.catalog.has(input.table));
  }

  private async apply(
    planned: PlannedModel,
    step: { scope: Parameters<typeof incrementTable>[2]; total: number; index: number },
  ): Promise<void> {
    const { model, action } = planned;
    try {
      if (action === 'increment') {
        await incrementTable(this.connection, model, step.scope);
        return;
      }
      const started = performance.now();
      const rows = await rebuildTable(this.connection, model);
      this.log.info(
        { model: model.name, rows, step: step.index + 1, of: step.total, ms: Math.round(performance.now() - started) },
        'gold model built',
      );
    } catch (error) {
      if (MODEL_ERRORS.test(messageOf(error))) throw new ModelFailure(planned, error);
      throw error;
    }
  }

  private async commit(
    results: readonly CheckResult[],
    at: { window: StoreWindow; plan: readonly PlannedModel[]; started: number },
  ): Promise<GoldOutcome> {
    const { window, plan } = at;
    const records = this.memory.resultsToRecord(results, this.lastResults, at.started);
    const states = changedStates(plan, this.states);
    const statements = [
      advanceSql(window.commitId, window.gtid),
      recordSql(records, this.lastResults, window.commitId),
      ...states.map((state) => modelStateSql(state, window.commitId)),
      'COMMIT',
    ];
    await this.connection.run(statements.filter((statement) => statement !== '').join(';\n'));
    for (const state of states) this.states.set(state.model, state);
    for (const { check, passed } of records) this.lastResults.set(check.name, passed);
    if (this.memory.isHeld) this.log.info({ commitId: window.commitId }, 'gold released: the checks pass again');
    this.memory.advanced(window);
    return this.outcome('refreshed', at.started, { plan, failures: results.filter((result) => !result.passed) });
  }

  /** A blocking check failed: nothing of this refresh stays but the record of it. */
  private async stop(
    results: readonly CheckResult[],
    at: { window: StoreWindow; plan: readonly PlannedModel[]; started: number },
  ): Promise<GoldOutcome> {
    await this.connection.run('ROLLBACK');
    const failures = results.filter((result) => !result.passed);
    const reason = failures.map(({ check, observed }) => `${check.name}: ${observed}`).join(' | ');
    const records = this.memory.resultsToRecord(results, this.lastResults, at.started);
    await this.connection.run(
      ['BEGIN', holdSql(reason), recordSql(records, this.lastResults, at.window.commitId), 'COMMIT']
        .filter((part) => part !== '')
        .join(';\n'),
    );
    for (const { check, passed } of records) this.lastResults.set(check.name, passed);
    if (!this.memory.isHeld)
      this.log.error({ commitId: at.window.commitId, reason }, 'gold held: a blocking check failed, the last good gold stays');
    this.memory.stopped(at.started, performance.now());
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
    await this.connection.run(`BEGIN; ${modelStateSql(state, this.memory.position.commitId)}; COMMIT`);
    this.states.set(model.name, state);
    this.memory.rest(model.name, performance.now());
  }

  private outcome(status: GoldOutcome['status'], started: number, found: Parameters<typeof outcomeOf>[2] = {}): GoldOutcome {
    return outcomeOf(status, { position: this.memory.position, durationMs: performance.now() - started }, found);
  }
}
