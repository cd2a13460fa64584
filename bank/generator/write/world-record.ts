// What the database knows of a seeded world: who it is, the first ids of its rows, and how far it is written.

import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { retry } from '../../../infra/runtime/retry.ts';
import { monthsBefore } from '../span.ts';
import type { SeededWorld } from '../world/population.ts';
import { idsFrom, insertPopulation, insertPrices, nextIds, type FirstIds, type WorldIds } from './population-rows.ts';
import { instantText } from './text.ts';

/** Connections that write a history; each has its own communities of customers. */
export const LANES = 2;

export interface WorldKey {
  readonly seed: number;
  readonly customers: number;
  /** Months of history before `untilMs`. */
  readonly months: number;
  /** End of the history, milliseconds since 1970; undefined: whatever it was when the world was begun, last midnight for a new one. */
  readonly untilMs?: number | undefined;
  readonly fraudRate: number;
  readonly faultRate: number;
}

export interface WorldRecord {
  readonly worldId: bigint;
  readonly ids: WorldIds;
  readonly fromMs: number;
  readonly untilMs: number;
  /** The history is complete. */
  readonly loaded: boolean;
  /** Events of the plan that live continuation has sent; null: it has not begun. */
  readonly liveEvents: number | null;
  /** First ids of the blocks of transaction ids. */
  readonly blocks: bigint[];
  /** Steps that each lane has written. */
  readonly laneSteps: readonly number[];
}

/** The newest world with this key, or null. */
export async function findWorld(connection: Connection, key: WorldKey, world: SeededWorld): Promise<WorldRecord | null> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT * FROM generator_worlds WHERE seed = ? AND customers = ? AND fraud_rate = ? AND fault_rate = ? ORDER BY world_id DESC`,
    [key.seed, key.customers, key.fraudRate, key.faultRate],
  );
  for (const row of rows) {
    const [fromMs, untilMs] = [msOf(row['from_at']), msOf(row['until_at'])];
    if (monthsBefore(untilMs, key.months) !== fromMs || (key.untilMs !== undefined && key.untilMs !== untilMs)) continue;
    const worldId = BigInt(row['world_id'] as string);
    const first: FirstIds = {
      customers: BigInt(row['first_customer'] as string),
      accounts: BigInt(row['first_account'] as string),
      merchants: BigInt(row['first_merchant'] as string),
      devices: BigInt(row['first_device'] as string),
      cards: BigInt(row['first_card'] as string),
    };
    const [blocks] = await connection.query<RowDataPacket[]>('SELECT first_id FROM generator_blocks WHERE world_id = ? ORDER BY block_no', [
      worldId,
    ]);
    const [lanes] = await connection.query<RowDataPacket[]>('SELECT steps FROM generator_lanes WHERE world_id = ? ORDER BY lane', [
      worldId,
    ]);
    return {
      worldId,
      fromMs,
      untilMs,
      ids: await idsFrom(connection, world, first),
      loaded: row['loaded_at'] !== null,
      liveEvents: row['live_events'] === null ? null : Number(row['live_events']),
      blocks: blocks.map((block) => BigInt(block['first_id'] as string)),
      laneSteps: lanes.map((lane) => Number(lane['steps'])),
    };
  }
  return null;
}

const ATTEMPTS = { attemptsMax: 3, firstDelayMs: 50, delayMaxMs: 500 };
/** Another client took one of the ids, or held a row. */
const PASSING = new Set(['ER_DUP_ENTRY', 'ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT']);

/** Writes customers, accounts, merchants, devices, cards, prices and the record of the world in one database transaction. */
export async function createWorld(connection: Connection, key: WorldKey & { untilMs: number }, world: SeededWorld): Promise<WorldRecord> {
  const fromMs = monthsBefore(key.untilMs, key.months);
  await retry(ATTEMPTS, () => writeWorld(connection, { ...key, fromMs }, world), {
    retryWhen: (error) => PASSING.has((error as { code?: string }).code ?? ''),
  });
  return (await findWorld(connection, key, world))!;
}

async function writeWorld(connection: Connection, key: WorldKey & { untilMs: number; fromMs: number }, world: SeededWorld): Promise<void> {
  const { seed, customers, fromMs, untilMs, fraudRate, faultRate } = key;
  const first = await nextIds(connection);
  await connection.query('BEGIN');
  try {
    await insertPopulation(connection, world, await idsFrom(connection, world, first), fromMs);
    await insertPrices(connection, fromMs, untilMs);
    const [{ insertId }] = await connection.query<ResultSetHeader>('INSERT INTO generator_worlds SET ?', [
      {
        ...{ seed, customers, from_at: instantText(fromMs), until_at: instantText(untilMs), fraud_rate: fraudRate, fault_rate: faultRate },
        ...{ lanes: LANES, first_customer: first.customers, first_account: first.accounts, first_merchant: first.merchants },
        ...{ first_device: first.devices, first_card: first.cards },
      },
    ]);
    const lanes = Array.from({ length: LANES }, (_, lane) => [insertId, lane, 0]);
    await connection.query('INSERT INTO generator_lanes (world_id, lane, steps) VALUES ?', [lanes]);
    await connection.query('COMMIT');
  } catch (error) {
    await connection.query('ROLLBACK');
    throw error;
  }
}

export async function recordBlock(connection: Connection, worldId: bigint, block: number, firstId: bigint): Promise<void> {
  await connection.query('INSERT INTO generator_blocks (world_id, block_no, first_id) VALUES (?, ?, ?)', [worldId, block, firstId]);
}

export async function recordLoaded(connection: Connection, worldId: bigint): Promise<void> {
  await connection.query('UPDATE generator_worlds SET loaded_at = UTC_TIMESTAMP(6) WHERE world_id = ?', [worldId]);
}

/** @param events of the plan that are sent, from its beginning */
export async function recordLive(connection: Connection, worldId: bigint, events: number): Promise<void> {
  await connection.query('UPDATE generator_worlds SET live_events = ? WHERE world_id = ?', [events, worldId]);
}

/** A DATETIME as text, in UTC. */
function msOf(text: unknown): number {
  return Date.parse(`${String(text).replace(' ', 'T').slice(0, 23)}Z`);
}
