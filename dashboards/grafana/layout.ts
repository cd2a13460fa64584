/* eslint-disable @typescript-eslint/no-deprecated -- the classic form is what the file provisioning of Grafana 12 and 13 both read; the newer one needs 13 */
// A dashboard from sections of rows of panels. Places follow from the sizes, so that panels cannot overlap; ids follow from the order.

import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkType,
  DashboardLinkBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Sized } from './panels.ts';
import { LEDGERFLOW } from './query.ts';

/** A dashboard's JSON model. */
export type Board = Dashboard;

const GRID_WIDTH = 24;
const TAG = 'ledgerflow';

export interface Section {
  readonly title: string;
  readonly rows: readonly (readonly Sized[])[];
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  /** Grafana's relative time, as in `now-90d`. */
  readonly from: string;
  readonly refresh: string;
  readonly variables: readonly QueryVariableBuilder[];
  readonly sections: readonly Section[];
}

/** @throws Error when a row is wider than the grid */
export function buildDashboard(spec: DashboardSpec): Board {
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.about)
    .tags([TAG])
    .timezone('utc')
    .time({ from: spec.from, to: 'now' })
    .refresh(spec.refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .variables([...spec.variables])
    .link(new DashboardLinkBuilder('LedgerFlow').type(DashboardLinkType.Dashboards).tags([TAG]).asDropdown(false).keepTime(true));
  let y = 0;
  let id = 1;
  for (const { title, rows } of spec.sections) {
    builder.withRow(new RowBuilder(title).id(id).gridPos({ x: 0, y, w: GRID_WIDTH, h: 1 }));
    id += 1;
    y += 1;
    for (const row of rows) {
      let x = 0;
      for (const { panel, w, h } of row) {
        if (x + w > GRID_WIDTH) throw new Error(`${spec.uid}: the row of "${title}" is wider than ${GRID_WIDTH}`);
        builder.withPanel(panel.id(id).gridPos({ x, y, w, h }));
        id += 1;
        x += w;
      }
      y += Math.max(...row.map(({ h }) => h));
    }
  }
  return builder.build();
}

/** A choice whose values come from a query; write it in SQL as `${name:sqlstring}`, which quotes it in every version of Grafana. */
export function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(LEDGERFLOW)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.Disabled)
    .multi(false)
    .includeAll(false);
}

/** A choice of several values, all of them at first. */
export function choices(name: string, label: string, query: string): QueryVariableBuilder {
  return choice(name, label, query)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}
