// What the working store keeps: changed by one commit as a whole. Bronze's bytes are in the tail or in files on the disk.

import type { PartitionProgress, Phase } from '../../lake/store/batch.ts';
import { Silver } from './silver.ts';

export interface BronzeRow {
  readonly commit: number;
  readonly topicId: number;
  readonly partition: number;
  readonly offset: number;
  readonly disposition: number;
}

export interface CommitRow {
  readonly commit: number;
  readonly seq: number;
  readonly chain: string;
  readonly rows: number;
}

export interface TopicEntry {
  readonly topicId: number;
  readonly topic: string;
  readonly table: string | null;
}

export class StoreState {
  epoch = 0;
  commitId = 0;
  seq = -1;
  phase: Phase = 'bootstrap';
  serverUuid: string | null = null;
  chain = '';
  topics: TopicEntry[] = [];
  progress = new Map<string, PartitionProgress>();
  /** `topic/partition@seq` → records parked as unreadable there. */
  unreadable = new Map<string, number>();
  silver = new Silver();
  tail: BronzeRow[] = [];
  segments: { readonly file: string; readonly lastCommit: number }[] = [];
  commits: CommitRow[] = [];
  /** Commit of the last publication noted; 0 before the first. */
  published = 0;
  /** Ids of the records applied, and how often. */
  applied = new Map<string, number>();

  clone(): StoreState {
    const copy = new StoreState();
    Object.assign(copy, this);
    copy.topics = [...this.topics];
    copy.progress = new Map(this.progress);
    copy.unreadable = new Map(this.unreadable);
    copy.silver = this.silver.clone();
    copy.tail = [...this.tail];
    copy.segments = [...this.segments];
    copy.commits = [...this.commits];
    copy.applied = new Map(this.applied);
    return copy;
  }
}
