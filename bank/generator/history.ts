// Months of the seeded world written in minutes: the plan is read once, in order; rows go out over two connections of the bank's service
// login, each with its own communities of customers, so neither ever waits for a row that the other one holds.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { throwIfAborted } from '../../infra/runtime/sleep.ts';
import { connectBank, type BankLogin } from './connect.ts';
import type { Movement, WorldEvent } from './world/event.ts';
import type { SeededWorld } from './world/population.ts';
import { HistoryRows } from './write/history-rows.ts';
import type { Settled } from './write/settle.ts';
import { Lane } from './write/lane.ts';
import { insertDevices, type WorldIds } from './write/population-rows.ts';
import { reserveTransactionIds } from './write/reserve.ts';
import { instantText } from './write/text.ts';

/** Hears of everything that is written, in order; ground truth and statements are made from it. */
export interface Witness {
  readonly movement?: (settled: Settled, transactionId: bigint) => void;
  readonly device?: (event: Extract<WorldEvent, { kind: 'device' }>, deviceId: bigint) => void;
}

export interface HistoryOptions extends BankLogin {
  readonly world: SeededWorld;
  readonly ids: WorldIds;
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
  readonly seconds: number;
}

const LANES = 2;
/** Ids taken at once; a history that needs more takes more. */
const RESERVED = 262_144;
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
  readonly #firstIds: bigint[] = [];
  /** Movements that are pending: written when it is known what became of them. */
  readonly #pending = new Map<number, Movement>();
  readonly #counts = { posted: 0, failed: 0, pending: 0, devices: 0 };
  readonly #idOf = (n: number): bigint => this.#firstIds[Math.floor(n / RESERVED)]! + BigInt(n % RESERVED);

  constructor(options: HistoryOptions, [control, ...lanes]: readonly Connection[]) {
    const { world, ids } = options;
    this.#options = options;
    this.#control = control!;
    this.#rows = new HistoryRows(world, ids);
    this.#lanes = lanes.map((connection) => new Lane(connection, this.#rows.books, ids.accounts));
  }

  async run(): Promise<HistorySummary> {
    const started = performance.now();
    let seen = 0;
    for (const event of this.#options.events) {
      await this.#write(event);
      seen += 1;
      if (seen % PROGRESS_EVERY !== 0) continue;
      throwIfAborted(this.#options.signal);
      this.#options.onProgress?.({ movements: this.#lanes.reduce((sum, { committed }) => sum + committed, 0), atMs: event.at });
    }
    for (const movement of this.#pending.values()) await this.#settle({ kind: 'settled', movement, status: 'pending', postedMs: null });
    await Promise.all(this.#lanes.map((lane) => lane.finish()));
    return { ...this.#counts, seconds: (performance.now() - started) / 1_000 };
  }

  async #write(event: WorldEvent): Promise<void> {
    switch (event.kind) {
      case 'device':
        return this.#device(event);
      case 'resolution':
        this.#pending.delete(event.of.n);
        return this.#settle({
          kind: 'settled',
          movement: event.of,
          status: event.status,
          postedMs: event.status === 'posted' ? event.at : null,
        });
      case 'movement':
        if (event.n % RESERVED === 0) this.#firstIds.push(await reserveTransactionIds(this.#control, this.#options.ids, RESERVED));
        if (event.status === 'pending') this.#pending.set(event.n, event);
        else
          await this.#settle({
            kind: 'settled',
            movement: event,
            status: event.status,
            postedMs: event.status === 'posted' ? event.at : null,
          });
    }
  }

  async #settle(settled: Settled): Promise<void> {
    const { movement, status } = settled;
    const { world, witness } = this.#options;
    this.#counts[status] += 1;
    const text = this.#rows.write(settled, this.#idOf);
    witness?.movement?.(settled, this.#idOf(movement.n));
    const { community } = world.citizens[world.accounts[movement.account]!.customer]!;
    const moved = status !== 'posted' ? [] : movement.counter === null ? [movement.account] : [movement.account, movement.counter];
    await this.#lanes[community % LANES]!.add(text, moved);
  }

  async #device(event: Extract<WorldEvent, { kind: 'device' }>): Promise<void> {
    const { ids, witness } = this.#options;
    const row = { plan: event.plan, customer: ids.customers[event.plan.customer]!, at: instantText(event.at) };
    const [id] = await insertDevices(this.#control, [row]);
    ids.devices[event.device] = id!;
    this.#counts.devices += 1;
    witness?.device?.(event, id!);
  }
}
