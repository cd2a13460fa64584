// The queue of fraud alerts, read through the PostgreSQL endpoint.

import type { Login } from '../../infra/native/run-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { jsonObject, jsonRows } from './json-rows.ts';
import { printLine } from './output.ts';
import { wireOf } from './running.ts';
import { renderPairs, renderTable } from './table.ts';
import { queryAll } from './wire-client.ts';

export const STATE_FILTERS = ['working', 'open', 'acknowledged', 'closed', 'all'] as const;
const stamp = (column: string): string => `strftime(${column}, '%Y-%m-%dT%H:%M:%SZ') AS ${column}`;
const LIST = `alert_id, state, severity, rule_id || '@' || rule_version AS rule, entity_type || ' ' || entity_id AS entity, ${stamp('event_ts')}, amount, currency, assignee, outcome, explanation`;
const ID_SHOWN = 12;

interface ListOptions {
  readonly json?: boolean;
  readonly state: (typeof STATE_FILTERS)[number];
  readonly rule?: string;
  readonly entity?: string;
  readonly limit: number;
}

export async function listAlerts({ state, rule, entity, limit, json }: ListOptions): Promise<void> {
  const where = [
    state === 'all' ? 'true' : state === 'working' ? `state <> 'closed'` : `state = ${literal(state)}`,
    ...(rule === undefined ? [] : [`rule_id = ${literal(rule)}`]),
    ...(entity === undefined ? [] : [`entity_id = ${literal(entity)}`]),
  ];
  const id = json === true ? LIST : LIST.replace('alert_id,', `left(alert_id, ${ID_SHOWN}) AS alert,`);
  await print(
    `SELECT ${id} FROM gold.fraud_queue WHERE ${where.join(' AND ')} ORDER BY gold.fraud_queue.event_ts DESC, alert_id LIMIT ${limit}`,
    json,
  );
}

export async function print(sql: string, json: boolean | undefined): Promise<void> {
  const { columns, rows } = await queryAll(wireOf(), sql);
  if (json === true) printLine(jsonRows({ columns, rows }));
  else if (rows.length === 0) printLine('none');
  else printLine(renderTable(columns, rows.map((row) => row.map((cell) => cell ?? '')))); // prettier-ignore
}

export async function showAlert(short: string, { json }: { readonly json?: boolean }): Promise<void> {
  const wire = wireOf();
  const [id = ''] = await wholeIds(wire, [short]);
  const found = await queryAll(wire, `SELECT * FROM gold.fraud_queue WHERE alert_id = ${literal(id)}`);
  const steps = await queryAll(
    wire,
    `SELECT seq, strftime(done_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS done_at, actor, action, from_state, to_state, outcome, assignee, note FROM ops.fraud_alert_events WHERE alert_id = ${literal(id)} ORDER BY seq`,
  );
  const row = found.rows[0] ?? [];
  if (json === true) {
    printLine(`${jsonObject(found.columns, row).slice(0, -1)},"steps":${jsonRows(steps)}}`);
    return;
  }
  const pairs = found.columns.flatMap(({ name }, index): [string, string][] => {
    const cell = row[index] ?? null;
    return cell === null ? [] : [[name, cell]];
  });
  printLine(renderPairs(pairs));
  if (steps.rows.length > 0) printLine(`\n${renderTable(steps.columns, steps.rows.map((cells) => cells.map((cell) => cell ?? '')))}`); // prettier-ignore
}

/** Whole ids of shortened ones. @throws LedgerflowError LF_FRAUD_ALERT_UNKNOWN when one names no alert or several */
export async function wholeIds(wire: Login, shorts: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const short of shorts) {
    const found = await queryAll(wire, `SELECT alert_id FROM gold.fraud_queue WHERE starts_with(alert_id, ${literal(short)}) LIMIT 2`);
    if (found.rows.length !== 1)
      throw new LedgerflowError(
        'LF_FRAUD_ALERT_UNKNOWN',
        found.rows.length === 0 ? `there is no alert ${short}` : `${short} names several alerts`,
      );
    ids.push(found.rows[0]?.[0] ?? '');
  }
  return ids;
}
