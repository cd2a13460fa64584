// What the controls of a cut do to the simulated store. What they mean for rows is the planner's, which has tests of its own.

import { parseSchemaChange } from '../../cdc/schema/schema-change.ts';
import { positionOf, type ControlAction } from '../../lake/store/batch.ts';
import type { StagedControl } from '../../stream/processor/cut/control-list.ts';

export function actionsOf(control: StagedControl): ControlAction[] {
  const { seq, collection, value } = control;
  if (control.kind === 'truncate') return [{ kind: 'clear', table: collection?.split('.')[1] ?? '', beforePos: positionOf(seq, 0, 0n) }];
  if (value === null) return [];
  const { ddl, changes } = parseSchemaChange(value);
  return changes.flatMap(({ table, schema }): ControlAction[] => (schema === null ? [] : [{ kind: 'schema', table, seq, ddl, schema }]));
}
