// The data-docs page: every check with what it expects, its last result and its trend, the objectives, the open incidents. One HTML file
// without scripts or anything from elsewhere. Pure.

export interface CheckEntry {
  readonly check: string;
  readonly table: string;
  readonly severity: string;
  readonly dimension: string;
  readonly kind: string;
  readonly expected: string;
  readonly status: string;
  readonly violations: string;
  readonly rows: string;
  readonly at: string;
  /** Statuses of the last results, oldest first. */
  readonly trend: readonly string[];
}

export interface ObjectiveEntry {
  readonly slo: string;
  readonly weight: string | null;
  readonly target: string;
  readonly achieved: string;
  readonly budgetLeft: string;
  readonly meaning: string;
}

export interface IncidentEntry {
  readonly id: string;
  readonly severity: string;
  readonly subject: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
  readonly summary: string;
}

export interface DataDocs {
  readonly generatedAt: string;
  /** GTID of the lake at that time. */
  readonly position: string;
  readonly checks: readonly CheckEntry[];
  readonly objectives: readonly ObjectiveEntry[];
  readonly incidents: readonly IncidentEntry[];
}

const STYLE = `:root{color-scheme:light dark;--ok:#1a7f37;--bad:#cf222e;--mild:#9a6700;--line:#8884}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:78rem;padding:1rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}caption{text-align:left;font-weight:600;font-size:1.15rem;padding:.4rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
.passed{color:var(--ok)}.failed,.error{color:var(--bad);font-weight:600}.skipped{color:var(--mild)}
code{font-size:.85em;overflow-wrap:anywhere}svg{vertical-align:middle}
@media(prefers-color-scheme:dark){:root{--ok:#3fb950;--bad:#ff7b72;--mild:#d29922}}`;

export function renderDataDocs(docs: DataDocs): string {
  const failing = docs.checks.filter(({ status }) => status === 'failed' || status === 'error').length;
  const summary = failing === 0 ? `all ${docs.checks.length} checks hold` : `${failing} of ${docs.checks.length} checks do not hold`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>LedgerFlow data quality</title><style>${STYLE}</style></head><body><main>
<h1>Data quality</h1>
<p>${summary}. Written ${escape(docs.generatedAt)}, lake at <code>${escape(docs.position)}</code>.</p>
${section('Objectives over 30 days', ['Objective', 'By', 'Promised', 'Achieved', 'Budget left', 'A row is good when'], docs.objectives.map(objectiveRow))}
${section('Incidents', ['Number', 'Severity', 'About', 'Opened', 'Closed', 'What'], docs.incidents.map(incidentRow))}
${section('Checks', ['Check', 'Table', 'Severity', 'Result', 'Trend', 'Expected', 'Last run'], docs.checks.map(checkRow))}
</main></body></html>
`;
}

function section(title: string, heads: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return `<h2>${title}</h2><p>none</p>`;
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join('');
  return `<table><caption>${title}</caption><thead><tr>${head}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}

const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;

function objectiveRow({ slo, weight, target, achieved, budgetLeft, meaning }: ObjectiveEntry): string {
  return row([slo, weight ?? 'rows', percent(target), percent(achieved), percent(budgetLeft), meaning].map(escape));
}

function incidentRow({ id, severity, subject, openedAt, closedAt, summary }: IncidentEntry): string {
  const state = closedAt === null ? '<span class="failed">open</span>' : escape(closedAt);
  return row([escape(id), escape(severity), escape(subject), escape(openedAt), state, escape(summary)]);
}

function checkRow(entry: CheckEntry): string {
  const { check, table, severity, dimension, kind, status, violations, rows, trend, expected, at } = entry;
  const found = status === 'failed' ? `: ${escape(violations)} rows<br><code>${escape(rows.slice(0, 600))}</code>` : '';
  return row([
    `<strong>${escape(check)}</strong><br>${escape(kind)}, ${escape(dimension)}`,
    ...[table, severity].map(escape),
    `<span class="${escape(status)}">${escape(status)}</span>${found}`,
    bars(trend),
    ...[expected, at].map(escape),
  ]);
}

/** One bar per result, oldest first; told in words to those who do not see it. */
function bars(trend: readonly string[]): string {
  const bad = trend.filter((status) => status !== 'passed' && status !== 'skipped').length;
  const bar = (status: string, index: number): string => {
    const good = status === 'passed';
    const colour = good ? 'var(--ok)' : status === 'skipped' ? 'var(--mild)' : 'var(--bad)';
    return `<rect x="${index * 5}" y="${good ? 8 : 0}" width="4" height="${good ? 8 : 16}" fill="${colour}"/>`;
  };
  return `<svg role="img" aria-label="${bad} of the last ${trend.length} results did not pass" width="${trend.length * 5}" height="16">${trend.map(bar).join('')}</svg>`;
}

/** A share as a percentage with up to three digits behind the point. */
function percent(share: string): string {
  const value = Number(share);
  return Number.isFinite(value) ? `${Number((value * 100).toFixed(3))} %` : share;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
