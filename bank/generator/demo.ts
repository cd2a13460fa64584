// The small world a first start loads, so that gold shows something at once: 20 customers, 40 accounts, 15 merchants,
// some 500 transactions over the last 30 days. The content follows from the seed; only the times follow the clock.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { throwIfAborted } from '../../infra/runtime/sleep.ts';
import { planActivity, type Movement, type Step } from './activity.ts';
import { connectBank, type BankLogin } from './connect.ts';
import { dateTimeText, insertMovements, insertWorld, resolvePending, type WorldIds } from './statements.ts';
import { planWorld, type World } from './world.ts';

export interface SeedDemoOptions extends BankLogin {
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** The instant the history ends, milliseconds since 1970; the clock by default. */
  readonly nowMs?: number;
}

export interface SeedDemoResult {
  /** False when the database had customers already: then nothing was touched. */
  readonly loaded: boolean;
  readonly customers: number;
  readonly accounts: number;
  readonly merchants: number;
  /** Rows inserted into transactions, opening balances not counted. */
  readonly transactions: number;
}

const DEMO_SEED = 20_261_121;
const SIZE = { customers: 20, merchants: 15 };
const STEPS = 520;
const DAY_MS = 86_400_000;
const HISTORY_MS = 30 * DAY_MS;
const ROWS_PER_STATEMENT = 20;
const LOCK_WAIT_SECONDS_MAX = 60;
const NOTHING: SeedDemoResult = { loaded: false, customers: 0, accounts: 0, merchants: 0, transactions: 0 };

/**
 * Loads the demo world if the bank has no customer but itself. Safe to call from several processes at once.
 * @throws LedgerflowError LF_MYSQL_UNREACHABLE, LF_MYSQL_LOGIN, LF_BANK_LOAD, LF_ABORTED
 */
export async function seedDemo(options: SeedDemoOptions): Promise<SeedDemoResult> {
  const connection = await connectBank(options);
  try {
    const lock = `ledgerflow.demo.${options.database}`.slice(0, 64);
    await connection.query('SELECT GET_LOCK(?, ?)', [lock, LOCK_WAIT_SECONDS_MAX]);
    if (await hasCustomers(connection)) return NOTHING;
    return await loadDemo(connection, options);
  } catch (error) {
    if (error instanceof LedgerflowError) throw error;
    throw new LedgerflowError('LF_BANK_LOAD', messageOf(error), { where: options.database, cause: error });
  } finally {
    connection.destroy();
  }
}

async function hasCustomers(connection: Connection): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT 1 FROM customers c WHERE NOT EXISTS
       (SELECT 1 FROM accounts a WHERE a.customer_id = c.customer_id AND a.account_type LIKE 'house%') LIMIT 1`,
  );
  return rows.length > 0;
}

async function loadDemo(connection: Connection, options: SeedDemoOptions): Promise<SeedDemoResult> {
  const seed = options.seed ?? DEMO_SEED;
  const startMs = (options.nowMs ?? Date.now()) - HISTORY_MS;
  const world = planWorld(seed, SIZE);
  const ids = await insertWorld(connection, world, dateTimeText(startMs));
  const writer = new HistoryWriter(connection, world, ids);
  const activity = planActivity(world, seed, 0, 1);
  for (let step = 1; step <= STEPS; step += 1) {
    throwIfAborted(options.signal);
    await writer.write(activity.next().value, dateTimeText(Math.floor(startMs + (step * HISTORY_MS) / (STEPS + 1))));
  }
  await writer.flush();
  const { customers, accounts, merchants } = world;
  return {
    loaded: true,
    customers: customers.length,
    accounts: accounts.length,
    merchants: merchants.length,
    transactions: writer.written,
  };
}

/** Writes steps in order, many movements a statement; a step that needs an earlier row's id waits for that row to be written first. */
class HistoryWriter {
  written = 0;
  private readonly connection: Connection;
  private readonly world: World;
  private readonly ids: WorldIds;
  private readonly transactionIds = new Map<number, bigint>();
  private waiting: { movement: Movement; at: string }[] = [];

  constructor(connection: Connection, world: World, ids: WorldIds) {
    this.connection = connection;
    this.world = world;
    this.ids = ids;
  }

  async write(step: Step, at: string): Promise<void> {
    const needs = step.kind === 'resolution' ? step.of : step.reference;
    if (needs !== undefined && !this.transactionIds.has(needs)) await this.flush();
    if (step.kind === 'resolution') return resolvePending(this.connection, this.transactionIds.get(step.of)!, step.status, at);
    this.waiting.push({ movement: step, at });
    if (this.waiting.length >= ROWS_PER_STATEMENT) await this.flush();
  }

  async flush(): Promise<void> {
    const { world, ids } = this;
    const rows = this.waiting;
    this.waiting = [];
    if (rows.length === 0) return;
    const referenceOf = ({ reference }: Movement) => (reference === undefined ? null : this.transactionIds.get(reference)!);
    const given = await insertMovements(
      this.connection,
      rows.map(({ movement, at }) => ({ movement, world, ids, at, reference: referenceOf(movement) })),
    );
    rows.forEach(({ movement }, index) => this.transactionIds.set(movement.sequence, given[index]!));
    this.written += rows.length;
  }
}
