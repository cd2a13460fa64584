// `ledgerflow quality`: the last result of every data-quality check, and the data-docs page.

import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Login } from '../../infra/native/run-file.ts';
import { renderDataDocs, type DataDocs } from '../../lake/quality/data-docs.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLine } from '../support/output.ts';
import { wireOf } from '../support/running.ts';
import { renderTable } from '../support/table.ts';
import { queryAll } from '../support/wire-client.ts';

const HELP = `
Results are in gold.dq_results, objectives in gold.pipeline_slo and gold.slo_budget. docs/data-quality.md says what the checks are.
Exit code: 0 when every check holds, ${EXIT.FAILED} when one does not.

Examples:
  $ ledgerflow quality
  $ ledgerflow quality --html quality.html`;

const TREND_MAX = 30;
const INCIDENTS_MAX = 50;

const stamp = (column: string): string => `strftime(${column}, '%Y-%m-%dT%H:%M:%SZ')`;
const CHECKS_SQL = `SELECT check_name, table_name, severity, dimension, kind, expected, status, violations::VARCHAR, violating_rows, ${stamp('started_at')},
  (SELECT string_agg(status, ',' ORDER BY started_at) FROM (SELECT status, started_at FROM gold.dq_results t WHERE t.check_name = r.check_name ORDER BY started_at DESC LIMIT ${TREND_MAX}))
FROM gold.dq_results r QUALIFY row_number() OVER (PARTITION BY check_name ORDER BY started_at DESC) = 1 ORDER BY status = 'passed', check_name`;
const OBJECTIVES_SQL =
  'SELECT slo, weight, target::VARCHAR, achieved::VARCHAR, budget_left::VARCHAR, meaning FROM gold.slo_budget ORDER BY slo, weight DESC';
const utc = (column: string): string => stamp(`${column} AT TIME ZONE 'UTC'`);
const INCIDENTS_SQL = `SELECT incident_id::VARCHAR, severity, subject, ${utc('opened_at')}, ${utc('closed_at')}, summary FROM ops.incidents ORDER BY closed_at IS NOT NULL, incident_id DESC LIMIT ${INCIDENTS_MAX}`;

export function register(program: Command): void {
  program
    .command('quality')
    .description('Show the last result of every data-quality check; write the data-docs page.')
    .option('--html <file>', 'write the page with results, trends, objectives and incidents')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async ({ html, json }: { html?: string; json?: boolean }) => {
      const docs = await readDocs();
      if (html !== undefined) await writeFile(html, renderDataDocs(docs));
      if (json === true) printJson(docs);
      else if (html === undefined) show(docs);
      else printLine(`wrote ${html}`);
      if (docs.checks.some(({ status }) => status === 'failed' || status === 'error')) process.exitCode = EXIT.FAILED;
    });
}

function show({ checks }: DataDocs): void {
  const heads = ['result', 'check', 'table', 'severity', 'violations', 'last run'].map((name) => ({ name }));
  printLine(renderTable(heads, checks.map(({ status, check, table, severity, violations, at }) => [status, check, table, severity, violations, at]))); // prettier-ignore
}

async function readDocs(): Promise<DataDocs> {
  const wire = wireOf();
  const [position] = await read(wire, 'SELECT gtid FROM ops.state');
  const checks = await read(wire, CHECKS_SQL);
  const objectives = await read(wire, OBJECTIVES_SQL);
  const incidents = await read(wire, INCIDENTS_SQL);
  const text = (cell: string | null | undefined): string => cell ?? '';
  return {
    generatedAt: new Date().toISOString(),
    position: text(position?.[0]),
    checks: checks.map(([check, table, severity, dimension, kind, expected, status, violations, rows, at, trend]) => ({
      ...{ check: text(check), table: text(table), severity: text(severity), dimension: text(dimension), kind: text(kind) },
      ...{ expected: text(expected), status: text(status), violations: text(violations), rows: text(rows), at: text(at) },
      trend: text(trend).split(','),
    })),
    objectives: objectives.map(([slo, weight, target, achieved, left, meaning]) => ({
      ...{
        slo: text(slo),
        weight: weight ?? null,
        target: text(target),
        achieved: text(achieved),
        budgetLeft: text(left),
        meaning: text(meaning),
      },
    })),
    incidents: incidents.map(([id, severity, subject, opened, closed, summary]) => ({
      ...{
        id: text(id),
        severity: text(severity),
        subject: text(subject),
        openedAt: text(opened),
        closedAt: closed ?? null,
        summary: text(summary),
      },
    })),
  };
}

async function read(wire: Login, sql: string): Promise<readonly (readonly (string | null)[])[]> {
  return (await queryAll(wire, sql)).rows;
}
