// What a cut asks of the store beside its rows and its DDL: records of held tables and XA rows.

import { parseFault } from '../../cdc/codec/fault.ts';
import { SHAPE_FORMS } from '../../cdc/schema/ddl-forms.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { APPLIED, PARKED, type ControlAction, type ParkedRecord } from '../../lake/store/batch.ts';
import type { TakenCut } from './cut/take.ts';
import { topicPart } from '../../cdc/connector/topic-names.ts';
import { SIGNAL_TABLE } from '../../cdc/connector/config.ts';
import type { PipelineHooks } from './commit-with-space.ts';
import type { Backfills } from '../backfill/backfills.ts';
import type { Holds } from './holds.ts';
import { signalsIn } from './reread-signals.ts';
import { endOf, type Heads, type Rereads } from './rereads.ts';
import { messageIdentity, type UnreadableReasons } from './intake.ts';
import { tableOfEvent, type TableNames } from './table-names.ts';

/**
 * Parks the records of held tables, as a whole: they stay in bronze and are superseded when the table has been read again.
 * @returns their number by table
 */
export function parkHeldRecords(
  { records }: TakenCut,
  tableOf: (topicId: number) => string | undefined,
  holds: Holds,
  names: TableNames,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (holds.size === 0) return counts;
  const shared = new Set(names.sharing().map((table) => names.of(topicPart(table))));
  for (let index = 0; index < records.count; index += 1) {
    if (records.disposition[index] !== APPLIED) continue;
    const owner = tableOf(records.topicId[index] ?? -1);
    const value = owner !== undefined && shared.has(owner) ? records.value(index) : null;
    const table = value === null ? owner : (tableOfEvent(value) ?? owner); // tables may share a topic
    const hold = table === undefined ? undefined : holds.get(table);
    if (table === undefined || hold === undefined) continue;
    const route = holds.route(table, records.seq[index] ?? -1);
    if (route === 'next' || (route === 'store' && hold.reread === null)) continue;
    records.disposition[index] = PARKED;
    hold.records += 1;
    counts.set(table, (counts.get(table) ?? 0) + 1);
  }
  return counts;
}

/** Tables with rows of XA transactions in the cut: those are read at XA PREPARE, and nothing tells whether they were committed. */
export function xaHolds({ xa }: TakenCut, context: XaContext): ControlAction[] {
  return xa.flatMap(({ topicId, seq }): ControlAction[] => {
    const table = context.tableOf(topicId);
    if (table === undefined || context.holds.get(table) !== undefined) return [];
    const reason = `${SHAPE_FORMS.xa.form}: ${SHAPE_FORMS.xa.note}`;
    return [{ kind: 'hold', table, seq, ddl: '', code: 'LF_TABLE_HELD', reason, schema: context.schemas.get(table) ?? null }];
  });
}

export interface XaContext {
  readonly tableOf: (topicId: number) => string | undefined;
  readonly schemas: ReadonlyMap<string, TableSchema>;
  readonly holds: Holds;
}

const NOTHING_PARKED: readonly ParkedRecord[] = [];

/**
 * Records of tables that nobody knows: they are parked one by one by the table's reason. Where several tables share a topic, the event
 * itself says whose it is.
 * @param names tells the tables that share another one's topic
 */
export function unsupportedRecords(
  { records }: TakenCut,
  tableOf: (topicId: number) => string | undefined,
  { tables: unsupported, reason }: { readonly tables: ReadonlyMap<string, string>; readonly reason: string },
  names: TableNames,
): readonly ParkedRecord[] {
  if (unsupported.size === 0) return NOTHING_PARKED;
  const shared = new Set(names.sharing().map((table) => names.of(topicPart(table))));
  const parked: ParkedRecord[] = [];
  for (let index = 0; index < records.count; index += 1) {
    const owner = tableOf(records.topicId[index] ?? -1) ?? '';
    const value = shared.has(owner) ? records.value(index) : null;
    const table = value === null ? owner : (tableOfEvent(value) ?? owner);
    const detail = unsupported.get(table);
    if (detail !== undefined && records.disposition[index] === APPLIED) parked.push({ index, reason, detail });
  }
  return parked;
}

/** Records of the cut that could not be read, each with its reason. */
export function unreadableRecords(taken: TakenCut, reasons: UnreadableReasons): ParkedRecord[] {
  const { records } = taken;
  return taken.unreadable.map((index) => {
    const identity = messageIdentity(records.topicId[index] ?? -1, records.partition[index] ?? 0, records.offset[index] ?? 0);
    const detail = reasons.get(identity) ?? 'not a change event';
    reasons.delete(identity);
    records.disposition[index] = PARKED;
    const fault = parseFault(detail);
    return fault === null ? { index, reason: 'LF_ENVELOPE_UNREADABLE', detail } : { index, reason: fault.code, detail: fault.message };
  });
}

interface HoldParts {
  readonly database: string;
  readonly committer: { readonly schemas: ReadonlyMap<string, TableSchema> };
  readonly holds: Holds;
  readonly rereads: Pick<Rereads, 'begun' | 'ended'>;
  readonly heads: Heads;
  readonly hooks?: Pick<PipelineHooks, 'guard'>;
  readonly backfills?: Pick<Backfills, 'holdsNew' | 'bulk'>;
}

/** Holds and re-snapshots that begin or end in the cut, followed by `holds`. */
export function holdControls(taken: TakenCut, tableOf: (topicId: number) => string | undefined, parts: HoldParts): ControlAction[] {
  const { holds, rereads, database, heads } = parts;
  const { schemas } = parts.committer;
  const controls: ControlAction[] = [];
  const add = (actions: readonly ControlAction[]): void => {
    for (const action of actions) {
      // A table that is held from now on: what is read in bulk beside it would miss what is parked.
      const bulk = action.kind === 'hold' ? holds.rereads().filter((one) => one.bulk === true && one.table === action.table) : [];
      for (const one of [...bulk.map((reread) => endOf(reread, 'the table is held from now on')), action]) {
        holds.apply(one);
        controls.push(one);
      }
    }
  };
  add(parts.hooks?.guard?.holds(taken, tableOf) ?? []);
  add(parts.backfills?.holdsNew() ?? []);
  add(xaHolds(taken, { tableOf, schemas, holds }));
  const signals = signalsIn(taken.records, (topicId) => tableOf(topicId) === SIGNAL_TABLE, database);
  add(rereads.begun(signals, schemas));
  if (taken.cut.controls.length === 0) add([...rereads.ended(heads), ...(parts.backfills?.bulk.ended(taken.cut.from) ?? [])]);
  return controls;
}
