// Prometheus rules of the objectives, generated: recording rules of the error ratio per window, and alerts when the budget burns too fast
// in a long and a short window at once (multi-window, multi-burn-rate: The Site Reliability Workbook, chapter 5). Pure.

import { OBJECTIVES } from './slo.ts';

export const RULES_FILE = 'infra/prometheus/slo.rules.yml';
export const RULES_TEST_FILE = 'infra/prometheus/slo.rules.test.yml';

/** How fast the budget of 30 days burns, over which windows, and who is told. */
export const BURNS = [
  { factor: 14.4, long: '1h', short: '5m', severity: 'page', spends: '2 % of the 30-day budget in an hour' },
  { factor: 6, long: '6h', short: '30m', severity: 'page', spends: '5 % of the 30-day budget in six hours' },
  { factor: 1, long: '3d', short: '3d', severity: 'warn', spends: 'all of the 30-day budget in 30 days' },
] as const;

const WINDOWS = ['5m', '30m', '1h', '6h', '3d'] as const;
const NOTICE = '# Generated from lake/quality/burn-rules.ts by `npm run docs`. Do not edit.';

const ratio = (window: string): string => `ledgerflow:slo_error_ratio:${window}`;

function alertName(slo: string, factor: number): string {
  return `Slo${slo[0]?.toUpperCase() ?? ''}${slo.slice(1)}Burn${String(factor).replace('.', '_')}x`;
}

export function burnRules(): string {
  const recording = WINDOWS.map(
    (window) => `      - record: ${ratio(window)}
        expr: sum by (slo, weight) (increase(ledgerflow_slo_bad_units_total[${window}])) / (sum by (slo, weight) (increase(ledgerflow_slo_units_total[${window}])) > 0)`,
  );
  const alerts = OBJECTIVES.flatMap(({ slo, target, meaning }) => BURNS.map((burn) => alertRule({ slo, target, meaning }, burn)));
  return `${NOTICE}
groups:
  - name: ledgerflow-slo-ratios
    interval: 30s
    rules:
${recording.join('\n')}
  - name: ledgerflow-slo-burn
    rules:
${alerts.join('\n')}
${pipelineAlerts()}
`;
}

function alertRule({ slo, target, meaning }: { slo: string; target: number; meaning: string }, burn: (typeof BURNS)[number]): string {
  const { factor, long, short, severity, spends } = burn;
  const limit = `(${factor} * ${round(1 - target)})`;
  const over = (window: string): string => `${ratio(window)}{slo="${slo}"} > ${limit}`;
  const expr = long === short ? over(long) : `${over(long)} and ${over(short)}`;
  return `      - alert: ${alertName(slo, factor)}
        expr: ${expr}
        labels:
          severity: ${severity}
          slo: ${slo}
        annotations:
          summary: "The ${slo} objective burns ${factor} times too fast (by {{ $labels.weight }})"
          description: "Promised: ${meaning}, for ${round(target * 100)} % over 30 days. At this rate: ${spends}. {{ $value | humanizePercentage }} bad over ${long}."
          runbook: docs/runbook.md#an-objective-burns`;
}

/** Alerts on states rather than budgets. */
function pipelineAlerts(): string {
  const alert = (name: string, rule: { expr: string; for: string; severity: string; summary: string }): string => `      - alert: ${name}
        expr: ${rule.expr}
        for: ${rule.for}
        labels:
          severity: ${rule.severity}
        annotations:
          summary: "${rule.summary}"
          runbook: docs/runbook.md#incidents`;
  const rules = [
    alert('GoldHeld', {
      expr: 'ledgerflow_gold_held == 1',
      for: '0m',
      severity: 'page',
      summary: 'A blocking check holds gold at its last good state',
    }),
    alert('IncidentOpen', {
      expr: 'ledgerflow_incidents_open{severity="page"} > 0',
      for: '1m',
      severity: 'page',
      summary: '{{ $value }} incidents of severity page are open: ledgerflow incidents',
    }),
    alert('JobFailing', {
      expr: 'increase(ledgerflow_job_runs_total{state="failed"}[15m]) > 0',
      for: '0m',
      severity: 'page',
      summary: 'The job {{ $labels.job_name }} fails after all its attempts',
    }),
    alert('ProcessorSilent', {
      expr: 'absent(ledgerflow_freshness_seconds)',
      for: '2m',
      severity: 'page',
      summary: 'No processor reports its freshness',
    }),
  ];
  return `  - name: ledgerflow-states
    rules:
${rules.join('\n')}`;
}

const round = (value: number): string => String(Number(value.toPrecision(10)));

/** promtool's unit tests of the rules: each alert fires at its burn rate, and none does below it. */
export function burnRulesTest(): string {
  const cases = OBJECTIVES.flatMap(({ slo, target }) => {
    const budget = 1 - target;
    const fast = `Slo${slo[0]?.toUpperCase() ?? ''}${slo.slice(1)}`;
    return [
      testCase(slo, { share: 20 * budget, minutes: 65, fires: [`${fast}Burn14_4x`], silent: [] }),
      testCase(slo, { share: 8 * budget, minutes: 65, fires: [`${fast}Burn6x`], silent: [`${fast}Burn14_4x`] }),
      testCase(slo, { share: 1.5 * budget, minutes: 65, fires: [`${fast}Burn1x`], silent: [`${fast}Burn14_4x`, `${fast}Burn6x`] }),
      testCase(slo, { share: 0.5 * budget, minutes: 65, fires: [], silent: BURNS.map(({ factor }) => alertName(slo, factor)) }),
    ];
  });
  return `${NOTICE}
rule_files:
  - slo.rules.yml
evaluation_interval: 1m
tests:
${cases.join('\n')}
`;
}

const UNITS_PER_MINUTE = 1_000_000;

interface Case {
  /** Share of bad units. */
  readonly share: number;
  readonly minutes: number;
  readonly fires: readonly string[];
  readonly silent: readonly string[];
}

function testCase(slo: string, { share, minutes, fires, silent }: Case): string {
  const bad = Math.round(share * UNITS_PER_MINUTE);
  const expected = (name: string, firing: boolean): string => `      - eval_time: ${minutes}m
        alertname: ${name}
        exp_alerts: ${firing ? `\n          - ${exact(name, slo)}` : '[]'}`;
  return `  - name: ${slo} at a share of ${round(share)}
    interval: 1m
    input_series:
      - series: 'ledgerflow_slo_units_total{slo="${slo}",weight="rows"}'
        values: '0+${UNITS_PER_MINUTE}x${minutes}'
      - series: 'ledgerflow_slo_bad_units_total{slo="${slo}",weight="rows"}'
        values: '0+${bad}x${minutes}'
    promql_expr_test:
      - expr: ${ratio('5m')}{slo="${slo}"}
        eval_time: ${minutes}m
        exp_samples:
          - labels: '${ratio('5m')}{slo="${slo}",weight="rows"}'
            value: ${bad / UNITS_PER_MINUTE}
    alert_rule_test:
${[...fires.map((name) => expected(name, true)), ...silent.map((name) => expected(name, false))].join('\n')}`;
}

function exact(name: string, slo: string): string {
  const objective = OBJECTIVES.find((each) => each.slo === slo)!; // one of them
  const burn = BURNS.find(({ factor }) => name === alertName(slo, factor))!; // named so above
  const share = SHARES[String(burn.factor)] ?? 0;
  const percent = `${round(share * (1 - objective.target) * 100)}%`;
  return `exp_labels: { severity: ${burn.severity}, slo: ${slo}, weight: rows }
            exp_annotations:
              summary: "The ${slo} objective burns ${burn.factor} times too fast (by rows)"
              description: "Promised: ${objective.meaning}, for ${round(objective.target * 100)} % over 30 days. At this rate: ${burn.spends}. ${percent} bad over ${burn.long}."
              runbook: docs/runbook.md#an-objective-burns`;
}

/** Burn rate of the test case in which the alert fires. */
const SHARES: Readonly<Record<string, number>> = { '14.4': 20, '6': 8, '1': 1.5 };
