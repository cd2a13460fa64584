// A commit that finds the disk full leaves no trace: it is tried again when there is room.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Committer } from '../../lake/store/commit.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import type { StagedCommit } from '../../lake/store/staging-table.ts';
import type { Cut } from './cut/cut.ts';

/** Returns when there is room again, or at the abort. */
export type SpaceNeeded = (error: LedgerflowError, signal: AbortSignal) => Promise<void>;

/** What a real disk and a real broker ask of the pipeline. */
export interface PipelineHooks {
  /** True while nothing may be taken: the disk is nearly full. */
  readonly held: () => boolean;
  /** A write of a commit found no space. */
  readonly spaceNeeded: SpaceNeeded;
  /** Looks for partitions that are not read yet: what a transaction seems to lack may be there. True when there were any. */
  readonly moreToRead: () => Promise<boolean>;
}

export async function commitWithSpace(
  committer: Pick<Committer, 'commit'>,
  staged: StagedCommit,
  spaceNeeded: SpaceNeeded | undefined,
  signal: AbortSignal,
): Promise<CommitReport> {
  for (;;) {
    try {
      return await committer.commit(staged);
    } catch (error) {
      const full = error instanceof LedgerflowError && error.code === 'LF_DISK_FULL';
      if (!full || spaceNeeded === undefined || signal.aborted) throw error;
      await spaceNeeded(error, signal);
    }
  }
}

/** The next cut, or null while the disk is held, or when partitions turn up that hold what a transaction seems to lack. */
export async function cutWith(hooks: PipelineHooks | undefined, choose: () => Cut | null): Promise<Cut | null> {
  if (hooks === undefined) return choose();
  if (hooks.held()) return null;
  try {
    return choose();
  } catch (error) {
    if (await hooks.moreToRead()) return null;
    throw error;
  }
}
