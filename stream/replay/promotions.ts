// Promotes and rolls back replays in the running processor: between two commits of the stream, as one commit of silver and gold.

import { existsSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { GoldOutcome } from '../../lake/gold/outcome.ts';
import type { GoldRefresher } from '../../lake/gold/refresh.ts';
import {
  promotedSql,
  readReplay,
  recordReplay,
  REPLAYS_DDL,
  rolledBackSql,
  type Replay,
  type ReplayStanding,
} from '../../lake/replay/book.ts';
import { giveBackSql, REPLAYED, takeSql } from '../../lake/replay/promote-sql.ts';
import type { Committer } from '../../lake/store/commit.ts';
import type { Housekeeping } from '../../lake/store/housekeeping.ts';
import type { Pipeline } from '../processor/pipeline.ts';

export interface PromotionsParts {
  readonly connection: DuckDBConnection;
  readonly refresher: Pick<GoldRefresher, 'rebuildWith'>;
  readonly processor: {
    readonly committer: Pick<Committer, 'commitAside' | 'schemas'>;
    readonly housekeeping: Pick<Housekeeping, 'idle'>;
    readonly commitBetween: Pipeline['commitBetween'];
  };
  /** The store's file of a replay. */
  readonly fileOf: (id: string) => string;
}

export interface Promotion {
  readonly commitId: number;
  readonly tables: readonly string[];
}

/** A turn of gold at the same moment: tried again this often. */
const ATTEMPTS_MAX = 5;

export class Promotions implements AsyncDisposable {
  private readonly parts: PromotionsParts;

  private constructor(parts: PromotionsParts) {
    this.parts = parts;
  }

  static async open(parts: PromotionsParts): Promise<Promotions> {
    await parts.connection.run(REPLAYS_DDL);
    return new Promotions(parts);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.parts.connection.closeSync();
    return Promise.resolve();
  }

  async record(replay: Replay): Promise<void> {
    await recordReplay(this.parts.connection, replay);
  }

  /** Rows that differ take the replay's contents, and gold is built on them; nothing happens when a blocking check fails. @throws LedgerflowError LF_REPLAY_REFUSED */
  async promote(id: string, by: string): Promise<Promotion> {
    const standing = await this.standing(id);
    if (standing.state === 'promoted' && standing.promotedCommit !== null)
      return { commitId: standing.promotedCommit, tables: standing.promoted }; // asked for again
    const { connection, fileOf } = this.parts;
    const file = fileOf(id);
    if (!existsSync(file)) throw refused(`the store of replay ${id} is gone`, file);
    const tables = this.tablesOf(standing);
    await connection.run(`ATTACH IF NOT EXISTS ${literal(file)} AS ${REPLAYED} (READ_ONLY)`);
    try {
      const statements = (commitId: number): string[] => [
        ...tables.flatMap((schema) => takeSql({ id, schema, toCommit: standing.toCommit }, commitId)),
        promotedSql(id, by, { commitId, tables: tables.map(({ table }) => table) }),
      ];
      const names = tables.map(({ table }) => table);
      return { commitId: await this.commit(statements, new Set(names)), tables: names };
    } finally {
      await connection.run(`DETACH ${REPLAYED}`);
    }
  }

  /** What a promotion replaced comes back where nothing has changed since. @throws LedgerflowError LF_REPLAY_REFUSED */
  async rollback(id: string, by: string): Promise<Promotion> {
    const { state, promotedCommit, promoted, toCommit } = await this.standing(id);
    if (state !== 'promoted' || promotedCommit === null) throw refused(`replay ${id} is ${state}: only a promoted one is rolled back`);
    const schemas = promoted.map((table) => this.schemaOf(table));
    const statements = (commitId: number): string[] => [
      ...schemas.flatMap((schema) => giveBackSql({ id, schema, toCommit }, promotedCommit, commitId)),
      rolledBackSql(id, by, commitId),
    ];
    return { commitId: await this.commit(statements, new Set(promoted)), tables: promoted };
  }

  private async standing(id: string): Promise<ReplayStanding> {
    const found = await readReplay(this.parts.connection, id);
    if (found === null) throw refused(`there is no replay ${id} that has been compared`);
    return found;
  }

  private tablesOf({ deltas }: ReplayStanding): ReturnType<Promotions['schemaOf']>[] {
    const differing = deltas.filter(
      ({ layer, added, gone, changed, remark }) => layer === 'silver' && (added + gone + changed > 0 || remark !== null),
    );
    for (const { table, remark } of differing) if (remark !== null) throw refused(`${table} cannot be taken over: ${remark}`);
    return differing.map(({ table }) => this.schemaOf(table));
  }

  private schemaOf(table: string): NonNullable<ReturnType<Committer['schemas']['get']>> {
    const schema = this.parts.processor.committer.schemas.get(table);
    if (schema === undefined) throw refused(`there is no table ${table} any more`);
    if (schema.keyColumns.length === 0) throw refused(`${table} has no primary key: its rows cannot be told apart`);
    return schema;
  }

  /** One commit of the store, made by gold's transaction. @returns its number */
  private async commit(statements: (commitId: number) => readonly string[], touched: ReadonlySet<string>): Promise<number> {
    const { processor, refresher } = this.parts;
    return await processor.commitBetween(async () => {
      await processor.housekeeping.idle();
      const transact = async (all: readonly string[], commitId: number): Promise<void> => {
        faultPoint('replay.promoting');
        const outcome = await this.withGold(refresher, all, commitId);
        if (outcome.status === 'held') {
          const why = outcome.failures.map(({ check, observed }) => `${check.name}: ${observed ?? ''}`).join(' | ');
          throw refused(`a check of gold would fail: ${why}`);
        }
        if (outcome.status !== 'refreshed') throw refused(`gold is ${outcome.status}`);
        faultPoint('replay.promoted');
      };
      const report = await processor.committer.commitAside({ statements, touched, redriven: 0, transact });
      return { result: report.commitId, report };
    });
  }

  private async withGold(refresher: PromotionsParts['refresher'], all: readonly string[], commitId: number): Promise<GoldOutcome> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await refresher.rebuildWith(all, commitId);
      } catch (error) {
        if (attempt >= ATTEMPTS_MAX || !/conflict/i.test(messageOf(error))) throw error;
      }
    }
  }
}

function refused(why: string, where?: string): LedgerflowError {
  return new LedgerflowError('LF_REPLAY_REFUSED', why, where === undefined ? {} : { where });
}
