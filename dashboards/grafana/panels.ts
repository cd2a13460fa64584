// The kinds of panels the dashboards are made of: one look, one way to say unit, thresholds and what a number means.

import { PanelBuilder as BarChartBuilder } from '@grafana/grafana-foundation-sdk/barchart';
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type GridPos,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as PieBuilder, PieChartLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/piechart';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { LEDGERFLOW, PROMETHEUS, promQueries, sqlQuery, type PromSeries } from './query.ts';

/** Grafana's unit ids that are used. Money has no unit of its own: the currency stands in the title. */
export const UNIT = {
  money: 'locale',
  count: 'short',
  share: 'percentunit',
  percent: 'percent',
  seconds: 's',
  ms: 'ms',
  bytes: 'bytes',
  rate: 'ops',
} as const;
export type Unit = (typeof UNIT)[keyof typeof UNIT];

/** Colour steps: the first holds from minus infinity on. */
export type Steps = readonly (readonly [number | null, string])[];
export const NEUTRAL: Steps = [[null, 'blue']];
/** Anything above zero is wrong. */
export const ZERO_IS_GOOD: Steps = [
  [null, 'green'],
  [0.000001, 'red'],
];

export interface AnyPanel extends cog.Builder<Panel> {
  id(id: number): AnyPanel;
  gridPos(place: GridPos): AnyPanel;
}

/** A panel and its size; Grafana's grid is 24 wide. */
export interface Sized {
  readonly panel: AnyPanel;
  readonly w: number;
  readonly h: number;
}

interface Common {
  readonly title: string;
  /** What the number means; shown at the panel's i. */
  readonly about: string;
  readonly unit: Unit;
  readonly w: number;
  readonly h?: number;
  readonly decimals?: number;
  readonly steps?: Steps;
}

type Source = { readonly sql: string } | { readonly prom: readonly PromSeries[] };

/** What every kind of builder has. */
interface Dressable {
  title(title: string): unknown;
  description(text: string): unknown;
  datasource(ref: DataSourceRef): unknown;
  targets(targets: cog.Builder<cog.Dataquery>[]): unknown;
  unit(unit: string): unknown;
  decimals(decimals: number): unknown;
  thresholds(thresholds: ThresholdsConfigBuilder): unknown;
}

function dress(builder: Dressable, spec: Common & Source, format: 'table' | 'time_series'): void {
  builder.title(spec.title);
  builder.description(spec.about);
  builder.datasource('sql' in spec ? LEDGERFLOW : PROMETHEUS);
  builder.targets('sql' in spec ? [sqlQuery(spec.sql, format)] : promQueries(spec.prom));
  builder.unit(spec.unit);
  builder.thresholds(thresholds(spec.steps ?? NEUTRAL));
  if (spec.decimals !== undefined) builder.decimals(spec.decimals);
}

export function thresholds(steps: Steps): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps.map(([value, color]) => ({ value, color })));
}

/** One number, or one for each row (`each`) named by the row's text. */
export function stat(spec: Common & Source & { readonly each?: boolean }): Sized {
  const panel = new StatBuilder()
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .noValue('–')
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .values(spec.each === true)
        .calcs(['lastNotNull'])
        .fields(''),
    );
  dress(panel, spec, 'table');
  return { panel, w: spec.w, h: spec.h ?? 4 };
}

type Style = 'line' | 'bars' | 'stacked bars';

/** Values over time. */
export function series(spec: Common & Source & { readonly style?: Style; readonly max?: number }): Sized {
  const { style = 'line' } = spec;
  const panel = new SeriesBuilder()
    .drawStyle(style === 'line' ? GraphDrawStyle.Line : GraphDrawStyle.Bars)
    .fillOpacity(style === 'line' ? 10 : 70)
    .lineWidth(style === 'line' ? 2 : 1)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false)
    .legend(new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic));
  if (style === 'stacked bars') panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (spec.max !== undefined) panel.max(spec.max);
  dress(panel, spec, 'time_series');
  return { panel, w: spec.w, h: spec.h ?? 8 };
}

/** Rows; `columns` gives other units, by column name. */
export function table(
  spec: Common & { readonly sql: string; readonly columns?: Readonly<Record<string, Unit>>; readonly matrix?: Matrix },
): Sized {
  const panel = new TableBuilder();
  dress(panel, spec, 'table');
  for (const [name, unit] of Object.entries(spec.columns ?? {})) panel.overrideByName(name, [{ id: 'unit', value: unit }]);
  if (spec.matrix !== undefined) {
    const { column, row, value } = spec.matrix;
    panel.transformations([{ id: 'groupingToMatrix', options: { columnField: column, rowField: row, valueField: value } }]);
    panel.overrideByRegexp('^\\d+$', [{ id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } }]);
  }
  return { panel, w: spec.w, h: spec.h ?? 8 };
}

/** Columns of a table that become rows, columns and cells of a matrix. */
export interface Matrix {
  readonly column: string;
  readonly row: string;
  readonly value: string;
}

/** A bar for each row, coloured by thresholds. */
export function gauges(spec: Common & { readonly sql: string; readonly max?: number }): Sized {
  const panel = new BarGaugeBuilder()
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .min(0)
    .reduceOptions(new ReduceDataOptionsBuilder().values(true).calcs(['lastNotNull']).fields(''));
  if (spec.max !== undefined) panel.max(spec.max);
  dress(panel, spec, 'table');
  return { panel, w: spec.w, h: spec.h ?? 8 };
}

/** Bars side by side by a text column. */
export function bars(spec: Common & { readonly sql: string; readonly x: string }): Sized {
  const panel = new BarChartBuilder().xField(spec.x).colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic));
  dress(panel, spec, 'table');
  return { panel, w: spec.w, h: spec.h ?? 8 };
}

/** Shares of a whole. */
export function pie(spec: Common & { readonly sql: string }): Sized {
  const panel = new PieBuilder()
    .reduceOptions(new ReduceDataOptionsBuilder().values(true).calcs(['lastNotNull']).fields(''))
    .legend(
      new PieChartLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Right).showLegend(true).values([]),
    );
  dress(panel, spec, 'table');
  return { panel, w: spec.w, h: spec.h ?? 8 };
}
