// Tests and the benchmark: the panels of the generated dashboards with their SQL, as Grafana would ask it.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Expansion } from './expand.ts';
import { momentOf } from './expand.ts';

export interface Field {
  readonly unit?: string;
  readonly thresholds?: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] };
}

export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly rawSql?: string; readonly format?: string; readonly expr?: string }[];
  readonly fieldConfig?: {
    readonly defaults: Field;
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
  readonly transformations?: readonly { readonly id: string; readonly options: Readonly<Record<string, string>> }[];
  readonly options?: { readonly xField?: string };
}

export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly panels: readonly PanelJson[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string; readonly multi: boolean; readonly includeAll: boolean }[];
  };
}

const ROOT = path.resolve(import.meta.dirname, '../..');

/** The dashboards as they lie in the repository. */
export function readDashboards(): DashboardJson[] {
  const folder = path.join(ROOT, 'infra/grafana/dashboards');
  return readdirSync(folder)
    .sort()
    .map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as DashboardJson);
}

export interface SqlPanel {
  readonly dashboard: DashboardJson;
  readonly panel: PanelJson;
  readonly sql: string;
  readonly format: string;
}

export function sqlPanels(all: readonly DashboardJson[] = readDashboards()): SqlPanel[] {
  return all.flatMap((dashboard) =>
    dashboard.panels.flatMap((panel) =>
      (panel.targets ?? []).flatMap(({ rawSql, format }) =>
        rawSql === undefined ? [] : [{ dashboard, panel, sql: rawSql, format: format ?? 'table' }],
      ),
    ),
  );
}

type Ask = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** Asks the dashboard's variables as Grafana does: the first value of a single choice, all of a multiple one. */
export async function expansionOf({ time, templating }: DashboardJson, now: Date, ask: Ask): Promise<Expansion> {
  const variables = new Map<string, readonly string[]>();
  for (const { name, query, multi } of templating.list) {
    const values = (await ask(query)).map((row) => String(row['__value'] ?? Object.values(row)[0]));
    variables.set(name, multi ? values : values.slice(0, 1));
  }
  return { from: momentOf(time.from, now), to: now, variables };
}

/** What the runs of data-quality checks keep, as far as the dashboards read it. */
export const QUALITY_TABLES = `
CREATE TABLE IF NOT EXISTS gold.dq_results (run_id BIGINT, check_name VARCHAR, severity VARCHAR, status VARCHAR, violations BIGINT, started_at TIMESTAMP, duration_ms BIGINT);
CREATE TABLE IF NOT EXISTS gold.pipeline_slo (table_name VARCHAR, minute TIMESTAMP, slo VARCHAR, good BIGINT, total BIGINT);`;

/** Alerts of two rules and what was made of some of them; the queue's views stand on them. */
export const FRAUD_TABLES = `
CREATE TABLE IF NOT EXISTS gold.fraud_queue (alert_id VARCHAR, rule_id VARCHAR, rule_version INTEGER, mode VARCHAR, severity VARCHAR, decision VARCHAR, entity_type VARCHAR, entity_id VARCHAR,
  customer_id VARCHAR, amount DECIMAL(28,8), currency VARCHAR, event_ts TIMESTAMP, detected_at TIMESTAMP, explanation VARCHAR, state VARCHAR, outcome VARCHAR, assignee VARCHAR);
CREATE OR REPLACE VIEW gold.fraud_alerts AS FROM gold.fraud_queue;
CREATE TABLE IF NOT EXISTS gold.fraud_rule_precision (rule_id VARCHAR, rule_version INTEGER, alerts BIGINT, open BIGINT, acknowledged BIGINT, confirmed BIGINT, false_positive BIGINT,
  inconclusive BIGINT, "precision" DOUBLE);
INSERT INTO gold.fraud_queue VALUES
  ('a1', 'velocity_count', 1, 'active', 'high', 'decline', 'customer', '7', '7', 12.5, 'USD', TIMESTAMP '2026-11-10 10:00:00', TIMESTAMP '2026-11-10 10:00:01', 'ten in thirty minutes', 'open', NULL, NULL),
  ('a2', 'structuring', 1, 'active', 'high', 'decline', 'account', '70', '7', 9900, 'USD', TIMESTAMP '2026-11-11 10:00:00', TIMESTAMP '2026-11-11 10:00:01', 'three just under', 'closed', 'confirmed', 'ann'),
  ('a3', 'structuring', 2, 'shadow', 'high', 'decline', 'account', '70', '7', 9900, 'USD', TIMESTAMP '2026-11-11 10:00:00', TIMESTAMP '2026-11-11 10:00:01', 'three just under', 'open', NULL, NULL);
INSERT INTO gold.fraud_rule_precision VALUES ('velocity_count', 1, 1, 1, 0, 0, 0, 0, NULL), ('structuring', 1, 1, 0, 0, 1, 0, 0, 1.0);`;

/** Two sources, one of them with a second attempt and a refused run; breaks of three reasons; one run of the pipeline against itself. */
export const RECON_TABLES = `
CREATE TABLE IF NOT EXISTS ops.recon_runs (run_id BIGINT, source VARCHAR, business_date DATE, attempt INTEGER, state VARCHAR, requested_by VARCHAR, error VARCHAR);
CREATE TABLE IF NOT EXISTS gold.recon_summary (run_id BIGINT, source VARCHAR, business_date DATE, attempt INTEGER, external_rows BIGINT, internal_rows BIGINT, matched_external BIGINT,
  exact BIGINT, fuzzy BIGINT, grouped BIGINT, breaks BIGINT, expected BIGINT, parked BIGINT, new_breaks BIGINT, resolved_breaks BIGINT, match_rate DOUBLE);
CREATE TABLE IF NOT EXISTS gold.recon_breaks (break_id VARCHAR, source VARCHAR, business_date DATE, reason VARCHAR, state VARCHAR, owner VARCHAR, currency VARCHAR, difference DECIMAL(38,4),
  exposure DECIMAL(38,4), why VARCHAR, age_days BIGINT, age_bucket VARCHAR, overdue BOOLEAN);
CREATE TABLE IF NOT EXISTS gold.self_reconciliation (run_id BIGINT, taken_at TIMESTAMP, left_stage VARCHAR, right_stage VARCHAR, leg VARCHAR, left_rows BIGINT, status VARCHAR);
INSERT INTO ops.recon_runs VALUES (1, 'bank_csv', DATE '2026-11-10', 1, 'succeeded', 'ann', NULL), (2, 'bank_csv', DATE '2026-11-10', 2, 'succeeded', 'ann', NULL),
  (3, 'scheme', DATE '2026-11-11', 1, 'refused', 'schedule', 'does not tie'), (4, 'scheme', DATE '2026-11-12', 1, 'succeeded', 'schedule', NULL);
INSERT INTO gold.recon_summary VALUES (1, 'bank_csv', DATE '2026-11-10', 1, 10, 10, 5, 5, 0, 0, 5, 0, 0, 5, 0, 0.5), (2, 'bank_csv', DATE '2026-11-10', 2, 10, 10, 9, 8, 1, 0, 1, 0, 0, 0, 4, 0.9),
  (4, 'scheme', DATE '2026-11-12', 1, 30, 31, 29, 29, 0, 0, 2, 1, 0, 2, 0, 0.966667);
INSERT INTO gold.recon_breaks VALUES ('b1', 'bank_csv', DATE '2026-11-10', 'amount', 'open', NULL, 'USD', 2, 120, 'the amount differs by 2', 3, '2-3', true),
  ('b2', 'scheme', DATE '2026-11-12', 'missing_internal', 'investigating', 'ann', 'EUR', 44, 44, 'no internal row fits', 1, '0-1', false),
  ('b3', 'scheme', DATE '2026-11-12', 'missing_external', 'acknowledged', 'ben', 'USD', -75, 75, 'no external row fits', 1, '0-1', false),
  ('b4', 'bank_csv', DATE '2026-11-10', 'duplicate', 'resolved', NULL, 'USD', 9, 9, 'twice', 3, '2-3', false);
INSERT INTO gold.self_reconciliation VALUES (1, now()::TIMESTAMP - INTERVAL 1 HOUR, 'mysql', 'silver', 'mysql_silver', 100, 'different'), (2, now()::TIMESTAMP - INTERVAL 10 MINUTE, 'mysql', 'silver', 'mysql_silver', 100, 'equal'),
  (2, now()::TIMESTAMP - INTERVAL 10 MINUTE, 'silver', 'gold', 'silver_gold', 100, 'equal');`;
