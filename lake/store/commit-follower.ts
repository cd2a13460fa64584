// What may join a small commit's transaction, so that both become visible and durable at once (gold: lake/gold/join.ts).

import type { Phase } from './batch.ts';
import type { Told } from './commit-report.ts';

/** The commit whose transaction is open; its rows and its position are written. */
export interface OpenCommit {
  readonly commitId: number;
  readonly gtid: string | null;
  readonly phase: Phase;
  readonly told: Told;
}

/** What has joined; exactly one of the two is called. */
export interface Joined {
  /** The transaction has been committed. */
  committed(): Promise<void>;
  /** The transaction has been rolled back. */
  abandoned(): void;
}

export interface CommitFollower {
  /**
   * Writes its part on the writer's connection. Null: not this time; the commit goes on without it.
   * @throws FollowerFailed the transaction is lost, and is to be tried again without it
   */
  join(commit: OpenCommit): Promise<Joined | null>;
}

export class FollowerFailed extends Error {
  override readonly name = 'FollowerFailed';
}
