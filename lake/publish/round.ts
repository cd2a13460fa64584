// The order of one publication, and how both sides find together after a crash inside it. The store and the lake are ports here:
// publication.ts and lake-position.ts give the real ones, the simulation (test/simulation) ones in memory.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Cut } from './source.ts';

export interface Publication {
  readonly publicationId: number;
  readonly commitId: number;
  readonly goldCommitId: number;
  readonly gtid: string | null;
  readonly chain: string;
  readonly publishedAt: string;
}

/** What the store notes about a publication. */
export interface PublicationNote extends Publication {
  readonly snapshot: number;
  readonly bronzeRows: number;
  readonly silverRows: number;
  readonly goldRows: number;
  readonly durationMs: number;
}

/** One transaction that reads the store and writes the lake, step by step. */
export interface RoundPorts<Written> {
  /** Opens the transaction at a quiet point. */
  openCut(): Promise<Cut>;
  /** Writes everything of the cut into the open transaction. */
  write(cut: Cut): Promise<Written>;
  /** Makes the files written durable. */
  sync(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** The store notes what the lake has; idempotent. */
  note(written: Written): Promise<PublicationNote>;
}

/**
 * @param last the lake's own last publication
 * @returns 'unchanged' when nothing has been committed since; 'bootstrap' while the initial snapshot is being read, because the lake
 * shows states the bank really had
 * @throws LedgerflowError LF_LAKE_AHEAD; anything a port throws: before the lake's commit nothing has happened, after it `reconcileRound` completes it
 */
export async function publishRound<Written>(
  ports: RoundPorts<Written>,
  last: Publication | null,
): Promise<{ readonly written: Written; readonly note: PublicationNote } | 'unchanged' | 'bootstrap'> {
  let written: Written;
  try {
    const cut = await ports.openCut();
    assertMonotone(cut, last);
    const unchanged = last?.commitId === cut.commitId && last.goldCommitId === cut.goldCommitId;
    if (unchanged || cut.phase !== 'streaming') {
      await ports.rollback();
      return unchanged ? 'unchanged' : 'bootstrap';
    }
    written = await ports.write(cut);
    await ports.sync();
    await ports.commit();
  } catch (error) {
    await ports.rollback().catch(() => undefined); // the first error is the one to report
    throw error;
  }
  return { written, note: await ports.note(written) };
}

/** G9: a publication never goes back behind what the lake has shown. */
function assertMonotone(cut: Cut, last: Publication | null): void {
  if (last !== null && cut.commitId < last.commitId) {
    throw new LedgerflowError('LF_LAKE_AHEAD', `the lake stands at commit ${last.commitId}, the store at ${cut.commitId}`);
  }
}

/** What each side knows of the last publication. */
export interface BothSides {
  lakeLast(): Promise<Publication | null>;
  /** Commit of the last publication the store has noted; 0 before the first. */
  notedCommit(): Promise<number>;
  storeCommit(): Promise<number>;
  /** Chain digest of a commit of the store; undefined when its row is gone. */
  storeChain(commitId: number): Promise<string | undefined>;
  noteAgain(lake: Publication): Promise<void>;
}

/**
 * Compares both sides and completes what a crash left open. The lake's own last publication is the truth.
 * @throws LedgerflowError LF_LAKE_BEHIND, LF_LAKE_AHEAD, LF_LAKE_FOREIGN
 */
export async function reconcileRound(sides: BothSides): Promise<Publication | null> {
  const lake = await sides.lakeLast();
  const noted = await sides.notedCommit();
  if (noted > (lake?.commitId ?? 0)) {
    const at = lake === null ? 'is empty' : `stands at commit ${lake.commitId}`;
    throw new LedgerflowError('LF_LAKE_BEHIND', `the store has published up to commit ${noted}, but the lake ${at}`);
  }
  if (lake === null) return null;
  await assertSameHistory(sides, lake);
  if (lake.commitId > noted) await sides.noteAgain(lake);
  return lake;
}

async function assertSameHistory(sides: BothSides, lake: Publication): Promise<void> {
  const commitId = await sides.storeCommit();
  if (commitId < lake.commitId) {
    throw new LedgerflowError('LF_LAKE_AHEAD', `the lake stands at commit ${lake.commitId}, the store only at ${commitId}`);
  }
  const chain = await sides.storeChain(lake.commitId);
  if (chain !== undefined && chain !== lake.chain) {
    throw new LedgerflowError('LF_LAKE_FOREIGN', `commit ${lake.commitId} of the lake is not the store's commit of that number`);
  }
}
