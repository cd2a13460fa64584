// A commit that finds the disk full leaves no trace: it is tried again when there is room.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Committer } from '../../lake/store/commit.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import type { StagedCommit } from '../../lake/store/staging-table.ts';
import type { ControlAction } from '../../lake/store/batch.ts';
import type { Cut } from './cut/cut.ts';
import type { TakenCut } from './cut/take.ts';

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
  /** Looks at what a cut does to whole tables (stream/guard). */
  readonly guard?: CutGuard;
}

/** The hooks of the real processor. */
export function hooksOf(
  disk: { readonly holding: boolean; untilSpace: SpaceNeeded },
  watch: { refresh(): Promise<boolean> },
  guard: CutGuard,
): PipelineHooks {
  const spaceNeeded: SpaceNeeded = (error, signal) => disk.untilSpace(error, signal);
  return { held: () => disk.holding, spaceNeeded, moreToRead: () => watch.refresh(), guard };
}

export interface CutGuard {
  /** The cut, a shorter one that `choose` gives, or null while something in it waits for a person. */
  admit(cut: Cut, choose: () => Cut | null): Promise<Cut | null>;
  /** Tables that are held from now on, because a person refused what a transaction of the cut does to them. */
  holds(taken: TakenCut, tableOf: (topicId: number) => string | undefined): ControlAction[];
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

/**
 * The next cut, or null while the disk or the guard holds it, or when partitions turn up that hold what a transaction seems to lack.
 * @param previous the commit under way: what a control does to a table is judged by the rows it leaves
 */
export async function cutWith(hooks: PipelineHooks | undefined, choose: () => Cut | null, previous: Promise<void>): Promise<Cut | null> {
  if (hooks === undefined) return choose();
  if (hooks.held()) return null;
  const cut = await chosen(hooks, choose);
  if (cut === null || hooks.guard === undefined) return cut;
  if (cut.controls.length > 0) await previous;
  return await hooks.guard.admit(cut, choose);
}

async function chosen(hooks: PipelineHooks, choose: () => Cut | null): Promise<Cut | null> {
  try {
    return choose();
  } catch (error) {
    if (await hooks.moreToRead()) return null;
    throw error;
  }
}
