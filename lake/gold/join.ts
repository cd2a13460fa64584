// Gold inside a commit's own transaction, for small commits that say what they changed: one fsync instead of two, nothing to look up,
// and readers see silver and gold move together. Whatever is out of the ordinary (a rebuild, a held model, a failed check, a table that
// was dropped or truncated, a refresh under way) is left to a refresh of its own behind the commit.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { messageOf } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import type { Check } from '../checks/check.ts';
import { recordSql, type CheckResult } from '../checks/run.ts';
import { FollowerFailed, type Attendance, type CommitFollower, type OpenCommit } from '../store/commit-follower.ts';
import { applyPlan, judge } from './attempt.ts';
import type { Catalog } from './inputs.ts';
import type { Model } from './model.ts';
import { changedStates, outcomeOf, type GoldOutcome } from './outcome.ts';
import { planRefresh, type PlannedModel } from './plan.ts';
import type { RefreshMemory } from './refresh-memory.ts';
import { ADVANCE_WITH_COMMIT_SQL, type ModelState } from './state.ts';
import { toldWindow, type StoreWindow, type TableWindow } from './window.ts';
import { Workspace } from './workspace.ts';

/** What the refresher knows; both work with the same. */
export interface GoldKnowledge {
  readonly models: readonly Model[];
  readonly checks: readonly Check[];
  readonly states: ReadonlyMap<string, ModelState>;
  readonly lastResults: Map<string, boolean>;
  readonly memory: RefreshMemory;
  readonly log: Logger;
  /** Shapes of the captured tables as the last refresh saw them. */
  readonly catalog: () => Catalog;
  /** Keeps refreshes away until the function it returns is called; null while one is under way. */
  readonly take: () => (() => void) | null;
}

/** Gold's part of an open transaction. */
interface Done {
  readonly window: StoreWindow;
  readonly plan: readonly PlannedModel[];
  readonly pendingRows: number;
  readonly started: number;
}

/** After a failure gold is left to refreshes of its own for a while. */
const REST_MS = 5_000;

export class GoldJoin implements CommitFollower {
  /** What the last commit that gold joined did. */
  lastOutcome: GoldOutcome | null = null;
  private readonly known: GoldKnowledge;
  private readonly space: Workspace;
  private catalog: Catalog | null = null;
  private restUntil = 0;

  private constructor(known: GoldKnowledge, space: Workspace) {
    this.known = known;
    this.space = space;
  }

  /** @param writer connection of the commits */
  static async open(known: GoldKnowledge, writer: DuckDBConnection): Promise<GoldJoin> {
    return new GoldJoin(known, await Workspace.open(writer, known.models));
  }

  attend(commitId: number): Attendance | null {
    const { memory, take } = this.known;
    const upToDate = memory.position.commitId === commitId - 1 && memory.told?.size === 0 && !memory.isHeld && !memory.settlingOverdue;
    if (!upToDate || performance.now() < this.restUntil) return null;
    const release = take();
    if (release === null) return null;
    let done: Done | null = null;
    return {
      join: async (commit) => {
        done = await this.join(commit);
        return done !== null;
      },
      committed: async () => {
        if (done !== null) await this.committed(done);
        release();
      },
      left: () => {
        this.space.abandon();
        release();
      },
    };
  }

  private async join(commit: OpenCommit): Promise<Done | null> {
    const started = performance.now();
    const window = this.windowOf(commit);
    if (window === null) return null;
    try {
      return await this.follow(window, started);
    } catch (error) {
      this.restUntil = performance.now() + REST_MS;
      throw new FollowerFailed(messageOf(error), { cause: error });
    }
  }

  /** What changed, when the commit tells all of it; null otherwise. */
  private windowOf({ commitId, gtid, phase, told }: OpenCommit): StoreWindow | null {
    const { position, highestPos } = this.known.memory;
    if (phase !== 'streaming' || highestPos === null) return null;
    const tables = new Map<string, TableWindow>();
    for (const input of this.space.inputsOf(this.known.catalog())) {
      const change = told.get(input.table);
      if (change === undefined) continue;
      if (change === null) return null;
      tables.set(input.table, toldWindow(input, change, highestPos));
    }
    return { commitId, gtid: gtid ?? position.gtid, schemaCommit: '', tables };
  }

  private async follow(window: StoreWindow, started: number): Promise<Done | null> {
    const { models, states, checks, memory, log } = this.known;
    this.heedCatalog();
    const catalog = this.known.catalog();
    const none = new Set<string>();
    const { rebuildAboveRows } = memory;
    const plan = planRefresh({ models, states, catalog, windows: window.tables, rebuildAboveRows, forced: none, resting: none });
    const work = this.space.work(window, true);
    const ordinary = plan.every(({ action }) => action === 'increment' || action === 'skip' || action === 'waiting');
    if (work.batch === null || !ordinary || changedStates(plan, states).length > 0) return null;
    await applyPlan(
      plan.filter(({ action }) => action === 'increment'),
      work,
      log,
    );
    const results = await judge(checks, plan, work, { thorough: false, settling: false, last: ADVANCE_WITH_COMMIT_SQL });
    await this.record(results, window, started);
    faultPoint('gold.applied');
    return { window, plan, pendingRows: work.pendingRows, started };
  }

  private async record(results: readonly CheckResult[], window: StoreWindow, now: number): Promise<void> {
    const { memory, lastResults } = this.known;
    const sql = recordSql(memory.resultsToRecord(results, lastResults, now), lastResults, window.commitId);
    if (sql !== '') await this.space.connection.run(sql);
  }

  private async committed({ window, plan, pendingRows, started }: Done): Promise<void> {
    const { memory, log } = this.known;
    faultPoint('gold.done');
    memory.pendingRows += pendingRows;
    memory.advanced(window);
    this.lastOutcome = outcomeOf('refreshed', { position: memory.position, durationMs: performance.now() - started }, { plan });
    await this.space.clean().catch((error: unknown) => log.warn({ error: messageOf(error) }, 'gold: clean-up failed'));
  }

  /** Other shapes of the captured tables: what was planned with the old ones is void. */
  private heedCatalog(): void {
    const catalog = this.known.catalog();
    if (this.catalog !== null && this.catalog !== catalog) this.space.statements.forget();
    this.catalog = catalog;
  }
}
