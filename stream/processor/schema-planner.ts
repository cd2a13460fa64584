// From a DDL or TRUNCATE of the cut to what the store must do: apply it, or hold the table when rows may have changed in silence.
// The rules are in cdc/schema (ddl-forms.ts lists them); what they doubt is looked up in silver as it is just before the statement.

import type { Logger } from 'pino';
import { tableOfCollection } from '../../cdc/envelope/transaction-marker.ts';
import { planChange, planNewTable, type ChangePlan } from '../../cdc/schema/change-plan.ts';
import type { Doubt } from '../../cdc/schema/column-change.ts';
import { columnType, type OtherTables } from '../../cdc/schema/column-type.ts';
import { SHAPE_FORMS } from '../../cdc/schema/ddl-forms.ts';
import { parseSchemaChange, type SchemaChange, type TableChange } from '../../cdc/schema/schema-change.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { positionOf, type ControlAction } from '../../lake/store/batch.ts';
import type { Committer } from '../../lake/store/commit.ts';
import { ident } from '../../infra/runtime/sql-text.ts';
import { nextName } from '../../lake/store/reshape.ts';
import { pastTable, rowsTable } from '../../lake/store/tables.ts';
import type { StagedControl } from './cut/control-list.ts';
import { clauseNote, doubtText } from './hold-reasons.ts';
import type { Holds } from './holds.ts';
import { tableOfEvent, type TableNames } from './table-names.ts';

export interface PlannerContext {
  readonly database: string;
  readonly names: TableNames;
  readonly holds: Holds;
  /** Shapes and rows as the last commit left them. */
  readonly store: Pick<Committer, 'schemas' | 'anyRow'>;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

/** A statement as one table sees it. */
interface Case {
  readonly change: SchemaChange;
  readonly seq: number;
  readonly ddl: string;
  /** Shapes as they are after the controls before it. */
  readonly shapes: Map<string, TableSchema>;
  /** Name in the store, until this commit, of tables that were renamed in it. */
  readonly stored: Map<string, string>;
}

export class SchemaPlanner {
  private readonly context: PlannerContext;

  constructor(context: PlannerContext) {
    this.context = context;
  }

  /** Actions of a cut's controls, in order. The commit before the cut must be done. */
  async plan(controls: readonly StagedControl[]): Promise<ControlAction[]> {
    const shapes = new Map(this.context.store.schemas);
    const stored = new Map<string, string>();
    const actions: ControlAction[] = [];
    const add = (found: readonly ControlAction[]): void => {
      for (const action of found) {
        this.context.holds.apply(action);
        if (!action.table.endsWith(nextName(''))) this.context.names.note(action);
        follow(action, shapes, stored);
        actions.push(action);
      }
    };
    for (const control of controls) {
      if (control.kind === 'truncate') add(this.truncated(control));
      else if (control.value !== null) {
        const change = parseSchemaChange(control.value);
        if (change.database !== this.context.database) continue;
        for (const table of change.changes) add(await this.table(table, { change, seq: control.seq, ddl: change.ddl, shapes, stored }));
      }
    }
    return actions;
  }

  /** An empty table needs no re-snapshot. */
  private truncated({ collection, seq, value }: StagedControl): ControlAction[] {
    const named = value === null ? null : tableOfEvent(value);
    const table = named ?? this.context.names.of(tableOfCollection(collection ?? ''));
    const hold = this.context.holds.get(table);
    if (hold === undefined) return [{ kind: 'clear', table, beforePos: positionOf(seq, 0, 0n) }];
    if (hold.reread !== null) return [{ kind: 'clear', table: nextName(table), beforePos: positionOf(seq, 0, 0n) }];
    const { schema } = hold;
    if (schema === null || schema.keyColumns.length === 0 || planNewTable(schema).refused !== null) return [];
    return [{ kind: 'schema', table, seq, ddl: 'TRUNCATE', schema, anew: true }];
  }

  private async table(found: TableChange, at: Case): Promise<ControlAction[]> {
    const { table, schema, type } = found;
    if (this.context.names.excludes(table)) return [];
    // While a snapshot begins Debezium says DROP and CREATE for every table; the DROP never happened.
    if (type === 'DROP') return at.change.snapshot ? [] : [{ kind: 'drop', table, seq: at.seq, ddl: at.ddl }];
    if (found.previousTable !== undefined) return await this.renamed({ ...found, previousTable: found.previousTable }, at);
    if (schema === null) return [];
    if (found.movedIn === true) return [...this.dropKnown(table, at), this.hold({ schema, reason: SHAPE_FORMS['moved-in'].note }, at)];
    return type === 'CREATE' ? this.created(schema, at) : await this.altered(schema, at);
  }

  /** What a new table may be in the way of. */
  private others(table: string): OtherTables {
    return { carried: this.context.names.carried, topicOwner: this.context.names.topicOwner(table) };
  }

  private dropKnown(table: string, { shapes, seq, ddl }: Case): ControlAction[] {
    return shapes.has(table) || this.context.holds.get(table) !== undefined ? [{ kind: 'drop', table, seq, ddl }] : [];
  }

  private created(schema: TableSchema, at: Case): ControlAction[] {
    const { table } = schema;
    const { seq, ddl } = at;
    const { refused } = planNewTable(schema, this.others(table));
    const before = at.shapes.get(table);
    const known = before !== undefined || this.context.holds.get(table) !== undefined;
    const statement = at.change.statement;
    if (known && !at.change.snapshot && statement.kind === 'create' && statement.ifNotExists) return [];
    if (refused !== null)
      return [
        ...(at.change.snapshot ? [] : this.dropKnown(table, at)),
        this.hold({ schema, reason: refused.reason, form: refused.form }, at),
      ];
    const anew = known && (!at.change.snapshot || before === undefined || !equal(before, schema));
    return [{ kind: 'schema', table, seq, ddl, schema, ...(anew ? { anew } : {}) }];
  }

  /** Rows go with the name; the same statement may change the shape as well. */
  private async renamed(found: TableChange & { previousTable: string }, at: Case): Promise<ControlAction[]> {
    const { table, previousTable } = found;
    const { seq, ddl } = at;
    const before = at.shapes.get(previousTable);
    const hold = this.context.holds.get(previousTable);
    const schema = found.schema ?? named(hold?.schema ?? before, table);
    if (schema === null) return [];
    if (before === undefined) {
      const reason = hold?.reason ?? SHAPE_FORMS['moved-in'].note;
      return [
        { kind: 'drop', table: previousTable, seq, ddl },
        ...this.dropKnown(table, at),
        this.hold({ schema, reason, form: hold?.code }, at),
      ];
    }
    const shape = { ...before, table };
    const rename: ControlAction = { kind: 'schema', table, seq, ddl, schema: shape, previousTable };
    if (hold !== undefined) return [rename, this.hold({ schema, reason: hold.reason, form: hold.code }, at)];
    return equal(shape, schema)
      ? [rename]
      : [rename, ...(await this.reshaped(shape, schema, at, at.stored.get(previousTable) ?? previousTable))];
  }

  private async altered(schema: TableSchema, at: Case): Promise<ControlAction[]> {
    const { table } = schema;
    const other =
      at.change.statement.kind === 'alter' ? at.change.statement.clauses.find(({ form }) => form.id === 'exchange-partition')?.other : null;
    const also = at.shapes.get(other?.table ?? '');
    const exchanged = also === undefined ? [] : [this.hold({ schema: also, reason: clauseNote('exchange-partition') }, at)];
    const hold = this.context.holds.get(table);
    const before = at.shapes.get(table);
    if (hold !== undefined) return [...(await this.heldAltered(schema, at)), ...exchanged];
    if (before === undefined) return [this.hold({ schema, reason: SHAPE_FORMS['moved-in'].note }, at)];
    return [...(await this.reshaped(before, schema, at, table)), ...exchanged];
  }

  /** @param stored name of the table in the store until this commit */
  private async reshaped(before: TableSchema, schema: TableSchema, at: Case, stored: string): Promise<ControlAction[]> {
    const { table } = schema;
    const plan = planChange(before, schema, at.change.statement);
    if (plan.refused !== null) return [this.hold({ schema, reason: plan.refused.reason, form: plan.refused.form }, at)];
    const silver = `silver.${ident(stored)}`;
    for (const doubt of plan.doubts)
      if (await this.context.store.anyRow(silver, [doubt.rows])) return [this.hold({ schema, reason: doubtText(doubt) }, at)];
    const retyped = changesTypes(before, schema, plan);
    const empty = plan.doubts.some(({ rows }) => rows === 'true');
    const anew = empty && (retyped || plan.forms.includes('key-made'));
    const archive = !anew && retyped && (await this.anyVersion(stored, plan.doubts));
    this.context.log.info({ table, forms: plan.forms, ddl: at.ddl }, 'schema change applied');
    const { reshape } = plan;
    return [
      { kind: 'schema', table, seq: at.seq, ddl: at.ddl, schema, reshape, ...(anew ? { anew } : {}), ...(archive ? { archive } : {}) },
    ];
  }

  /** Old versions may hold what live rows do not. */
  private async anyVersion(stored: string, doubts: readonly Doubt[]): Promise<boolean> {
    const any = (relation: string): Promise<boolean> =>
      this.context.store.anyRow(
        relation,
        doubts.map(({ rows }) => rows),
      );
    return (await any(rowsTable(stored))) || (await any(pastTable(stored)));
  }

  /** The hold stays; a re-snapshot under way goes on when the change is surely right for what it has read. */
  private async heldAltered(schema: TableSchema, at: Case): Promise<ControlAction[]> {
    const { table } = schema;
    const hold = this.context.holds.get(table);
    const { refused } = planNewTable(schema);
    const mended = hold?.code === 'LF_COLUMN_UNSUPPORTED' ? 'its records were parked while it could not be carried' : (hold?.reason ?? '');
    const update = this.hold({ schema, reason: refused?.reason ?? mended, form: refused?.form }, at);
    const next = at.shapes.get(nextName(table));
    if (hold === undefined || hold.reread === null || next === undefined) return [update];
    const plan = planChange(next, { ...schema, table: next.table }, at.change.statement);
    const doubtful =
      plan.refused !== null ||
      (await this.context.store.anyRow(
        rowsTable(next.table),
        plan.doubts.map(({ rows }) => rows),
      ));
    if (!doubtful && !changesTypes(next, schema, plan))
      return [
        { kind: 'schema', table: next.table, seq: at.seq, ddl: at.ddl, schema: { ...schema, table: next.table }, reshape: plan.reshape },
        update,
      ];
    const { signal, seq } = hold.reread;
    return [{ kind: 'reread-ended', table, seq, signal, inPlace: false, failure: `the table changed meanwhile: ${at.ddl}` }, update];
  }

  private hold({ schema, reason, form }: { schema: TableSchema; reason: string; form?: string | undefined }, at: Case): ControlAction {
    const { table } = schema;
    const code = form === 'unsupported' || form === 'LF_COLUMN_UNSUPPORTED' ? 'LF_COLUMN_UNSUPPORTED' : 'LF_TABLE_HELD';
    this.context.log.error({ table, code, reason, ddl: at.ddl }, 'the table is held; the others go on');
    return { kind: 'hold', table, seq: at.seq, ddl: at.ddl, code, reason, schema };
  }
}

function follow(action: ControlAction, shapes: Map<string, TableSchema>, stored: Map<string, string>): void {
  if (action.kind === 'drop') shapes.delete(action.table);
  if (action.kind !== 'schema') return;
  if (action.previousTable !== undefined) {
    shapes.delete(action.previousTable);
    stored.set(action.table, stored.get(action.previousTable) ?? action.previousTable);
  }
  shapes.set(action.table, action.schema);
}

function named(schema: TableSchema | undefined, table: string): TableSchema | null {
  return schema === undefined ? null : { ...schema, table };
}

function equal(a: TableSchema, b: TableSchema): boolean {
  return JSON.stringify([a.columns, a.keyColumns]) === JSON.stringify([b.columns, b.keyColumns]);
}

function changesTypes(before: TableSchema, after: TableSchema, { reshape }: ChangePlan): boolean {
  const types = new Map(before.columns.map((column) => [column.name, columnType(column).duckdbType]));
  return after.columns.some((column) => {
    const type = types.get(reshape.renamed.get(column.name) ?? column.name);
    return type !== undefined && type !== columnType(column).duckdbType;
  });
}
