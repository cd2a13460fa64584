// The working store as the pipeline sees it: stages, commits, folds and rolls, each step at a gate. A commit happens as a whole when its
// last gate opens, or when the processor dies there and the commit was on its way.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { APPLIED, DUPLICATE, CONTROL, PARKED, positionOf, TOMBSTONE, type CommitRequest } from '../../lake/store/batch.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import { keepFile } from '../../lake/store/keep-file.ts';
import type { Slot, StagedCommit } from '../../lake/store/staging-table.ts';
import { ParkedBook } from '../../lake/store/parked-book.ts';
import { ParkedJudge } from '../../lake/store/parked-judge.ts';
import type { SimDisk } from './disk.ts';
import type { Gates, Owner } from './gates.ts';
import type { CommitJudge } from './judge.ts';
import type { BronzeRow, StoreState } from './store-state.ts';

export const SEGMENTS = 'store/';
/** Larger commits write a file of their own. */
const OWN_SEGMENT_ROWS = 12;
const TAIL_ROWS_MAX = 60;

export interface StorePorts {
  readonly gates: Gates;
  readonly owner: Owner;
  readonly disk: SimDisk;
  readonly judge: CommitJudge;
  /** The store as it stands; replaced when a backup is put back. */
  readonly state: () => StoreState;
}

/** One processor's open store. */
export class SimStore {
  readonly epoch: number;
  readonly schemas = new Map<string, never>();
  private commitId: number;
  private stagedId: number;
  private readonly ports: StorePorts;
  private rolling: Promise<void> | null = null;
  private readonly judge: ParkedJudge;

  constructor(ports: StorePorts) {
    this.ports = ports;
    const state = ports.state();
    this.judge = new ParkedJudge(new ParkedBook(), (topicId) => state.topics.find((entry) => entry.topicId === topicId)?.topic ?? '');
    state.epoch += 1;
    this.epoch = state.epoch;
    this.commitId = state.commitId;
    this.stagedId = state.commitId;
    const listed = new Set(state.segments.map(({ file }) => file));
    for (const file of ports.disk.list(SEGMENTS)) {
      if (!listed.has(file) && (file.endsWith('.tmp') || lastOf(file) > state.commitId)) ports.disk.unlink(file);
    }
  }

  async stage(request: CommitRequest, slot: Slot): Promise<StagedCommit> {
    const { gates, owner } = this.ports;
    const commitId = (this.stagedId += 1);
    const staged = this.judge.first(request, slot, commitId);
    return gates.pass(owner, `stage ${commitId}`, () => staged);
  }

  async commit(staged: StagedCommit): Promise<CommitReport> {
    const { commitId, request } = staged;
    if (commitId !== this.commitId + 1) throw new Error(`commit ${commitId} does not follow ${this.commitId}`);
    const bronze = bronzeOf(staged);
    const segment = bronze.length >= OWN_SEGMENT_ROWS ? await this.writeSegment([commitId, commitId], bronze) : null;
    const { gates, owner } = this.ports;
    await gates.pass(owner, `commit ${commitId} at ${request.seq}`, () => this.apply(staged, bronze, segment), true);
    this.commitId = commitId;
    return reportOf(staged);
  }

  private apply(staged: StagedCommit, bronze: readonly BronzeRow[], segment: string | null): void {
    const { judge } = this.ports;
    const state = this.ports.state();
    if (state.epoch !== this.epoch) throw new LedgerflowError('LF_STORE_FENCED', 'a newer processor has taken the working store');
    const { request, commitId } = staged;
    const before = { seq: state.seq, progress: new Map(state.progress) };
    applySilver(state, staged);
    if (segment === null) state.tail.push(...bronze);
    else state.segments.push({ file: segment, lastCommit: commitId });
    for (const entry of request.progress) state.progress.set(`${entry.topicId}/${entry.partition}`, entry);
    noteUnreadable(state, staged);
    state.commitId = commitId;
    state.seq = request.seq;
    state.phase = request.phase;
    state.serverUuid = request.serverUuid ?? state.serverUuid;
    state.chain = `${state.chain}>${request.seq}:${bronze.length}`;
    state.commits.push({ commit: commitId, seq: request.seq, chain: state.chain, rows: bronze.length });
    judge.committed(before, staged, state);
  }

  private async writeSegment(commits: readonly [number, number], rows: readonly BronzeRow[]): Promise<string> {
    const { gates, owner, disk } = this.ports;
    // DuckDB's lock keeps a second processor from the store's files; here only their commits and publications meet.
    const file = `${SEGMENTS}${commits[0]}-${commits[1]}-${this.epoch}`;
    await gates.pass(owner, `write ${file}`, () => disk.write(`${file}.tmp`, rows));
    await keepFile(disk.gated(gates, owner), { unfinished: `${file}.tmp`, file, folder: SEGMENTS });
    return file;
  }

  afterCommit(): void {
    if (this.ports.state().tail.length > TAIL_ROWS_MAX && this.rolling === null) void this.roll();
  }

  async fold(): Promise<void> {
    const upTo = this.commitId;
    await this.ports.gates.pass(this.ports.owner, `fold ${upTo}`, () => this.ports.state().silver.fold(upTo));
  }

  async roll(): Promise<void> {
    await this.rolling;
    this.rolling = this.runRoll().finally(() => (this.rolling = null));
    await this.rolling;
  }

  private async runRoll(): Promise<void> {
    const upTo = this.commitId;
    const rows = this.ports.state().tail.filter(({ commit }) => commit <= upTo);
    if (rows.length === 0) return;
    const file = await this.writeSegment([rows[0]!.commit, upTo], rows);
    await this.ports.gates.pass(
      this.ports.owner,
      `roll ${upTo}`,
      () => {
        const state = this.ports.state();
        if (state.epoch !== this.epoch) return; // the second processor has rolled for itself
        state.tail = state.tail.filter(({ commit }) => commit > upTo);
        state.segments.push({ file, lastCommit: upTo });
      },
      true,
    );
  }
}

function lastOf(file: string): number {
  return Number(/-(\d+)/.exec(file)?.[1] ?? 0);
}

function bronzeOf({ request: { records }, commitId }: StagedCommit): BronzeRow[] {
  return Array.from({ length: records.count }, (_, i) => ({
    commit: commitId,
    topicId: records.topicId[i]!,
    partition: records.partition[i]!,
    offset: Number(records.offset[i]),
    disposition: records.disposition[i]!,
  }));
}

interface Image {
  readonly id: number;
  readonly v: string;
}

function applySilver(state: StoreState, { request, gone, commitId }: StagedCommit): void {
  const { records, tableOf, controls } = request;
  for (const control of controls) state.silver.control(control);
  for (let i = 0; i < records.count; i += 1) {
    const table = tableOf(records.topicId[i]!);
    const value = records.value(i);
    if (records.disposition[i] !== APPLIED || table === undefined || value === null) continue;
    const { before, after } = JSON.parse(value.toString()) as { before: Image | null; after: Image | null };
    const image = after ?? before;
    if (image === null) throw new Error('a row without image');
    const pos = positionOf(records.seq[i]!, records.ord[i]!, BigInt(records.offset[i]!));
    const version = { key: image.id, value: image.v, op: String.fromCharCode(records.op[i]!), pos };
    state.silver.add(table, version, gone[i] === 1 ? { key: image.id, pos, commit: commitId } : null);
  }
}

function noteUnreadable(state: StoreState, { request: { records }, held }: StagedCommit): void {
  for (const { index } of held.parked) {
    const topic = state.topics.find(({ topicId }) => topicId === records.topicId[index])?.topic ?? '';
    const place = `${topic}/${records.partition[index]}@${records.seq[index]}`;
    state.unreadable.set(place, (state.unreadable.get(place) ?? 0) + 1);
  }
}

function reportOf({ request, commitId, gone }: StagedCommit): CommitReport {
  const of = (disposition: number): number => request.records.disposition.filter((each) => each === disposition).length;
  return {
    ...{
      commitId,
      seq: request.seq,
      phase: request.phase,
      gtid: request.gtid,
      committedAt: 0,
      durationMs: 0,
      joined: false,
      told: new Map<string, null>(),
    },
    ...{ applied: of(APPLIED), duplicates: of(DUPLICATE), tombstones: of(TOMBSTONE), control: of(CONTROL), parked: of(PARKED) },
    ...{ redriven: 0, marks: gone.filter((each) => each === 1).length, tailRows: 0 },
  };
}
