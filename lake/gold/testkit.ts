// Starts gold over a small store, for tests, and compares its tables with their models.

import type { DuckDBConnection } from '@duckdb/node-api';
import { pino } from 'pino';
import type { Told } from '../store/commit-report.ts';
import { loadModels } from './model.ts';
import type { GoldOutcome } from './outcome.ts';
import { GoldRefresher } from './refresh.ts';
import { fullSelect } from './sums.ts';
import { GoldTurns } from './turn.ts';
import { FixtureStore } from './testkit-store.ts';

export const log = pino({ level: 'silent' });

export interface GoldStand extends AsyncDisposable {
  readonly store: FixtureStore;
  readonly gold: GoldRefresher;
  readonly connection: DuckDBConnection;
  readonly turns: GoldTurns;
  readonly refresh: (told?: Told) => Promise<GoldOutcome>;
}

/** @param tables captured tables that exist at the start; default: all of the bank's */
export async function startGold(tables?: readonly string[]): Promise<GoldStand> {
  const store = await FixtureStore.open(':memory:', tables);
  const connection = await store.instance.connect();
  const gold = await GoldRefresher.open({ gold: connection }, log);
  const refresh = (told?: Told): Promise<GoldOutcome> =>
    gold.refresh({
      commitId: store.commitId,
      gtid: `uuid:1-${store.commitId}`,
      phase: 'streaming',
      ...(told === undefined ? {} : { told }),
    });
  const turns = new GoldTurns(await store.instance.connect(), gold.models, log);
  return { store, gold, connection, turns, refresh, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

export async function rows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

/**
 * Differences between every model's table and its SELECT over the same snapshot, both ways. A view is its SELECT.
 * @param turned whether a turn has just ended, so that the models of turns must be equal too
 */
export async function differences(store: FixtureStore, turned = false): Promise<string[]> {
  const found: string[] = [];
  const kinds = turned ? ['rows', 'sums', 'turn', 'history'] : ['rows', 'sums'];
  for (const model of loadModels().filter(({ refresh }) => kinds.includes(refresh))) {
    const columns = model.columns.map((column) => `CAST(${column.name} AS ${column.type})`).join(', ');
    const table = `SELECT ${columns} FROM gold.${model.name}`;
    const select = `SELECT ${columns} FROM (${fullSelect(model)})`;
    const sql = `SELECT 'table' AS side, * FROM (${table} EXCEPT ALL ${select}) UNION ALL SELECT 'select', * FROM (${select} EXCEPT ALL ${table})`;
    for (const row of await rows(store.writer, sql)) found.push(`${model.name}: ${JSON.stringify(row)}`);
  }
  return found;
}
