// What the controls of a cut (DDL, TRUNCATE) and the first rows of a snapshot ask of the store.

import { EXCLUDED_TABLES } from '../../cdc/connector/config.ts';
import { unsupportedColumns, unsupportedTable } from '../../cdc/schema/column-type.ts';
import { parseSchemaChange } from '../../cdc/schema/schema-change.ts';
import { APPLIED, positionOf, type ControlAction, type ParkedRecord } from '../../lake/store/batch.ts';
import type { StagedControl } from './cut/control-list.ts';
import type { TakenCut } from './cut/take.ts';

/** Store actions of a cut's controls, in their order. */
export function controlActions(controls: readonly StagedControl[], database: string): ControlAction[] {
  return controls.flatMap((control) => (control.kind === 'truncate' ? truncateAction(control) : schemaActions(control, database)));
}

function truncateAction(control: StagedControl): ControlAction[] {
  const table = control.collection?.split('.').slice(1).join('.') ?? '';
  return [{ kind: 'clear', table, beforePos: positionOf(control.seq, 0, 0n) }];
}

function schemaActions(control: StagedControl, database: string): ControlAction[] {
  if (control.value === null) return [];
  const change = parseSchemaChange(control.value);
  if (change.database !== database) return [];
  return change.changes.flatMap((tableChange): ControlAction[] => {
    const { table, schema, previousTable } = tableChange;
    if (EXCLUDED_TABLES.includes(table)) return [];
    // While a snapshot begins Debezium says DROP and CREATE for every table; the DROP never happened.
    if (schema === null) return change.snapshot ? [] : [{ kind: 'drop', table, seq: control.seq, ddl: change.ddl }];
    const reason = unsupportedTable(schema) ?? unsupportedColumns(schema)[0]?.message ?? null;
    if (reason !== null) return [{ kind: 'unsupported', table, seq: control.seq, ddl: change.ddl, reason }];
    const action = { kind: 'schema' as const, table, seq: control.seq, ddl: change.ddl, schema };
    return [previousTable === undefined ? action : { ...action, previousTable }];
  });
}

const NOTHING_PARKED: readonly ParkedRecord[] = [];

/** Records of tables that cannot be carried: they are parked by the table's reason. */
export function unsupportedRecords(
  { records }: TakenCut,
  tableOf: (topicId: number) => string | undefined,
  unsupported: ReadonlyMap<string, string>,
): readonly ParkedRecord[] {
  if (unsupported.size === 0) return NOTHING_PARKED;
  const parked: ParkedRecord[] = [];
  for (let index = 0; index < records.count; index += 1) {
    const detail = unsupported.get(tableOf(records.topicId[index] ?? -1) ?? '');
    if (detail !== undefined && records.disposition[index] === APPLIED) parked.push({ index, reason: 'LF_COLUMN_UNSUPPORTED', detail });
  }
  return parked;
}
