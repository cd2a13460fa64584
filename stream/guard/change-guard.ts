// Asks a person before a transaction takes many rows out of the lake (docs/guards.md). `wait`: the cut ends before that transaction and
// nothing behind it is taken until it is decided. `flow`: its tables are held at it, as a doubtful ALTER holds them, and the rest goes on.
// A rejected one holds its tables in both modes: silver keeps the rows from before it.

import type { Logger } from 'pino';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { parseSchemaChange } from '../../cdc/schema/schema-change.ts';
import { tableOfCollection } from '../../cdc/envelope/transaction-marker.ts';
import type { ControlAction } from '../../lake/store/batch.ts';
import type { CutGuard } from '../processor/commit-with-space.ts';
import type { StagedControl } from '../processor/cut/control-list.ts';
import type { Cut } from '../processor/cut/cut.ts';
import type { Staging } from '../processor/cut/staging.ts';
import type { TakenCut } from '../processor/cut/take.ts';
import type { Holds } from '../processor/holds.ts';
import type { TableNames } from '../processor/table-names.ts';
import type { Decision, GuardBook, GuardedChange, GuardState } from './book.ts';
import { ChangeFinder, type FinderParts } from './find-changes.ts';
import { Readers } from './readers.ts';

export interface ChangeGuardParts extends FinderParts {
  readonly staging: Pick<Staging, 'partitions' | 'cutAt'>;
  readonly book: Pick<GuardBook, 'get' | 'told' | 'found' | 'decide' | 'refused' | 'liveRows'>;
  readonly wake: () => void;
  readonly mode: 'wait' | 'flow';
  readonly log: Pick<Logger, 'error' | 'info'>;
}

interface GuardedParts {
  readonly staging: ChangeGuardParts['staging'];
  readonly intake: { readonly serverUuid: string | null };
  readonly wakeup: { wake(): void };
  readonly log: ChangeGuardParts['log'];
}

type Plan = (controls: readonly StagedControl[]) => Promise<ControlAction[]>;

export class ChangeGuard implements CutGuard {
  /** What nothing is taken behind; null while nothing waits. */
  problem: LedgerflowError | null = null;
  private readonly parts: ChangeGuardParts;
  private readonly finder: ChangeFinder;

  constructor(parts: ChangeGuardParts) {
    this.parts = parts;
    this.finder = new ChangeFinder(parts);
  }

  /** The guard of a processor over what the store knew when it was opened. */
  static of(
    found: {
      readonly guarded: GuardBook;
      readonly holds: Holds;
      readonly names: TableNames;
      readonly schemas: ReadonlyMap<string, TableSchema>;
    },
    config: Pick<
      Config,
      'guardDeletesMax' | 'guardWindowDeletesMax' | 'guardWindowSeconds' | 'guardMode' | 'schemaApproval' | 'mysqlDatabase'
    >,
    { staging, intake, wakeup, log }: GuardedParts,
  ): ChangeGuard {
    let readers: Readers | null = null; // read when the first statement comes
    return new ChangeGuard({
      schemaChanges: { ask: config.schemaApproval, database: config.mysqlDatabase, readers: () => (readers ??= Readers.load()) },
      ...{ staging, book: found.guarded, holds: found.holds, names: found.names, log },
      ...{ schemas: () => found.schemas, serverUuid: () => intake.serverUuid, wake: () => wakeup.wake() },
      ...{ deletesMax: config.guardDeletesMax, mode: config.guardMode },
      window: { rowsMax: config.guardWindowDeletesMax, seconds: config.guardWindowSeconds },
    });
  }

  async admit(cut: Cut, choose: () => Cut | null): Promise<Cut | null> {
    const { staging } = this.parts;
    for (const change of await this.finder.find(cut)) {
      const state = this.parts.book.get(change.seq)?.state ?? (await this.ask(change));
      if (state !== 'waiting') continue;
      const what = this.parts.book.get(change.seq)?.what ?? change.what;
      this.problem = new LedgerflowError('LF_CHANGE_WAITS', `transaction ${change.seq} waits for approval: ${what}`, {
        where: change.tables.join(', '),
      });
      if (cut.from >= change.seq - 1) return null;
      staging.cutAt(change.seq - 1);
      return choose();
    }
    this.problem = null;
    return cut;
  }

  holds({ cut, records }: TakenCut, tableOf: (topicId: number) => string | undefined): ControlAction[] {
    const refused = this.parts.book.refused(cut.from, cut.seq);
    const tables = new Map<string, number>();
    for (let i = 0; refused.size > 0 && i < records.count; i += 1) {
      const seq = records.seq[i]!;
      if (records.op[i] === 0 || !refused.has(seq)) continue;
      const table = tableOf(records.topicId[i]!);
      if (table !== undefined && seq < (tables.get(table) ?? Number.POSITIVE_INFINITY)) tables.set(table, seq);
    }
    return [...tables].flatMap(([table, seq]) => this.hold(table, seq, ''));
  }

  /** What the planner makes of the controls, but for those of refused transactions: they hold their tables. */
  planner(planner: { readonly plan: Plan }): { readonly plan: Plan } {
    return { plan: (controls) => this.planned(controls, (passed) => planner.plan(passed)) };
  }

  private async planned(controls: readonly StagedControl[], plan: Plan): Promise<ControlAction[]> {
    const actions: ControlAction[] = [];
    const passed: StagedControl[] = [];
    for (const control of controls) {
      if (!this.isRefused(control.seq)) {
        passed.push(control);
        continue;
      }
      if (passed.length > 0) actions.push(...(await plan(passed.splice(0))));
      const held = control.kind === 'truncate' ? this.hold(this.tableOf(control), control.seq, 'TRUNCATE') : this.holdChanged(control);
      for (const action of held) this.parts.holds.apply(action);
      actions.push(...held);
    }
    return [...actions, ...(passed.length === 0 ? [] : await plan(passed))];
  }

  /**
   * Lets the transaction through, or, where its tables are held already, says which are to be read again.
   * @throws LedgerflowError LF_GUARD_UNKNOWN
   */
  async approve(decision: Decision): Promise<{ seq: number; state: GuardState; resnapshot: readonly string[] }> {
    const { before, tables } = await this.decide(decision, 'approved');
    const held = before === 'held' ? tables.filter((table) => this.parts.holds.get(table) !== undefined) : [];
    return { seq: decision.seq, state: 'approved', resnapshot: held };
  }

  /** Keeps the rows: the tables are held from the transaction on. @throws LedgerflowError LF_GUARD_UNKNOWN */
  async reject(decision: Decision): Promise<{ seq: number; state: GuardState; tables: readonly string[] }> {
    const { tables } = await this.decide(decision, 'rejected');
    return { seq: decision.seq, state: 'rejected', tables };
  }

  private async decide(decision: Decision, state: 'approved' | 'rejected'): Promise<{ before: GuardState; tables: readonly string[] }> {
    const decided = await this.parts.book.decide(decision, state);
    this.parts.log.info({ ...decision, state }, 'a guarded change was decided');
    this.parts.wake();
    return decided;
  }

  private isRefused(seq: number): boolean {
    const state = this.parts.book.get(seq)?.state;
    return state === 'held' || state === 'rejected';
  }

  /** Tables keep their rows and shape; the one MySQL has now is noted for the re-snapshot. */
  private holdChanged({ seq, value }: StagedControl): ControlAction[] {
    const change = value === null ? null : parseSchemaChange(value);
    return (change?.changes ?? []).flatMap(({ table, previousTable, schema }): ControlAction[] => [
      ...(previousTable === undefined ? [] : this.hold(previousTable, seq, change?.ddl ?? '')),
      ...this.hold(table, seq, change?.ddl ?? '').map((action) =>
        action.kind === 'hold' && schema !== null ? { ...action, schema } : action,
      ),
    ]);
  }

  private hold(table: string, seq: number, ddl: string): ControlAction[] {
    const { holds, book, schemas } = this.parts;
    if (holds.get(table) !== undefined) return [];
    const reason = `transaction ${seq}: ${book.get(seq)?.what ?? 'refused'}`;
    return [{ kind: 'hold', table, seq, ddl, code: 'LF_CHANGE_HELD', reason, schema: schemas().get(table) ?? null }];
  }

  private async ask(change: GuardedChange): Promise<GuardState> {
    const state = this.parts.mode === 'wait' || change.ddl?.whole === true ? 'waiting' : 'held';
    await this.parts.book.found(change, state);
    this.parts.log.error({ ...change, state, code: state === 'waiting' ? 'LF_CHANGE_WAITS' : 'LF_CHANGE_HELD' }, 'a change wants a person');
    return state;
  }

  private tableOf({ collection }: StagedControl): string {
    return this.parts.names.of(tableOfCollection(collection ?? ''));
  }
}
