// What the refresher knows between two refreshes. All of it may be lost: without it the next refresh looks at more.

import type { CheckResult } from '../checks/run.ts';
import type { TableChange, Told } from '../store/commit-report.ts';
import type { GoldPosition } from './state.ts';
import { joined, type StoreWindow } from './window.ts';

/** Where the store is, as the caller knows it. */
export interface GoldTarget {
  readonly commitId: number;
  readonly gtid: string | null;
  readonly phase: string;
  /** What all commits since the call before said they changed; undefined: unknown. */
  readonly told?: Told;
}

/** What a call asks for beyond the changes. */
export interface Wish {
  readonly forced?: ReadonlySet<string>;
  readonly thorough?: boolean;
  readonly settle?: boolean;
  /** Statements that are part of the transaction, before anything else. */
  readonly first?: readonly string[];
  /** Statements and checks are run one by one, so that it is known what failed. */
  readonly detailed?: boolean;
}

/** Adds what one more commit said. */
export function addTold(to: Map<string, TableChange | null>, more: Told): void {
  for (const [table, change] of more) {
    const before = to.get(table);
    to.set(table, before === undefined ? change : joined(before, change));
  }
}

/** While gold is held, an attempt that took this long is not repeated at once. */
const RETRY_AT_ONCE_MS = 250;
const RETRY_AFTER_TIMES = 5;
const MODEL_REST_MS = 60_000;
/** A check's unchanged result is renewed in ops.checks at most this often. */
const RENEW_RESULT_MS = 60_000;

/** Changes of facts that readers add up on the way; more are moved into the settled sums between two refreshes … */
const SETTLE_AFTER_ROWS = 4_000;
/** … or, when there was no time between, in the middle of one. */
const SETTLE_AT_ONCE_ROWS = 100_000;

export class RefreshMemory {
  /** Changed rows of one table above which its models are built anew. */
  readonly rebuildAboveRows = 50_000;
  position: { commitId: number; gtid: string | null };
  isHeld: boolean;
  /** Highest source position gold has seen; null: unknown. */
  highestPos: bigint | null = null;
  /** Changes of facts that are not in the settled sums yet. */
  pendingRows = 0;
  /** What can have changed since gold's position; null: unknown. */
  told: Map<string, TableChange | null> | null = null;
  private restUntil = 0;
  private readonly modelRest = new Map<string, number>();
  private readonly renewedAt = new Map<string, number>();

  constructor(position: GoldPosition) {
    this.position = { commitId: position.commitId, gtid: position.gtid };
    this.isHeld = position.heldSince !== null;
  }

  /** A check failed while sums were settled: they have to be, before gold moves on. */
  private settleNext = false;

  get settlingDue(): boolean {
    return this.pendingRows >= SETTLE_AFTER_ROWS;
  }

  get settlingOverdue(): boolean {
    return this.settleNext || this.pendingRows >= SETTLE_AT_ONCE_ROWS;
  }

  /** Adds the caller's hint. Before the first success of this process there is no use for hints. */
  remember(target: GoldTarget): void {
    if (target.told === undefined) this.told = null;
    else if (this.told !== null) addTold(this.told, target.told);
  }

  advanced(window: StoreWindow): void {
    this.position = { commitId: window.commitId, gtid: window.gtid };
    this.isHeld = false;
    this.settleNext = false;
    this.restUntil = 0;
    this.told = new Map();
    for (const { highestPos } of window.tables.values()) {
      if (highestPos !== null && (this.highestPos === null || highestPos > this.highestPos)) this.highestPos = highestPos;
    }
  }

  stopped(started: number, now: number, settling: boolean): void {
    this.isHeld = true;
    this.settleNext ||= settling;
    const took = now - started;
    this.restUntil = took <= RETRY_AT_ONCE_MS ? 0 : now + RETRY_AFTER_TIMES * took;
  }

  isResting(now: number): boolean {
    return now < this.restUntil;
  }

  rest(model: string, now: number): void {
    this.modelRest.set(model, now + MODEL_REST_MS);
  }

  restingModels(now: number): Set<string> {
    return new Set([...this.modelRest].filter(([, until]) => now < until).map(([model]) => model));
  }

  /** Results that changed, and unchanged ones whose record is old. */
  resultsToRecord(results: readonly CheckResult[], last: ReadonlyMap<string, boolean>, now: number): CheckResult[] {
    const due = results.filter(
      ({ check, passed }) => last.get(check.name) !== passed || now - (this.renewedAt.get(check.name) ?? -Infinity) >= RENEW_RESULT_MS,
    );
    for (const { check } of due) this.renewedAt.set(check.name, now);
    return due;
  }
}
