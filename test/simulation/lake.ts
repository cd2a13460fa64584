// The published lake in memory: the ports of lake/publish/round.ts over it, and what publisher.ts remembers between two publications.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { publishRound, reconcileRound, type Publication, type PublicationNote, type RoundPorts } from '../../lake/publish/round.ts';
import type { Cut } from '../../lake/publish/source.ts';
import type { SimDisk } from './disk.ts';
import type { Gates, Owner } from './gates.ts';
import type { CommitJudge, PublishedCut } from './judge.ts';
import { TABLE_NAMES } from './messages.ts';
import type { StoreState } from './store-state.ts';

const LAKE = 'lake/';

/** The lake's catalog: survives every processor. */
export class SimLake {
  readonly published: PublishedCut[] = [];
  /** Newest epoch that has taken the lake. */
  epoch = 0;

  get last(): PublishedCut | null {
    return this.published.at(-1) ?? null;
  }
}

export interface PublisherPorts {
  readonly gates: Gates;
  readonly owner: Owner;
  readonly disk: SimDisk;
  readonly judge: CommitJudge;
  readonly lake: SimLake;
  readonly state: () => StoreState;
  readonly epoch: number;
  readonly roll: () => Promise<void>;
  readonly atQuietPoint: <T>(work: () => Promise<T>) => Promise<T>;
}

interface Writing {
  readonly cut: SimCut;
  readonly file: string;
  readonly files: readonly string[];
}

interface SimCut extends Cut {
  readonly silver: string;
  readonly segments: readonly string[];
}

export class SimPublisher {
  private readonly ports: PublisherPorts;
  private inDoubt = true;
  private last: Publication | null = null;
  busy = false;
  /** Why the lake refuses this store: a backup was put back, and its history is another one. */
  refused: string | null = null;

  constructor(ports: PublisherPorts) {
    this.ports = ports;
    ports.lake.epoch = Math.max(ports.lake.epoch, ports.epoch);
  }

  async publishOnce(): Promise<void> {
    this.busy = true;
    try {
      if (this.inDoubt) this.last = await this.reconcile();
      this.refused = null;
      this.inDoubt = true; // from here to the note in the store a failure may leave the two apart
      const round = await publishRound(this.transaction(), this.last);
      this.inDoubt = false;
      if (typeof round !== 'string') this.last = round.note;
    } catch (error) {
      if (error instanceof LedgerflowError && error.code.startsWith('LF_LAKE_')) this.refused = error.code;
      else if (!(error instanceof Error) || !/ failed$|the pipeline stops/.test(error.message)) throw error;
    } finally {
      this.busy = false;
    }
  }

  private reconcile(): Promise<Publication | null> {
    const { gates, owner, lake, state } = this.ports;
    return reconcileRound({
      lakeLast: () => gates.pass(owner, 'publish: lake?', () => lake.last),
      notedCommit: async () => state().published,
      storeCommit: async () => state().commitId,
      storeChain: async (commitId) => state().commits.find(({ commit }) => commit === commitId)?.chain,
      noteAgain: (published) => this.note(published),
    });
  }

  private transaction(): RoundPorts<Writing> {
    const { gates, owner, disk, lake, epoch } = this.ports;
    let writing: Writing | null = null;
    return {
      openCut: () => this.openCut(),
      write: async (opened) => {
        if (lake.epoch > epoch) throw new LedgerflowError('LF_LAKE_FENCED', `epoch ${lake.epoch} has taken the lake`);
        const cut = opened as SimCut;
        const links = cut.segments.map((segment) => segment.replace(/^store\//, LAKE));
        await gates.pass(owner, 'publish: adopt', () => {
          cut.segments.forEach((segment, i) => disk.link(segment, links[i]!));
          disk.syncFolder(LAKE);
        });
        const file = `${LAKE}${cut.commitId}-${epoch}.silver`;
        await gates.pass(owner, 'publish: write', () => disk.write(file, [cut.silver]));
        writing = { cut, file, files: [...(lake.last?.files ?? []), ...links] };
        return writing;
      },
      sync: () =>
        gates.pass(owner, 'publish: sync', () => {
          if (writing !== null) disk.sync(writing.file);
          disk.syncFolder(LAKE);
        }),
      commit: async () => {
        if (writing !== null) await this.commitLake(writing);
      },
      rollback: async () => undefined,
      note: async ({ cut }) => {
        const note = this.noteOf(cut);
        await this.note(note);
        return note;
      },
    };
  }

  private async openCut(): Promise<SimCut> {
    const { gates, owner, roll, atQuietPoint, state } = this.ports;
    await roll();
    return atQuietPoint(async () => {
      await roll();
      return gates.pass(owner, 'publish: cut', () => cutOf(state()));
    });
  }

  private commitLake({ cut, file, files }: Writing): Promise<void> {
    const { gates, owner, lake, judge, state } = this.ports;
    const before = lake.last;
    const next = { ...this.noteOf(cut), seq: cut.seq, file, files };
    return gates.pass(
      owner,
      'publish: commit',
      () => {
        // The catalog's file is locked by one process: who lost it cannot commit any more.
        if (lake.epoch > this.ports.epoch) throw new LedgerflowError('LF_LAKE_FENCED', `epoch ${lake.epoch} has taken the lake`);
        lake.published.push(next);
        judge.published(next, before, state());
      },
      true,
    );
  }

  private noteOf({ commitId, gtid, chain }: SimCut): PublicationNote {
    const publicationId = (this.last?.publicationId ?? 0) + 1;
    const counts = { bronzeRows: 0, silverRows: 0, goldRows: 0, durationMs: 0 };
    return { publicationId, commitId, goldCommitId: commitId, gtid, chain, publishedAt: '', snapshot: publicationId, ...counts };
  }

  private note({ commitId }: Publication): Promise<void> {
    const { gates, owner, state } = this.ports;
    return gates.pass(
      owner,
      'publish: note',
      () => {
        const store = state();
        store.published = Math.max(store.published, commitId);
        store.segments = store.segments.filter((segment) => segment.lastCommit > commitId);
        store.tail = store.tail.filter(({ commit }) => commit > commitId);
      },
      true,
    );
  }
}

function cutOf(state: StoreState): SimCut {
  return {
    ...{ commitId: state.commitId, phase: state.phase, goldCommitId: state.commitId, goldGtid: null, seq: state.seq, gtid: null },
    ...{ committedAt: null, chain: state.chain, offsets: {}, silver: state.silver.describe(TABLE_NAMES) },
    segments: state.segments.map(({ file }) => file),
  };
}
