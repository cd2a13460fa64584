// The rows a group writes, collected in arrival order. Ids are not known yet: rows point at each other by place.

import type { EntryRow, HoldResolution, NewHold, NewTrade, Posting, StatusChange } from './effects.ts';
import type { JsonObject } from './json.ts';

/** Linked postings name the first posting of their command, so they are written by a second statement. */
export interface PostingRef {
  readonly list: 'primary' | 'linked';
  readonly at: number;
}

export interface PostingWrite {
  readonly posting: Posting;
  /** First posting of the same command. */
  readonly first: PostingRef;
}

export interface KeyWrite {
  readonly accountId: bigint;
  readonly key: string;
  readonly fingerprint: string;
  readonly operation: string;
  readonly status: number;
  readonly body: JsonObject;
  readonly posting: PostingRef | null;
  readonly entry: number | null;
  readonly hold: number | null;
}

export interface Writes {
  readonly primary: PostingWrite[];
  readonly linked: PostingWrite[];
  readonly entries: { readonly entry: EntryRow; readonly posting: PostingRef }[];
  readonly holds: NewHold[];
  readonly resolutions: { readonly resolution: HoldResolution; readonly posting: PostingRef | null }[];
  readonly statusChanges: { readonly change: StatusChange; readonly actor: string }[];
  readonly trades: { readonly trade: NewTrade; readonly posting: PostingRef }[];
  readonly keys: KeyWrite[];
  /** Accounts whose row changes. */
  readonly touched: Set<bigint>;
}

export function emptyWrites(): Writes {
  return { primary: [], linked: [], entries: [], holds: [], resolutions: [], statusChanges: [], trades: [], keys: [], touched: new Set() };
}

/** True when there is nothing to write: every request was refused without a key, replayed or dry. */
export function isEmpty(writes: Writes): boolean {
  return writes.keys.length + writes.primary.length + writes.holds.length + writes.resolutions.length + writes.statusChanges.length === 0;
}

const LISTS = ['primary', 'linked', 'entries', 'holds', 'resolutions', 'statusChanges', 'trades', 'keys'] as const;

/** Lengths, to go back to with truncate. */
export function marksOf(writes: Writes): ReadonlyMap<string, number> {
  return new Map(LISTS.map((name) => [name, writes[name].length]));
}

/** Takes back what was collected since the marks; an account touched in vain is written with its old values, which is harmless. */
export function truncate(writes: Writes, marks: ReadonlyMap<string, number>): void {
  for (const name of LISTS) writes[name].length = marks.get(name)!;
}
