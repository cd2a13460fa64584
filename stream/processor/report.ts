// What the processor says of itself at /status, put together from its parts.

import { GUARD_CODES } from '../../infra/runtime/error-codes-guard.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { HeldTableStatus, ProcessorStatus } from '../../infra/runtime/status.ts';
import type { GoldOutcome } from '../../lake/gold/outcome.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import type { Problems } from './problems.ts';
import { Freshness } from './freshness.ts';
import type { Held } from './holds.ts';
import type { Processor } from './processor.ts';
import { RateWindow, SnapshotProgress } from './status-report.ts';

const LAG_INTERVAL_MS = 1_000;

export interface GoldStanding {
  readonly commitId: number | null;
  readonly heldReason: string | null;
}

/** A held table for people, with what to do about it. */
function heldStatus({ table, code, reason, since, records, reread }: Held): HeldTableStatus {
  if (code === 'LF_CHANGE_HELD')
    return { table, code, reason, remedy: GUARD_CODES.LF_CHANGE_HELD.remedy, since, records, rereading: reread !== null };
  const mend = code === 'LF_COLUMN_UNSUPPORTED' ? 'Change the column to a carried type (docs/types.md), then run' : 'Run';
  const remedy = `${mend} \`ledgerflow connector resnapshot ${table}\`.`;
  return { table, code, reason, remedy, since, records, rereading: reread !== null };
}

/** Keeps the running numbers; `report()` is cheap enough to be asked often. */
export class StatusKeeper {
  readonly freshness: Freshness;
  readonly problems: Problems;
  gold: GoldStanding = { commitId: null, heldReason: null };
  publication: ProcessorStatus['publication'] = null;
  /** What the last comparisons with MySQL found. */
  verified: () => NonNullable<ProcessorStatus['verified']> = () => ({ at: null, through: null, tables: 0, different: [] });
  private readonly processor: Processor;
  private readonly store: StoreHandle;
  private readonly rate = new RateWindow();
  private readonly snapshot = new SnapshotProgress();
  private lag: number | null = null;

  constructor(config: Config, processor: Processor, store: StoreHandle, problems: Problems) {
    this.problems = problems;
    this.freshness = new Freshness(config.heartbeatIntervalMs);
    this.processor = processor;
    this.store = store;
  }

  committed(report: CommitReport): void {
    const now = Date.now();
    this.rate.add(report.applied, now);
    if (this.processor.phase === 'bootstrap') this.snapshot.count(report, now);
  }

  goldOutcome(outcome: GoldOutcome): void {
    const held = outcome.status === 'held' ? outcome.failures.map((failure) => failure.check.name).join(', ') : null;
    const heldReason = outcome.status === 'paused' ? this.gold.heldReason : held;
    this.gold = { commitId: outcome.commitId < 0 ? null : outcome.commitId, heldReason };
  }

  /** Asks the broker for the lag of every topic until aborted; unknown (null) while it does not answer. */
  async watchLag(signal: AbortSignal, onLag: (perTopic: ReadonlyMap<string, number> | null) => void): Promise<void> {
    while (!signal.aborted) {
      const perTopic = await this.processor.lagPerTopic().catch(() => null);
      this.lag = perTopic === null ? null : [...perTopic.values()].reduce((sum, lag) => sum + lag, 0);
      onLag(perTopic);
      await sleep(LAG_INTERVAL_MS, signal).catch(() => undefined); // aborted: the loop ends
    }
  }

  report(): ProcessorStatus {
    const now = Date.now();
    const { lastCommit, pausedFor, phase } = this.processor;
    const { state } = this.store;
    const problem = this.problems.line ?? pausedFor;
    const known = lastCommit ?? (state.commitId > 0 ? { commitId: state.commitId, gtid: state.gtid, committedAt: null } : null);
    return {
      state: problem !== null ? 'degraded' : phase === 'bootstrap' ? (known === null ? 'starting' : 'snapshot') : 'streaming',
      reason: problem,
      commit:
        known === null
          ? null
          : {
              id: known.commitId,
              gtid: known.gtid,
              committedAt: known.committedAt === null ? null : new Date(known.committedAt).toISOString(),
            },
      freshnessMs: this.freshness.value(now),
      eventsPerSecond: Math.round(this.rate.perSecond(now)),
      lagMessages: this.lag,
      parked: this.processor.deadLetters.book.open,
      heldTables: this.processor.holds.list().map(heldStatus),
      gold: this.gold,
      snapshot: phase === 'bootstrap' ? this.snapshot.report(this.lag, now) : null,
      publication: this.publication,
      verified: this.verified(),
      pid: process.pid,
    };
  }
}
