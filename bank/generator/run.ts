// `ledgerflow generate`: a seeded world, then movements at a rate, straight into MySQL over several connections.
// Each connection owns a shard of the customers, so what it sends depends on the seed alone and never on who is faster.

import type { Connection } from 'mysql2/promise';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { retry } from '../../infra/runtime/retry.ts';
import { sleptThrough } from '../../infra/runtime/sleep.ts';
import { planActivity, type Step } from './activity.ts';
import { connectBank, type BankLogin } from './connect.ts';
import { dateTimeText, insertMovements, insertWorld, resolvePending, type WorldIds } from './statements.ts';
import { planWorld, type World } from './world.ts';

export interface GenerateOptions extends BankLogin {
  /** Customers to add; each has two accounts. */
  readonly customers: number;
  /** Transactions per second over all connections. */
  readonly rate: number;
  readonly durationSeconds: number;
  readonly seed: number;
  readonly connections?: number;
  readonly signal?: AbortSignal;
  /** Called once a second. */
  readonly onProgress?: (progress: GenerateProgress) => void;
}

export interface GenerateProgress {
  readonly elapsedSeconds: number;
  readonly transactions: number;
  readonly perSecond: number;
}

export interface GenerateSummary {
  readonly seed: number;
  readonly customers: number;
  readonly accounts: number;
  readonly merchants: number;
  /** Rows inserted into transactions by status at insert; `resolved` counts pending ones that were ended. */
  readonly posted: number;
  readonly pending: number;
  readonly failed: number;
  readonly resolved: number;
  readonly seconds: number;
  /** Statements sent again after a deadlock or a lock wait time-out. */
  readonly retries: number;
}

const CONNECTIONS_MAX = 8;
const MERCHANTS = 45;
const PROGRESS_INTERVAL_MS = 1_000;
/** Transaction ids remembered for refunds and resolutions, per connection. */
const REMEMBERED_MAX = 20_000;
const RETRY = { attemptsMax: 8, firstDelayMs: 5, delayMaxMs: 250 };
const PASSING = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT']);

interface Tally {
  posted: number;
  pending: number;
  failed: number;
  resolved: number;
  retries: number;
}

/**
 * Runs until the time is over or `signal` aborts; then answers what was done.
 * @throws LedgerflowError LF_MYSQL_UNREACHABLE, LF_MYSQL_LOGIN, LF_BANK_LOAD
 */
export async function generate(options: GenerateOptions): Promise<GenerateSummary> {
  const count = Math.max(1, Math.min(options.connections ?? CONNECTIONS_MAX, options.customers, Math.ceil(options.rate)));
  const world = planWorld(options.seed, { customers: options.customers, merchants: MERCHANTS });
  const tally: Tally = { posted: 0, pending: 0, failed: 0, resolved: 0, retries: 0 };
  const connections: Connection[] = [];
  try {
    for (let index = 0; index < count; index += 1) connections.push(await connectBank(options));
    const ids = await insertWorld(connections[0]!, world, dateTimeText(Date.now()));
    const startedMs = performance.now();
    const shards = connections.map((connection, index) => new Shard({ connection, world, ids, tally }, options.seed, index, count));
    const progress = setInterval(() => options.onProgress?.(progressOf(tally, startedMs)), PROGRESS_INTERVAL_MS);
    try {
      await Promise.all(shards.map((shard) => shard.run(options.rate / count, options.durationSeconds, options.signal)));
    } finally {
      clearInterval(progress);
    }
    const { seed, customers } = options;
    const seconds = (performance.now() - startedMs) / 1_000;
    return { seed, customers, accounts: world.accounts.length, merchants: world.merchants.length, ...tally, seconds };
  } catch (error) {
    if (error instanceof LedgerflowError) throw error;
    throw new LedgerflowError('LF_BANK_LOAD', messageOf(error), { where: options.database, cause: error });
  } finally {
    for (const connection of connections) connection.destroy();
  }
}

function progressOf(tally: Tally, startedMs: number): GenerateProgress {
  const elapsedSeconds = (performance.now() - startedMs) / 1_000;
  const transactions = tally.posted + tally.pending + tally.failed;
  return { elapsedSeconds, transactions, perSecond: transactions / elapsedSeconds };
}

interface ShardContext {
  readonly connection: Connection;
  readonly world: World;
  readonly ids: WorldIds;
  readonly tally: Tally;
}

/** One connection and the accounts it alone moves. */
class Shard {
  readonly #context: ShardContext;
  readonly #steps: Iterator<Step, never>;
  readonly #transactionIds = new Map<number, bigint>();

  constructor(context: ShardContext, seed: number, index: number, count: number) {
    this.#context = context;
    this.#steps = planActivity(context.world, seed, index, count);
  }

  /** Sends steps so that, on average, `rate` a second are sent; when behind, without pause. */
  async run(rate: number, durationSeconds: number, signal: AbortSignal | undefined): Promise<void> {
    const startedMs = performance.now();
    const steps = Math.round(rate * durationSeconds);
    for (let sent = 0; sent < steps && signal?.aborted !== true; sent += 1) {
      const aheadMs = (sent * 1_000) / rate - (performance.now() - startedMs);
      if (aheadMs > 1 && !(await sleptThrough(aheadMs, signal))) return;
      if (performance.now() - startedMs > durationSeconds * 1_000) return;
      await this.#send(this.#steps.next().value);
    }
  }

  async #send(step: Step): Promise<void> {
    const { tally } = this.#context;
    await retry(RETRY, () => this.#write(step), { retryWhen: mayPass, onRetry: () => (tally.retries += 1) });
    if (step.kind === 'resolution') tally.resolved += 1;
    else tally[step.status] += 1;
  }

  async #write(step: Step): Promise<void> {
    const { connection, world, ids } = this.#context;
    const at = dateTimeText(Date.now());
    if (step.kind === 'resolution') {
      const pending = this.#transactionIds.get(step.of);
      if (pending !== undefined) await resolvePending(connection, pending, step.status, at);
      return;
    }
    const reference = step.reference === undefined ? null : (this.#transactionIds.get(step.reference) ?? null);
    const [id] = await insertMovements(connection, [{ movement: step, world, ids, at, reference }]);
    if (step.type === 'PURCHASE' && step.status !== 'failed') this.#remember(step.sequence, id!);
  }

  #remember(sequence: number, id: bigint): void {
    this.#transactionIds.set(sequence, id);
    if (this.#transactionIds.size <= REMEMBERED_MAX) return;
    const [oldest] = this.#transactionIds.keys();
    this.#transactionIds.delete(oldest!);
  }
}

function mayPass(error: unknown): boolean {
  return PASSING.has((error as { code?: string }).code ?? '');
}
