// `ledgerflow generate --history`: the seeded world from its first customer to the last movement of its history.

import { createHash } from 'node:crypto';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { connectBank, type BankLogin } from './connect.ts';
import { requireServiceLogin, writeHistory, type HistorySummary, type Witness } from './history.ts';
import { monthsBefore } from './span.ts';
import { StatementFiles } from './statements/statement-files.ts';
import { TruthFiles } from './truth/truth-files.ts';
import { eventText, type WorldEvent } from './world/event.ts';
import { planPopulation, type SeededWorld } from './world/population.ts';
import { planEvents } from './world/plan.ts';
import { insertPopulation, type WorldIds } from './write/population-rows.ts';

export interface SeededOptions extends BankLogin {
  readonly seed: number;
  readonly customers: number;
  /** Months of history before `untilMs`. */
  readonly months: number;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
  readonly fraudRate: number;
  readonly faultRate: number;
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
  /** SHA-256 of the event stream, when ground truth is written: equal for equal worlds. */
  readonly eventsSha256: string | null;
}

const PROGRESS_INTERVAL_MS = 1_000;

/**
 * Adds the customers of the seeded world and writes their history.
 * @throws LedgerflowError LF_MYSQL_UNREACHABLE, LF_MYSQL_LOGIN, LF_BANK_LOAD, LF_ABORTED
 */
export async function generateSeeded(options: SeededOptions): Promise<SeededSummary> {
  const world = planPopulation(options.seed, options.customers);
  const span = {
    fromMs: monthsBefore(options.untilMs, options.months),
    untilMs: options.untilMs,
    fraudRate: options.fraudRate,
    faultRate: options.faultRate,
  };
  const ids = await loadPopulation(options, world, span.fromMs);
  const { truthDirectory } = options;
  const truth = truthDirectory === undefined ? undefined : new TruthFiles({ directory: truthDirectory, world, ids });
  const hash = truth === undefined ? undefined : createHash('sha256');
  const { statementsDirectory: directory, breakRate } = options;
  const statements = directory === undefined ? undefined : new StatementFiles({ directory, world, breakRate, truth });
  const witness: Witness = {
    movement: (settled, transactionId) => {
      truth?.movement(settled, transactionId);
      statements?.movement(settled, transactionId);
    },
    device: (event, deviceId) => truth?.device(event, deviceId),
  };
  const events = hash === undefined ? planEvents(world, span) : hashed(planEvents(world, span), hash);
  const summary = await writeHistory({ ...options, world, ids, events, witness, onProgress: progressOf(options, span) });
  const about = {
    seed: options.seed,
    customers: options.customers,
    accounts: world.accounts.length,
    merchants: world.directory.shops.length,
    from: new Date(span.fromMs).toISOString(),
    until: new Date(span.untilMs).toISOString(),
    eventsSha256: hash === undefined ? null : hash.digest('hex'),
  };
  statements?.close(span.untilMs);
  const { seconds, ...written } = summary;
  const counts = { ...written, statementFiles: statements?.files ?? 0 };
  truth?.close({ ...about, fraudRate: options.fraudRate, faultRate: options.faultRate, breakRate, ...counts });
  return { ...about, ...counts, seconds };
}

async function loadPopulation(options: SeededOptions, world: SeededWorld, fromMs: number): Promise<WorldIds> {
  const connection = await connectBank(options);
  try {
    await requireServiceLogin(connection, options);
    return await insertPopulation(connection, world, fromMs);
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
