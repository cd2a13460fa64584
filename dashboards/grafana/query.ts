// The two data sources and their queries. The SDK has no SQL query, so this is the data source's own shape (grafana-postgresql-datasource).

import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';

export const LEDGERFLOW: DataSourceRef = { type: 'grafana-postgresql-datasource', uid: 'ledgerflow' };
export const PROMETHEUS: DataSourceRef = { type: 'prometheus', uid: 'prometheus' };

/** What a SQL panel's target looks like in a dashboard's JSON. */
export interface SqlTarget {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly rawSql: string;
  readonly format: 'table' | 'time_series';
  readonly rawQuery: true;
  readonly editorMode: 'code';
}

export function sqlTarget(rawSql: string, format: SqlTarget['format'], refId = 'A'): SqlTarget {
  return { refId, datasource: LEDGERFLOW, rawSql: trimmed(rawSql), format, rawQuery: true, editorMode: 'code' };
}

/** A SQL query for a panel. A time series has a column `time`, numbers, and at most one text that names the series. */
export function sqlQuery(rawSql: string, format: SqlTarget['format']): cog.Builder<cog.Dataquery> {
  const target = sqlTarget(rawSql, format);
  return { build: () => ({ ...target, _implementsDataqueryVariant: () => undefined }) };
}

export interface PromSeries {
  readonly expr: string;
  readonly legend: string;
}

export function promQueries(series: readonly PromSeries[]): cog.Builder<cog.Dataquery>[] {
  return series.map(({ expr, legend }, at) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode(65 + at))
      .datasource(PROMETHEUS)
      .expr(expr)
      .legendFormat(legend)
      .range(),
  );
}

/** Without the indentation of the source file. */
function trimmed(sql: string): string {
  return sql
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}
