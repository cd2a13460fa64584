// Months of the seeded world written in minutes: the plan is read once, in order; rows go out over two connections of the bank's service
// login, each with its own communities of customers, so neither ever waits for a row that the other one holds. A load that was cut off goes
// on where it stopped: the plan is read again from its beginning, and what the database has is passed over.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { throwIfAborted } from '../../infra/runtime/sleep.ts';
import { connectBank, type BankLogin } from './connect.ts';
import type { DeviceAdded, WorldEvent } from './world/event.ts';
import type { SeededWorld } from './world/population.ts';
import { HistoryRows } from './write/history-rows.ts';
import { Lane } from './write/lane.ts';
import { reserveTransactionIds } from './write/reserve.ts';
import { settledOf, type Settled } from './write/settle.ts';
import { instantText, textLiteral } from './write/text.ts';
import { LANES, recordBlock, type WorldRecord } from './write/world-record.ts';

/** Hears of everything that is written, in order; ground truth and statements are made from it. */
export interface Witness {
  readonly movement?: (settled: Settled, transactionId: bigint) => void;
  readonly device?: (event: DeviceAdded, deviceId: bigint) => void;
}

export interface HistoryOptions extends BankLogin {
  readonly world: SeededWorld;
  readonly record: WorldRecord;
  readonly events: Iterable<WorldEvent>;
  readonly witness?: Witness;
  readonly signal?: AbortSignal | undefined;
  /** Called every few thousand movements. */
  readonly onProgress?: (progress: { readonly movements: number; readonly atMs: number }) => void;
}

export interface HistorySummary {
  readonly posted: number;
  readonly failed: number;
  readonly pending: number;
  readonly devices: number;
  /** Movements that an earlier, interrupted load had written. */
  readonly found: number;
  readonly seconds: number;
}

/** Ids taken at once; a history that needs more takes more. */
export const RESERVED = 262_144;
const PROGRESS_EVERY = 5_000;
/** Every id in a history comes from MySQL itself or is a row written before, so looking each one up again is left out: half of the cost. */
const BULK_SESSION = `SET @ledgerflow_service = 1, SESSION transaction_isolation = 'READ-COMMITTED', SESSION foreign_key_checks = 0`;

/**
 * Writes `events` in order. The login must be the bank's service login: it posts itself (bank/schema/007_transaction_triggers.sql).
 * @throws LedgerflowError LF_MYSQL_UNREACHABLE, LF_MYSQL_LOGIN, LF_BANK_LOAD, LF_ABORTED
 */
export async function writeHistory(options: HistoryOptions): Promise<HistorySummary> {
  const connections: Connection[] = [];
  try {
    for (let made = 0; made <= LANES; made += 1) {
      const connection = await connectBank(options);
      connections.push(connection);
      await connection.query(BULK_SESSION);
    }
    return await new HistoryWriter(options, connections).run();
  } catch (error) {
    if (error instanceof LedgerflowError) throw error;
    throw new LedgerflowError('LF_BANK_LOAD', messageOf(error), { where: options.database, cause: error });
  } finally {
    for (const connection of connections) connection.destroy();
  }
}

/** @throws LedgerflowError LF_USAGE for any login but the bank's service */
export async function requireServiceLogin(connection: Connection, { user }: BankLogin): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(`SELECT USER() LIKE 'ledgerflow\\_service@%' AS service`);
  if (Number(rows[0]?.['service']) === 1) return;
  throw new LedgerflowError('LF_USAGE', `history is written with the login ledgerflow_service, not ${user}`);
}

class HistoryWriter {
  readonly #options: HistoryOptions;
  readonly #control: Connection;
  readonly #rows: HistoryRows;
  readonly #lanes: readonly Lane[];
  readonly #counts = { posted: 0, failed: 0, pending: 0, devices: 0, found: 0 };
  readonly #idOf: (n: number) => bigint;

  constructor(options: HistoryOptions, [control, ...lanes]: readonly Connection[]) {
    const { world, record } = options;
    this.#options = options;
    this.#control = control!;
    this.#rows = new HistoryRows(world, record.ids);
    const common = { books: this.#rows.books, accountIds: record.ids.accounts, worldId: record.worldId };
    this.#lanes = lanes.map((connection, lane) => new Lane({ ...common, connection, lane, steps: record.laneSteps[lane]! }));
    this.#idOf = transactionIdOf(record);
  }

  async run(): Promise<HistorySummary> {
    const started = performance.now();
    let seen = 0;
    for (const step of settledOf(this.#options.events)) {
      if (step.kind === 'device') this.#device(step);
      else await this.#settle(step);
      seen += 1;
      if (seen % PROGRESS_EVERY !== 0) continue;
      throwIfAborted(this.#options.signal);
      const { at } = step.kind === 'device' ? step : step.movement;
      this.#options.onProgress?.({ movements: this.#lanes.reduce((sum, { committed }) => sum + committed, 0), atMs: at });
    }
    await Promise.all(this.#lanes.map((lane) => lane.finish()));
    return { ...this.#counts, seconds: (performance.now() - started) / 1_000 };
  }

  #laneOf(customer: number): Lane {
    return this.#lanes[this.#options.world.citizens[customer]!.community % LANES]!;
  }

  async #settle(settled: Settled): Promise<void> {
    const { movement, status } = settled;
    const { world, witness, record } = this.#options;
    // A movement that was pending may come long after younger ones: blocks are taken up to its own.
    for (let block = record.blocks.length; block * RESERVED <= movement.n; block += 1) await this.#reserve(block);
    this.#counts[status] += 1;
    witness?.movement?.(settled, this.#idOf(movement.n));
    const lane = this.#laneOf(world.accounts[movement.account]!.customer);
    if (!lane.next()) {
      this.#counts.found += 1;
      this.#rows.pass(settled);
      return;
    }
    const moved = status !== 'posted' ? [] : movement.counter === null ? [movement.account] : [movement.account, movement.counter];
    await lane.add(this.#rows.write(settled, this.#idOf), moved);
  }

  async #reserve(block: number): Promise<void> {
    const { record } = this.#options;
    const firstId = await reserveTransactionIds(this.#control, record.ids, RESERVED);
    await recordBlock(this.#control, record.worldId, block, firstId);
    record.blocks.push(firstId);
  }

  #device(event: DeviceAdded): void {
    const { record, witness } = this.#options;
    const { ids } = record;
    const { customer, kind, os, fingerprint } = event.plan;
    const id = ids.devices[0]! + BigInt(event.device);
    ids.devices[event.device] = id;
    this.#counts.devices += 1;
    witness?.device?.(event, id);
    const lane = this.#laneOf(customer);
    if (lane.next())
      lane.device(`(${id},${ids.customers[customer]!},'${kind}',${textLiteral(os)},'${fingerprint}','${instantText(event.at)}')`);
  }
}

/** transaction_id of a movement by its number, once its block is taken. */
export function transactionIdOf({ blocks }: Pick<WorldRecord, 'blocks'>): (n: number) => bigint {
  return (n) => blocks[Math.floor(n / RESERVED)]! + BigInt(n % RESERVED);
}
