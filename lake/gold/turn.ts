// Brings the marts that are dear or do not add up (distinct customers, cohorts, churn, returns, histories) to gold's position, on turns
// behind the commits and on a connection of their own: no commit waits for them. One turn is one transaction at one snapshot, so its
// tables are of one cut, which ops.gold_turns names. By changed groups where a model has them, whole otherwise; rows that are as they
// were are not written.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { messageOf } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import type { Model } from './model.ts';
import { capturedSources, turnModels } from './physical.ts';
import { differenceSql, touchedSql, turnedSql, wantedSql } from './turn-sql.ts';

export interface TurnOutcome {
  /** Gold's commit that the models contain now. */
  readonly commitId: number;
  /** Rows written, by model; models without a change are not named. */
  readonly changed: ReadonlyMap<string, number>;
  readonly durationMs: number;
}

/** A turn begins this long after the one before at least … */
const TURN_EVERY_MS = 1_000;
/** … and after this many times what that one took: the processor belongs to the commits. */
const REST_FACTOR = 9;
/** A model that failed is left as it is this long. */
const FAILED_REST_MS = 60_000;

class TurnFailed extends Error {
  override readonly name = 'TurnFailed';
  readonly model: string;

  constructor(model: string, cause: unknown) {
    super(messageOf(cause), { cause });
    this.model = model;
  }
}

export class GoldTurns implements AsyncDisposable {
  private readonly connection: DuckDBConnection;
  private readonly models: readonly Model[];
  private readonly log: Logger;
  /** Captured tables each model is made of, through others too. */
  private readonly sources: ReadonlyMap<string, readonly string[]>;
  /** Models that failed. */
  private readonly restUntil = new Map<string, number>();
  private underWay: Promise<unknown> = Promise.resolve();

  /** @param connection of its own */
  constructor(connection: DuckDBConnection, models: readonly Model[], log: Logger) {
    this.connection = connection;
    this.models = turnModels(models);
    this.sources = capturedSources(models);
    this.log = log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.underWay.catch(() => undefined); // told to its caller
    this.connection.closeSync();
  }

  /** Turns until aborted. @param changed tells the models a turn has changed */
  async run(signal: AbortSignal, changed: (outcome: TurnOutcome) => void): Promise<void> {
    let restMs = TURN_EVERY_MS;
    while (!signal.aborted) {
      await sleep(restMs, signal).catch(() => undefined); // aborted: the loop ends
      if (signal.aborted) return;
      try {
        const outcome = await this.turn();
        if (outcome !== null) changed(outcome);
        restMs = Math.max(TURN_EVERY_MS, REST_FACTOR * (outcome?.durationMs ?? 0));
      } catch (error) {
        // A refresh built the same table anew at the same time, say; or a model cannot be computed. The others go on without it.
        const model = error instanceof TurnFailed ? error.model : null;
        if (model !== null) this.restUntil.set(model, performance.now() + FAILED_REST_MS);
        this.log.warn({ model, error: messageOf(error) }, 'gold turn failed, trying again');
      }
    }
  }

  /** One turn; null when every model is at gold's position. */
  async turn(): Promise<TurnOutcome | null> {
    const turn = this.attempt();
    this.underWay = turn;
    return await turn;
  }

  private async attempt(): Promise<TurnOutcome | null> {
    const started = performance.now();
    await this.connection.run('BEGIN');
    try {
      const { commitId, cuts } = await this.position();
      const resting = (name: string): boolean => performance.now() < (this.restUntil.get(name) ?? 0);
      const due = this.models.filter(({ name }) => (cuts.get(name) ?? commitId) < commitId && !resting(name));
      const changed = new Map<string, number>();
      const moved = await this.movedTables(Math.min(...due.map(({ name }) => cuts.get(name) ?? -1)));
      for (const model of due) {
        const concerned = this.sources.get(model.name)?.some((table) => moved.has(table)) === true;
        const rows = await this.bring(model, concerned ? (cuts.get(model.name) ?? -1) : null).catch((error: unknown) => {
          throw new TurnFailed(model.name, error);
        });
        if (rows > 0) changed.set(model.name, rows);
      }
      if (due.length > 0 && this.restUntil.size === 0) await this.connection.run('DELETE FROM _gold.touched');
      for (const { name } of due) this.restUntil.delete(name);
      await this.connection.run(due.length > 0 ? 'COMMIT' : 'ROLLBACK');
      return due.length === 0 ? null : { commitId, changed, durationMs: performance.now() - started };
    } catch (error) {
      await this.connection.run('ROLLBACK').catch(() => undefined); // none is open after an error of COMMIT
      throw error;
    }
  }

  /** Gold's commit, and what each model that is ready contains. */
  private async position(): Promise<{ commitId: number; cuts: Map<string, number> }> {
    const state = await this.connection.runAndReadAll('SELECT commit_id FROM ops.gold_state');
    const cuts = await this.connection.runAndReadAll(
      `SELECT t.model, t.commit_id FROM ops.gold_turns AS t JOIN ops.gold_models AS m ON m.model = t.model AND m.status = 'ready'`,
    );
    return {
      commitId: Number(state.getRows()[0]?.[0] ?? -1),
      cuts: new Map(cuts.getRows().map(([model, commit]) => [model as string, Number(commit)])),
    };
  }

  /** Captured tables with a version after the commit. */
  private async movedTables(cut: number): Promise<Set<string>> {
    if (!Number.isFinite(cut)) return new Set();
    const found = await this.connection.runAndReadAll(
      `SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = '_rows'`,
    );
    const wanted = new Set([...this.sources.values()].flat());
    const tables = found
      .getRows()
      .map(([table]) => table as string)
      .filter((table) => wanted.has(table));
    const parts = tables.map(
      (table) =>
        `SELECT ${literal(table)} WHERE EXISTS (FROM _rows.${ident(table)} WHERE _commit > ${cut}) OR EXISTS (FROM _past.${ident(table)} WHERE _gone_commit > ${cut})`,
    );
    if (parts.length === 0) return new Set();
    const moved = await this.connection.runAndReadAll(parts.join(' UNION ALL '));
    return new Set(moved.getRows().map(([table]) => table as string));
  }

  /** Returns the rows written. @param cut what the model contains; null: nothing it reads has changed since */
  private async bring(model: Model, cut: number | null): Promise<number> {
    const started = performance.now();
    const touched = cut === null ? null : touchedSql(model, cut);
    const groups = cut === null ? 0 : touched === null ? 1 : await this.fill(touched);
    let rows = 0;
    if (groups > 0) {
      await this.connection.run(wantedSql(model));
      for (const sql of differenceSql(model)) rows += (await this.connection.run(sql)).rowsChanged;
    }
    await this.connection.run(turnedSql(model, 'ops.gold_state', started));
    return rows;
  }

  private async fill(touched: string): Promise<number> {
    await this.connection.run(touched);
    return Number((await this.connection.runAndReadAll('SELECT count(*) FROM temp._turn_touched')).getRows()[0]?.[0] ?? 0);
  }
}
