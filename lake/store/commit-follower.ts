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

/** Somebody who is there for one commit, from before its transaction begins. Either `committed` or `left` is called at the end. */
export interface Attendance {
  /**
   * Writes its part on the writer's connection. False: not this time; nothing is written, and the commit goes on without it.
   * @throws FollowerFailed the transaction is lost, and is to be tried again without it
   */
  join(commit: OpenCommit): Promise<boolean>;
  /** The transaction it has joined has been committed. */
  committed(): Promise<void>;
  /** It has not joined, or the transaction has been rolled back. */
  left(): void;
}

export interface CommitFollower {
  /**
   * To be called before the transaction begins: what the follower writes must not have been written by others since then.
   * Null: the commit is not to be joined.
   */
  attend(commitId: number): Attendance | null;
}

export class FollowerFailed extends Error {
  override readonly name = 'FollowerFailed';
}
