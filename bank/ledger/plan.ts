// Pure: a group of requests in arrival order and the locked state in, what to write and one outcome per request out.
// A refused request adds nothing; an atomic unit with a refusal leaves neither rows nor a changed state behind.

import type { LedgerCommand } from './commands.ts';
import { decide } from './decide.ts';
import { applyOthers, applyPosting, type Effects } from './effects.ts';
import { accountsOf, keyAccountOf } from './idempotency.ts';
import type { JsonObject } from './json.ts';
import { isRecorded, problemBody, refuse, REFUSALS, type Refusal } from './refusal.ts';
import type { LedgerState } from './state.ts';
import { emptyWrites, marksOf, truncate, type PostingRef, type Writes } from './writes.ts';

export interface PlanRequest {
  readonly command: LedgerCommand;
  readonly key: string | null;
  /** Hex; empty without a key. */
  readonly fingerprint: string;
  readonly dryRun: boolean;
  readonly actor: string;
}

/** Requests that are written together or not at all when `atomic`; one by one otherwise. */
export interface Unit {
  readonly requests: readonly PlanRequest[];
  readonly atomic: boolean;
}

/** An answer as it is kept under its key. */
export interface StoredAnswer {
  readonly fingerprint: string;
  readonly status: number;
  readonly body: JsonObject;
  readonly transactionId: bigint | null;
  readonly sequence: bigint | null;
  readonly holdId: bigint | null;
}

/** Where the ids of an accepted request will be found among what the group writes. */
export interface Places {
  readonly posting: PostingRef | null;
  /** Index of its last entry. */
  readonly entry: number | null;
  readonly hold: number | null;
}

export interface Done extends Places {
  readonly kind: 'done' | 'refused' | 'dry';
  readonly status: number;
  readonly body: JsonObject;
}

export type Outcome =
  | Done
  | { readonly kind: 'replayed'; readonly stored: StoredAnswer }
  /** The same request earlier in this group. */
  | { readonly kind: 'repeated'; readonly of: Done };

export interface Plan {
  readonly writes: Writes;
  /** Per unit, per request. */
  readonly outcomes: Outcome[][];
}

const NOWHERE: Places = { posting: null, entry: null, hold: null };

/** @param stored answers found under keys, by keyName */
export function planGroup(state: LedgerState, units: readonly Unit[], stored: ReadonlyMap<string, StoredAnswer>): Plan {
  const group = new Group(state, stored);
  return { outcomes: units.map((unit) => group.run(unit)), writes: group.writes };
}

export function keyName(accountId: bigint, key: string): string {
  return `${accountId} ${key}`;
}

class Group {
  readonly writes: Writes = emptyWrites();
  private readonly state: LedgerState;
  private readonly stored: ReadonlyMap<string, StoredAnswer>;
  private readonly here = new Map<string, { readonly fingerprint: string; readonly done: Done }>();

  constructor(state: LedgerState, stored: ReadonlyMap<string, StoredAnswer>) {
    this.state = state;
    this.stored = stored;
  }

  run(unit: Unit): Outcome[] {
    if (!unit.atomic) return unit.requests.map((request) => this.one(request));
    const undo = this.remember(unit.requests);
    const outcomes = unit.requests.map((request) => this.one(request));
    if (!outcomes.some(isRefusal)) return outcomes;
    undo();
    return outcomes.map((outcome) =>
      isRefusal(outcome) ? outcome : refused(refuse('batch_aborted', 'another member of the batch was refused')),
    );
  }

  private one(request: PlanRequest): Outcome {
    const account = keyAccountOf(this.state, request.command);
    const key = request.key === null || account === undefined ? undefined : keyName(account, request.key);
    const earlier = key === undefined ? undefined : this.earlier(key, request.fingerprint);
    if (earlier !== undefined) return earlier;
    const decision = decide(this.state, request.command);
    if (request.dryRun) return this.dry(request, decision);
    const done = 'effects' in decision ? this.accept(decision.effects, request) : refused(decision.refusal);
    const keep = 'effects' in decision || isRecorded(decision.refusal.code);
    if (key !== undefined && keep && this.state.accounts.has(account!)) {
      this.here.set(key, { fingerprint: request.fingerprint, done });
      const { command, fingerprint } = request;
      this.writes.keys.push({ ...done, accountId: account!, key: request.key!, fingerprint, operation: command.operation });
    }
    return done;
  }

  private earlier(key: string, fingerprint: string): Outcome | undefined {
    const stored = this.stored.get(key);
    const here = this.here.get(key);
    if (stored === undefined && here === undefined) return undefined;
    if ((stored ?? here)!.fingerprint !== fingerprint)
      return refused(refuse('idempotency_key_reused', 'this key was used with another request', 'idempotency_key'));
    return stored === undefined ? { kind: 'repeated', of: here!.done } : { kind: 'replayed', stored };
  }

  private accept(effects: Effects, { actor }: Pick<PlanRequest, 'actor'>): Done {
    const { state, writes } = this;
    const refs = effects.postings.map((posting, index): PostingRef => {
      const list = posting.referenceId === 'first' && index > 0 ? 'linked' : 'primary';
      return { list, at: writes[list].length + effects.postings.slice(0, index).filter((each) => (each.referenceId === 'first') === (list === 'linked')).length }; // prettier-ignore
    });
    effects.postings.forEach((posting, index) => {
      const ref = refs[index]!;
      writes[ref.list].push({ posting, first: refs[0]! });
      for (const entry of applyPosting(state, posting)) {
        writes.entries.push({ entry, posting: ref });
        if (entry.balanceAfter !== null) writes.touched.add(entry.accountId);
      }
    });
    applyOthers(state, effects);
    const posting = refs[0] ?? null;
    if (effects.hold !== undefined) writes.touched.add(effects.hold.accountId);
    const hold = effects.hold === undefined ? null : writes.holds.push(effects.hold) - 1;
    if (effects.resolution !== undefined) {
      writes.touched.add(effects.resolution.accountId);
      writes.resolutions.push({ resolution: effects.resolution, posting });
    }
    if (effects.statusChange !== undefined) {
      writes.touched.add(effects.statusChange.accountId);
      writes.statusChanges.push({ change: effects.statusChange, actor });
    }
    if (effects.trade !== undefined) writes.trades.push({ trade: effects.trade, posting: posting! });
    return {
      kind: 'done',
      status: effects.status,
      body: effects.body(state),
      posting,
      entry: posting === null ? null : writes.entries.length - 1,
      hold,
    };
  }

  /** Decided and applied like any other, then undone. */
  private dry(request: PlanRequest, decision: ReturnType<typeof decide>): Done {
    if (!('effects' in decision)) return refused(decision.refusal);
    const undo = this.remember([request]);
    const { body } = this.accept(decision.effects, request);
    undo();
    return { ...NOWHERE, kind: 'dry', status: 200, body: { ...body, dry_run: true } };
  }

  /** Copies everything that the requests may change; the answer puts it back. */
  private remember(requests: readonly PlanRequest[]): () => void {
    const { state, writes, here } = this;
    const marks = marksOf(writes);
    const keys = new Set(here.keys());
    const accounts = copyOf(state.accounts, requests.flatMap(({ command }) => accountsOf(state, command))); // prettier-ignore
    const originals = copyOf(state.originals, [...state.originals.keys()]);
    const holds = copyOf(state.holds, [...state.holds.keys()]);
    const holdings = new Map(state.holdings);
    return () => {
      truncate(writes, marks);
      state.holdings.clear();
      for (const [held, quantity] of holdings) state.holdings.set(held, quantity);
      for (const key of [...here.keys()]) if (!keys.has(key)) here.delete(key);
      for (const [map, copy] of [
        [state.accounts, accounts],
        [state.originals, originals],
        [state.holds, holds],
      ] as [Map<bigint, object>, Map<bigint, object>][])
        // prettier-ignore
        for (const [id, row] of copy) map.set(id, row);
    };
  }
}

function copyOf<T extends object>(map: ReadonlyMap<bigint, T>, ids: readonly bigint[]): Map<bigint, T> {
  const copy = new Map<bigint, T>();
  for (const id of ids) {
    const row = map.get(id);
    if (row !== undefined) copy.set(id, { ...row });
  }
  return copy;
}

function refused(refusal: Refusal): Done {
  return { ...NOWHERE, kind: 'refused', status: REFUSALS[refusal.code].status, body: problemBody(refusal) };
}

function isRefusal(outcome: Outcome): boolean {
  if (outcome.kind === 'replayed') return outcome.stored.status >= 400;
  return outcome.kind === 'repeated' ? outcome.of.status >= 400 : outcome.status >= 400;
}
