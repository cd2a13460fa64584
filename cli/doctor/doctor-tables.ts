// The doctor's look at the captured tables: which would stop the connector, which cannot be carried, which have no key, and which hold
// dates that would be lost.

import type { Connection } from 'mysql2/promise';
import { findLostDates, readSourceTables } from '../../cdc/connector/source-tables.ts';
import { APPEND_ONLY, judgeTables, type NamedReason, type SourceTable } from '../../cdc/schema/source-table.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { fine, wrong, type Check } from './doctor-check.ts';

const DATES_PATIENCE_MS = 10_000;
const LEAVE_OUT = 'Change the table, or leave it out with LEDGERFLOW_EXCLUDE_TABLES.';

export async function tableChecks(connection: Connection, config: Config): Promise<Check[]> {
  const tables = await readSourceTables(connection, config.mysqlDatabase, config.excludeTables);
  return [...judged(tables), ...(await dateChecks(connection, tables))];
}

function judged(tables: readonly SourceTable[]): Check[] {
  const { refused, held, appendOnly } = judgeTables(tables);
  const bad = [...named(refused, 'refused at registration'), ...named(held, 'its rows are parked')];
  const keyless = appendOnly.map((table) => fine(`table ${table}`, `no primary key: ${APPEND_ONLY}`));
  return bad.length > 0 ? [...bad, ...keyless] : [fine('tables', `${tables.length} tables, all can be carried`), ...keyless];
}

function named(reasons: readonly NamedReason[], consequence: string): Check[] {
  return reasons.map(({ table, reason }) => wrong(`table ${table}`, `${consequence}: ${reason}`, LEAVE_OUT));
}

async function dateChecks(connection: Connection, tables: readonly SourceTable[]): Promise<Check[]> {
  const { found, unread } = await findLostDates(connection, tables, DATES_PATIENCE_MS);
  const change = 'Give these rows other dates or NULL; Debezium would make NULL or 1970-01-01 of them, or move them.';
  const lost = found.map(({ table, reason }) => wrong(`dates of table ${table}`, reason, change));
  const open = unread.map((table) => fine(`dates of table ${table}`, `not all looked through in ${DATES_PATIENCE_MS / 1_000} s`));
  return lost.length + open.length > 0 ? [...lost, ...open] : [fine('dates', 'no zero dates')];
}
