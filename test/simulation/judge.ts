// The judge: looks at every commit of the store and at every publication of the lake, the moment it happens, and compares it with the
// source's history and with what is in Kafka. Throws at the first difference.

import type { Publication } from '../../lake/publish/round.ts';
import { APPLIED, type PartitionProgress } from '../../lake/store/batch.ts';
import type { StagedCommit } from '../../lake/store/staging-table.ts';
import type { History, SourceRecord } from '../../stream/processor/cut/testing/history.ts';
import type { SimDisk } from './disk.ts';
import type { SimKafka } from './kafka.ts';
import { TABLE_NAMES } from './messages.ts';
import type { BronzeRow, StoreState } from './store-state.ts';
import { check } from './violation.ts';

export interface PublishedCut extends Publication {
  readonly seq: number;
  /** Holds silver. */
  readonly file: string;
  /** Bronze files, those of earlier publications included. */
  readonly files: readonly string[];
}

interface Before {
  readonly seq: number;
  readonly progress: ReadonlyMap<string, PartitionProgress>;
}

export class CommitJudge {
  private readonly history: History;
  private readonly kafka: SimKafka;
  private readonly disk: SimDisk;
  /** Row records of each transaction, and those of the rest. */
  private readonly rowsOf = new Map<number, string[]>();
  commits = 0;
  publications = 0;

  constructor(history: History, kafka: SimKafka, disk: SimDisk) {
    this.history = history;
    this.kafka = kafka;
    this.disk = disk;
    for (const record of history.records) {
      if (!isStreamedRow(record)) continue;
      const ids = this.rowsOf.get(record.seq);
      if (ids === undefined) this.rowsOf.set(record.seq, [record.id]);
      else ids.push(record.id);
    }
  }

  /** A commit has happened. */
  committed(before: Before, { request, commitId }: StagedCommit, state: StoreState): void {
    this.commits += 1;
    check(state.seq >= before.seq, `commit ${commitId} goes back from ${before.seq} to ${state.seq}`);
    this.offsets(before, request, state);
    this.wholeTransactions(before, request, state);
    if (state.phase === 'streaming') this.silver(state, `commit ${commitId}`);
  }

  /** G1 and G2: offsets contiguous, every message accounted for, the offsets saved are those of the rows. */
  private offsets(before: Before, { records, progress }: StagedCommit['request'], state: StoreState): void {
    const next = new Map([...before.progress].map(([place, entry]) => [place, entry.nextOffset]));
    for (let i = 0; i < records.count; i += 1) {
      const place = `${records.topicId[i]}/${records.partition[i]}`;
      const expected = next.get(place) ?? 0n;
      check(BigInt(records.offset[i]!) === expected, `offset ${records.offset[i]} of ${place} where ${expected} is next`);
      next.set(place, expected + 1n);
      this.sameBytes(state, records, i);
    }
    for (const entry of progress) {
      const place = `${entry.topicId}/${entry.partition}`;
      check(entry.nextOffset === next.get(place), `${place} goes on at ${entry.nextOffset}, its rows end before ${next.get(place)}`);
    }
    const dispositions = records.disposition.filter((each) => each >= 0 && each <= 4).length;
    check(dispositions === records.count && records.count === records.offset.length, 'dispositions do not add up');
  }

  private sameBytes(state: StoreState, records: StagedCommit['request']['records'], i: number): void {
    const message = this.messageAt(state, {
      topicId: records.topicId[i]!,
      partition: records.partition[i]!,
      offset: Number(records.offset[i]),
    });
    check(message !== undefined, 'a bronze row that is not in Kafka');
    const same = (a: Buffer | null, b: Buffer | null | undefined): boolean =>
      a === null || b === null || b === undefined ? a === b : a.equals(b);
    check(same(message.value, records.value(i)) && same(message.key, records.key(i)), 'a bronze row with other bytes than in Kafka');
  }

  private messageAt(state: StoreState, { topicId, partition, offset }: Pick<BronzeRow, 'topicId' | 'partition' | 'offset'>) {
    const topic = state.topics.find((entry) => entry.topicId === topicId)?.topic ?? '';
    return this.kafka.of(topic)[partition]?.log[offset];
  }

  /** G3 and G4: exactly the rows of the transactions between both cuts, each for the first time. */
  private wholeTransactions(before: Before, { records }: StagedCommit['request'], state: StoreState): void {
    const got: string[] = [];
    for (let i = 0; i < records.count; i += 1) {
      if (records.disposition[i] !== APPLIED) continue;
      const at = { topicId: records.topicId[i]!, partition: records.partition[i]!, offset: Number(records.offset[i]) };
      const index = this.messageAt(state, at)?.index ?? -1;
      const record = this.history.records[index];
      check(record?.row !== null && record !== undefined, `${record?.id ?? 'a message of Connect'} is applied and is no row`);
      if (!isStreamedRow(record)) continue; // rows of snapshots may be applied again: the same row at the same position
      const again = (state.applied.get(record.id) ?? 0) > 0;
      // Rows of an XA transaction have no order to know them by: emitted again before they are cut, they are applied again, in order.
      check(!again || (record.kind === 'outside' && got.includes(record.id)), `${record.id} is applied twice`);
      state.applied.set(record.id, 1);
      if (!again) got.push(record.id);
    }
    const want: string[] = [];
    for (let seq = Math.max(0, before.seq + 1); seq <= state.seq; seq += 1) want.push(...(this.rowsOf.get(seq) ?? []));
    check(
      got.sort().join() === want.sort().join(),
      () => `cut ${before.seq}..${state.seq} applies ${got.join() || 'nothing'} instead of ${want.join()}`,
    );
  }

  /** Silver is what MySQL had after the transaction of the cut. */
  silver(state: StoreState, what: string): void {
    const found = state.silver.describe(TABLE_NAMES);
    const wanted = this.history.stateAt(Math.max(this.history.base, state.seq));
    check(found === wanted, () => `${what} at ${state.seq}: silver is ${found}, MySQL had ${wanted}`);
  }

  /** Everything up to the offsets saved is in bronze once, in the lake, the segments or the tail. */
  bronze(state: StoreState, lake: readonly string[]): void {
    // What the lake has beyond the store's note is listed in the store's segments still, as the view bronze.changes reads it.
    const published = lake.flatMap((file) => this.rowsIn(file)).filter(({ commit }) => commit <= state.published);
    const rows = [...published, ...state.segments.flatMap(({ file }) => this.rowsIn(file)), ...state.tail];
    this.accounted(rows, state, state.commitId);
  }

  private rowsIn(file: string): readonly BronzeRow[] {
    const rows = this.disk.read(file);
    check(rows !== null, `${file} is listed and is not there`);
    check(rows.length > 0, `${file} is listed and is empty`);
    return rows as readonly BronzeRow[];
  }

  private accounted(rows: readonly BronzeRow[], state: StoreState, upTo: number): void {
    const perPartition = new Map<string, number[]>();
    for (const { topicId, partition, offset, commit } of rows) {
      check(commit <= upTo, `bronze holds commit ${commit} behind ${upTo}`);
      const place = `${topicId}/${partition}`;
      const offsets = perPartition.get(place);
      if (offsets === undefined) perPartition.set(place, [offset]);
      else offsets.push(offset);
    }
    for (const [place, offsets] of perPartition) {
      offsets.sort((a, b) => a - b);
      offsets.forEach((offset, i) => check(offset === i, `bronze of ${place} has offset ${offset} where ${i} is next`));
    }
    const committed = state.commits.filter(({ commit }) => commit <= upTo).reduce((sum, commit) => sum + commit.rows, 0);
    check(rows.length === committed, `bronze has ${rows.length} rows, the commits up to ${upTo} have ${committed}`);
  }

  /** G9, and: what is published is a state that was committed, whole and durable. */
  published(cut: PublishedCut, before: PublishedCut | null, state: StoreState): void {
    this.publications += 1;
    check(cut.commitId > (before?.commitId ?? 0), `the lake goes from commit ${before?.commitId ?? 0} to ${cut.commitId}`);
    const commit = state.commits.find((each) => each.commit === cut.commitId);
    check(commit?.seq === cut.seq && commit.chain === cut.chain, `commit ${cut.commitId} is published and was never committed`);
    this.lake(cut, state);
  }

  /** The newest lake snapshot is readable and right. */
  lake(cut: PublishedCut, state: StoreState): void {
    const [silver] = this.rowsIn(cut.file) as unknown as string[];
    check(silver === this.history.stateAt(Math.max(this.history.base, cut.seq)), `the lake at ${cut.seq} is not what MySQL had`);
    this.accounted(
      cut.files.flatMap((file) => this.rowsIn(file)),
      state,
      cut.commitId,
    );
  }
}

function isStreamedRow({ kind, op }: SourceRecord): boolean {
  return kind === 'event' || (kind === 'outside' && op === 'c');
}
