// `ledgerflow generate --history`: the seeded world from its first customer to the last movement of its history.

import { createHash } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { requireWhole } from './check-references.ts';
import { connectBank, type BankLogin } from './connect.ts';
import { requireServiceLogin, writeHistory, type HistorySummary, type Witness } from './history.ts';
import { StatementFiles } from './statements/statement-files.ts';
import { TruthFiles } from './truth/truth-files.ts';
import { eventText, type WorldEvent } from './world/event.ts';
import { planPopulation, type SeededWorld } from './world/population.ts';
import { planEvents } from './world/plan.ts';
import { createWorld, findWorld, recordLoaded, type WorldKey, type WorldRecord } from './write/world-record.ts';

export interface SeededOptions extends BankLogin, WorldKey {
  /** Folder for ground truth; none is written without it. */
  readonly truthDirectory?: string | undefined;
  /** Folder for the statements of the banks on the other side; none are written without it. */
  readonly statementsDirectory?: string | undefined;
  /** Share of the movements that those banks book with a break. */
  readonly breakRate: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: SeededProgress) => void;
}

export interface SeededProgress {
  readonly movements: number;
  readonly perSecond: number;
  /** Share of the span that is written, 0 to 1. */
  readonly share: number;
  readonly secondsLeft: number;
}

export interface SeededSummary extends HistorySummary {
  readonly seed: number;
  readonly customers: number;
  readonly accounts: number;
  readonly merchants: number;
  /** ISO 8601. */
  readonly from: string;
  readonly until: string;
  readonly statementFiles: number;
  /** Seconds of the check of references and balances afterwards; 0 for a world that was there. */
  readonly checkSeconds: number;
  /** SHA-256 of the event stream, when ground truth is written: equal for equal worlds. */
  readonly eventsSha256: string | null;
}

const PROGRESS_INTERVAL_MS = 1_000;

/**
 * Adds the customers of the seeded world and writes their history; goes on with a history of the same options that was cut off, and writes
 * nothing of one that is there. Ground truth and statements are written whole in each case.
 * @throws LedgerflowError LF_MYSQL_UNREACHABLE, LF_MYSQL_LOGIN, LF_BANK_LOAD, LF_BANK_REFERENCES, LF_LEDGER_DRIFT, LF_ABORTED
 */
export async function generateSeeded(options: SeededOptions): Promise<SeededSummary> {
  const { world, record } = await openSeeded(options);
  if (record.liveEvents !== null && !record.loaded)
    throw new LedgerflowError('LF_USAGE', 'this world was begun with --via api: go on with that, or choose another --seed');
  const { ids, fromMs, untilMs } = record;
  const { truthDirectory, fraudRate, faultRate, statementsDirectory, breakRate } = options;
  const truth = truthDirectory === undefined ? undefined : new TruthFiles({ directory: truthDirectory, world, ids });
  const hash = truth === undefined ? undefined : createHash('sha256');
  const statements =
    statementsDirectory === undefined ? undefined : new StatementFiles({ directory: statementsDirectory, world, breakRate, truth });
  const witness: Witness = {
    movement: (settled, transactionId) => {
      truth?.movement(settled, transactionId);
      statements?.movement(settled, transactionId);
    },
    device: (event, deviceId) => truth?.device(event, deviceId),
  };
  const span = { fromMs, untilMs, fraudRate, faultRate };
  const events = hash === undefined ? planEvents(world, span) : hashed(planEvents(world, span), hash);
  const summary = await writeHistory({ ...options, world, record, events, witness, onProgress: progressOf(options, span) });
  const checkSeconds = record.loaded ? 0 : await check(options, record);
  const about = {
    seed: options.seed,
    customers: options.customers,
    accounts: world.accounts.length,
    merchants: world.directory.shops.length,
    from: new Date(fromMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    eventsSha256: hash === undefined ? null : hash.digest('hex'),
  };
  statements?.close(untilMs);
  const { seconds, found, ...written } = summary;
  const counts = { ...written, statementFiles: statements?.files ?? 0 };
  truth?.close({ ...about, fraudRate, faultRate, breakRate, ...counts });
  return { ...about, ...counts, found, seconds, checkSeconds };
}

/** The world with these options as the database has it; without a movement when it was not there. */
export async function openSeeded(options: SeededOptions): Promise<{ readonly world: SeededWorld; readonly record: WorldRecord }> {
  const world = planPopulation(options.seed, options.customers);
  return { world, record: await withControl(options, (connection) => openWorld(connection, options, world)) };
}

async function openWorld(connection: Connection, options: SeededOptions, world: SeededWorld): Promise<WorldRecord> {
  await requireServiceLogin(connection, options);
  const found = await findWorld(connection, options, world);
  if (found !== null) return found;
  return await createWorld(connection, { ...options, untilMs: options.untilMs ?? lastMidnight() }, world);
}

const DAY_MS = 86_400_000;

function lastMidnight(): number {
  return Math.floor(Date.now() / DAY_MS) * DAY_MS;
}

/** Foreign keys were off: what they would have said is asked now, at once. Answers the seconds it took. */
async function check(options: SeededOptions, { worldId }: WorldRecord): Promise<number> {
  const started = performance.now();
  await withControl(options, async (connection) => {
    await requireWhole(connection);
    await recordLoaded(connection, worldId);
  });
  return (performance.now() - started) / 1_000;
}

async function withControl<T>(options: SeededOptions, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connectBank(options);
  try {
    return await work(connection);
  } catch (error) {
    if (error instanceof LedgerflowError) throw error;
    throw new LedgerflowError('LF_BANK_LOAD', messageOf(error), { where: options.database, cause: error });
  } finally {
    connection.destroy();
  }
}

function* hashed(events: Iterable<WorldEvent>, hash: { update(text: string): unknown }): Generator<WorldEvent, void, undefined> {
  for (const event of events) {
    hash.update(`${eventText(event)}\n`);
    yield event;
  }
}

/** Tells at most once a second; the time left follows from the share of the span. */
function progressOf({ onProgress }: SeededOptions, span: { fromMs: number; untilMs: number }) {
  const startedMs = performance.now();
  let toldMs = startedMs;
  return ({ movements, atMs }: { movements: number; atMs: number }): void => {
    const nowMs = performance.now();
    if (nowMs - toldMs < PROGRESS_INTERVAL_MS) return;
    toldMs = nowMs;
    const seconds = (nowMs - startedMs) / 1_000;
    const share = (atMs - span.fromMs) / (span.untilMs - span.fromMs);
    onProgress?.({ movements, perSecond: movements / seconds, share, secondsLeft: share > 0 ? (seconds * (1 - share)) / share : Infinity });
  };
}
