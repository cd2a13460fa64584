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

const SNAPSHOT_ROW = 'r'.charCodeAt(0);
const SOURCE_KEY = Buffer.from('"source":{');
const GENERATION = /"ts_ms":(\d+),.*"file":("[^"]*"),"pos":(\d+)/;

/**
 * Which snapshot a row belongs to: its start time and binlog position, equal for all rows of one snapshot.
 * @throws Error when the row has no source block
 */
export function snapshotGeneration(value: Buffer): string {
  const at = value.lastIndexOf(SOURCE_KEY);
  const match = at < 0 ? null : GENERATION.exec(value.toString('latin1', at));
  if (match === null) throw new Error('a snapshot row without source position');
  return `${match[1]}/${JSON.parse(match[2] ?? '""') as string}/${match[3]}`;
}

/**
 * Snapshot actions of a cut: one per table whose snapshot begins in it, or begins again after it was broken off.
 * Updates `generations` (table → generation).
 */
export function snapshotActions(
  taken: TakenCut,
  tableOf: (topicId: number) => string | undefined,
  generations: Map<string, string>,
): ControlAction[] {
  const { records } = taken;
  const actions: ControlAction[] = [];
  for (let index = 0; index < records.count; index += 1) {
    if (records.op[index] !== SNAPSHOT_ROW || (records.seq[index] ?? 0) >= 0) continue;
    const table = tableOf(records.topicId[index] ?? -1);
    const value = records.value(index);
    if (table === undefined || value === null) continue;
    const generation = snapshotGeneration(value);
    if (generations.get(table) === generation) continue;
    generations.set(table, generation);
    actions.push({ kind: 'snapshot', table, generation, beforePos: positionOf(-1, 0, BigInt(records.offset[index] ?? 0)) });
  }
  return actions;
}

const NOTHING_PARKED: readonly ParkedRecord[] = [];

/** Records of tables that cannot be carried, or that nobody knows: they are parked by the table's reason. */
export function unsupportedRecords(
  { records }: TakenCut,
  tableOf: (topicId: number) => string | undefined,
  { tables: unsupported, reason }: { readonly tables: ReadonlyMap<string, string>; readonly reason: string },
): readonly ParkedRecord[] {
  if (unsupported.size === 0) return NOTHING_PARKED;
  const parked: ParkedRecord[] = [];
  for (let index = 0; index < records.count; index += 1) {
    const detail = unsupported.get(tableOf(records.topicId[index] ?? -1) ?? '');
    if (detail !== undefined && records.disposition[index] === APPLIED) parked.push({ index, reason, detail });
  }
  return parked;
}
