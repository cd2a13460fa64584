// A bulk read does not survive a DDL or TRUNCATE of its table: the rows of its snapshot have the shape of before.

import { tableOfCollection } from '../../cdc/envelope/transaction-marker.ts';
import { parseSchemaChange } from '../../cdc/schema/schema-change.ts';
import type { ControlAction } from '../../lake/store/batch.ts';
import type { StagedControl } from '../processor/cut/control-list.ts';
import type { Holds } from '../processor/holds.ts';
import { endOf } from '../processor/rereads.ts';
import { tableOfEvent, type TableNames } from '../processor/table-names.ts';

/** Ends of the bulk reads of tables that the controls are about. */
export function brokenBulkReads(controls: readonly StagedControl[], holds: Holds, names: Pick<TableNames, 'of'>): ControlAction[] {
  const running = holds.rereads().filter(({ bulk }) => bulk === true);
  if (running.length === 0) return [];
  const touched = new Set(controls.flatMap((control) => tablesOf(control, names)));
  return running.filter(({ table }) => touched.has(table)).map((reread) => endOf(reread, 'the table changed meanwhile'));
}

function tablesOf(control: StagedControl, names: Pick<TableNames, 'of'>): string[] {
  const { kind, value, collection } = control;
  if (kind === 'truncate') return [(value === null ? null : tableOfEvent(value)) ?? names.of(tableOfCollection(collection ?? ''))];
  if (value === null) return [];
  return parseSchemaChange(value).changes.flatMap(({ table, previousTable }) =>
    previousTable === undefined ? [table] : [table, previousTable],
  );
}
