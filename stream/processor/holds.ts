// Which tables are held, and where a record of theirs goes. Silver of a held table stays at its last good state; its records are parked
// until a re-snapshot has begun, then they go to the table that is built beside it (`T@next`). Other tables flow.

import type { ControlAction, HoldFacts } from '../../lake/store/batch.ts';
import { nextName } from '../../lake/store/reshape.ts';
import type { HeldTable, RunningReread } from '../../lake/store/state.ts';

/** store: into the table's own rows. next: into the table that is built beside it. park: kept in bronze only. */
export type Route = 'store' | 'next' | 'park';

export interface Held extends HoldFacts {
  records: number;
  readonly since: string;
  /** The re-snapshot that goes on, or null. */
  reread: RunningReread | null;
}

export class Holds {
  private readonly held = new Map<string, Held>();
  private readonly inPlace = new Map<string, RunningReread>();
  /** Bulk reads of tables that are not held: what streams goes to the table's own rows. */
  private readonly beside = new Map<string, RunningReread>();
  /** Why a table is held, by table. */
  readonly reasons = { get: (table: string): string | undefined => this.held.get(table)?.reason };

  constructor(holds: readonly HeldTable[], rereads: readonly RunningReread[]) {
    for (const hold of holds) {
      const reread = rereads.find(({ table, inPlace }) => table === hold.table && !inPlace) ?? null;
      this.held.set(hold.table, { ...hold, reread });
    }
    for (const reread of rereads) {
      if (reread.inPlace) this.inPlace.set(reread.table, reread);
      else if (!this.held.has(reread.table)) this.beside.set(reread.table, reread);
    }
  }

  get(table: string): Held | undefined {
    return this.held.get(table);
  }

  get size(): number {
    return this.held.size;
  }

  /** Held tables by name. */
  list(): Held[] {
    return [...this.held.values()].sort((a, b) => (a.table < b.table ? -1 : 1));
  }

  /** Re-snapshots that go on. */
  rereads(): RunningReread[] {
    return [...this.held.values()]
      .flatMap(({ reread }) => (reread === null ? [] : [reread]))
      .concat([...this.inPlace.values(), ...this.beside.values()]);
  }

  /** Whether the table is being read in bulk. */
  isBulk(table: string): boolean {
    return this.rereads().some((reread) => reread.table === table && reread.bulk === true);
  }

  storedAs(table: string): string {
    return (this.held.get(table)?.reread ?? null) === null ? table : nextName(table);
  }

  /** @param seq transaction of the record; negative for rows of the first snapshot */
  route(table: string, seq: number): Route {
    const hold = this.held.get(table);
    if (hold === undefined) return 'store';
    if (hold.reread !== null) return seq > hold.reread.seq ? 'next' : 'park'; // what comes before it, the re-snapshot reads itself
    return seq < hold.seq ? 'store' : 'park';
  }

  /** Keeps in step with an action of the commit that is being made. */
  apply(action: ControlAction): void {
    switch (action.kind) {
      case 'hold':
        return this.hold(action);
      case 'schema':
        if (action.previousTable !== undefined) this.rename(action.previousTable, action.table);
        if (action.anew === true) this.forget(action.table);
        return;
      case 'drop':
        return this.forget(action.table);
      case 'reread':
        return this.begin({ ...action, inPlace: action.schema === null, keys: action.keys ?? null });
      case 'reread-ended':
        this.inPlace.delete(action.table);
        this.beside.delete(action.table);
        if (action.inPlace) return;
        if (action.failure === null) this.held.delete(action.table);
        else this.begin(null, action.table);
        return;
      case 'clear':
      case 'snapshot':
        return;
    }
  }

  private hold(action: Extract<ControlAction, { kind: 'hold' }>): void {
    const { table, code, reason, schema, seq } = action;
    const before = this.held.get(table);
    this.inPlace.delete(table);
    this.held.set(table, {
      ...{ table, code, reason, schema },
      seq: before?.seq ?? seq,
      records: before?.records ?? 0,
      since: before?.since ?? new Date().toISOString(),
      reread: before?.reread ?? null,
    });
  }

  private begin(reread: RunningReread | null, table = reread?.table ?? ''): void {
    if (reread?.inPlace === true) {
      this.inPlace.set(table, reread);
      return;
    }
    this.inPlace.delete(table);
    const hold = this.held.get(table);
    if (hold !== undefined) hold.reread = reread;
    else if (reread !== null) this.beside.set(table, reread);
  }

  private rename(from: string, to: string): void {
    const hold = this.held.get(from);
    this.forget(from);
    this.forget(to);
    if (hold !== undefined) this.held.set(to, { ...hold, table: to, reread: null });
  }

  private forget(table: string): void {
    this.held.delete(table);
    this.inPlace.delete(table);
    this.beside.delete(table);
  }
}
