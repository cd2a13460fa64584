// What was known of a day of reconciliation, as files for somebody else: CSV for programs, one HTML page for people.

import { literal } from '../../infra/runtime/sql-text.ts';
import type { Result } from './wire-client.ts';

export interface PackFile {
  readonly name: string;
  readonly text: string;
  /** Of a CSV file. */
  readonly rows: number | null;
}

/** By file name: SELECT with the day as `$day`. */
const PARTS: Readonly<Record<string, string>> = {
  runs: 'SELECT * EXCLUDE (definition) FROM ops.recon_runs WHERE business_date = $day ORDER BY run_id',
  summary: 'SELECT * FROM gold.recon_summary WHERE business_date = $day ORDER BY run_id',
  log: `SELECT l.run_id, l.seq, l.logged_at, l.kind, l.matched, array_to_string(l.external_ids, ' ') AS external_ids, array_to_string(l.internal_ids, ' ') AS internal_ids, l.tier, l.score, l.components,
    l.reason, l.message, l.content_hash, l.hash FROM ops.recon_log l JOIN ops.recon_runs r ON r.run_id = l.run_id WHERE r.business_date = $day ORDER BY l.run_id, l.seq`,
  breaks: 'SELECT * FROM gold.recon_breaks WHERE business_date = $day ORDER BY exposure DESC, break_id',
  events: `SELECT e.* FROM ops.recon_break_events e JOIN ops.recon_breaks b ON b.break_id = e.break_id WHERE b.business_date = $day ORDER BY e.seq`,
};
/** Rows of the page's tables; the CSV files have all. */
const SHOWN_ROWS = 1_000;

/** @param query answers one SELECT; @param date business date, YYYY-MM-DD */
export async function reconPack(query: (sql: string) => Promise<Result>, date: string): Promise<PackFile[]> {
  const files: PackFile[] = [];
  const sections: string[] = [];
  for (const [name, sql] of Object.entries(PARTS)) {
    const found = await query(sql.replace('$day', `DATE ${literal(date)}`));
    const lines = [found.columns.map((column) => column.name), ...found.rows].map((row) =>
      row.map((cell) => csvCell(cell ?? '')).join(','),
    );
    files.push({ name: `${name}.csv`, text: `${lines.join('\n')}\n`, rows: found.rows.length });
    sections.push(section(name, found));
  }
  const style =
    'body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:2px 6px;text-align:left;vertical-align:top}';
  const head = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reconciliation ${date}</title><style>${style}</style></head>`;
  const page = `${head}<body><h1>Reconciliation ${date}</h1>${sections.join('')}</body></html>\n`;
  return [...files, { name: 'report.html', text: page, rows: null }];
}

function section(name: string, { columns, rows }: Result): string {
  const cells = (row: readonly (string | null)[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell ?? '')}</${tag}>`).join('')}</tr>`;
  const shown = rows.slice(0, SHOWN_ROWS).map((row) => cells(row, 'td'));
  const more = rows.length > SHOWN_ROWS ? `<p>${rows.length - SHOWN_ROWS} more in ${name}.csv</p>` : '';
  return `<h2>${name}</h2><table>${cells(columns.map((column) => column.name), 'th')}${shown.join('')}</table>${more}`; // prettier-ignore
}

/** RFC 4180; a text that a spreadsheet would run as a formula is marked as text. */
function csvCell(cell: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
