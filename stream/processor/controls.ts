// What the controls of a cut (DDL, TRUNCATE) and the first rows of a snapshot ask of the store.

import { topicPart } from '../../cdc/connector/topic-names.ts';
import { tableOfCollection } from '../../cdc/envelope/transaction-marker.ts';
import { unsupportedColumns, unsupportedTable } from '../../cdc/schema/column-type.ts';
import { parseSchemaChange } from '../../cdc/schema/schema-change.ts';
import { APPLIED, positionOf, type ControlAction, type ParkedRecord } from '../../lake/store/batch.ts';
import type { StagedControl } from './cut/control-list.ts';
import type { TakenCut } from './cut/take.ts';
import { tableOfEvent, type TableNames } from './table-names.ts';

/** Store actions of a cut's controls, in their order. */
export function controlActions(controls: readonly StagedControl[], database: string, names: TableNames): ControlAction[] {
  return controls.flatMap((control) => {
    const actions = control.kind === 'truncate' ? truncateAction(control, names) : schemaActions(control, database, names);
    for (const action of actions) names.note(action);
    return actions;
  });
}

function truncateAction(control: StagedControl, names: TableNames): ControlAction[] {
  const { value } = control;
  const table = (value === null ? null : tableOfEvent(value)) ?? names.of(tableOfCollection(control.collection ?? ''));
  return [{ kind: 'clear', table, beforePos: positionOf(control.seq, 0, 0n) }];
}

function schemaActions(control: StagedControl, database: string, names: TableNames): ControlAction[] {
  if (control.value === null) return [];
  const change = parseSchemaChange(control.value);
  if (change.database !== database) return [];
  return change.changes.flatMap((tableChange): ControlAction[] => {
    const { table, schema, previousTable } = tableChange;
    if (names.excludes(table)) return [];
    // While a snapshot begins Debezium says DROP and CREATE for every table; the DROP never happened.
    if (schema === null) return change.snapshot ? [] : [{ kind: 'drop', table, seq: control.seq, ddl: change.ddl }];
    const owner = names.topicOwner(table);
    const others = { carried: names.carried.filter((name) => name !== previousTable), topicOwner: owner === previousTable ? null : owner };
    const reason = unsupportedTable(schema, others) ?? unsupportedColumns(schema)[0]?.message ?? null;
    if (reason !== null) return [{ kind: 'unsupported', table, seq: control.seq, ddl: change.ddl, reason }];
    const action = { kind: 'schema' as const, table, seq: control.seq, ddl: change.ddl, schema };
    return [previousTable === undefined ? action : { ...action, previousTable }];
  });
}

const NOTHING_PARKED: readonly ParkedRecord[] = [];

/**
 * Records of tables that cannot be carried, or that nobody knows: they are parked by the table's reason. Where several tables share a topic, the event itself
 * says whose it is.
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
