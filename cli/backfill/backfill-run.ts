// Backfills a table with Debezium's incremental snapshot: looks at the table, lets the processor and the connector know it, writes the
// signal, follows it to its end. Nothing of it lives in this process: the snapshot goes on when the command is broken off.

import type { Connection } from 'mysql2/promise';
import { collectionPattern } from '../../cdc/connector/signal-row.ts';
import { readPolicies } from '../../cdc/privacy/policy-file.ts';
import { shapeUnder } from '../../cdc/privacy/policy.ts';
import type { SourceTable } from '../../cdc/schema/source-table.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { notReadable } from '../../stream/processor/rereads.ts';
import { bankLogin } from '../bank/bank-login.ts';
import { wireOf } from '../support/running.ts';
import { queryAll } from '../support/wire-client.ts';
import { announcedSchema, extentOf, onSource, refused, signalId, sourceTable, writeSignal, type SourceInput } from './backfill-source.ts';
import { backfillStatuses, progressLine, type BackfillStatus } from './backfill-status.ts';
import { capturePlace, captureTable, isLeftOut, refuseUncapturable } from './capture-table.ts';
import { until } from './until.ts';

export interface BackfillInput {
  readonly table: string;
  readonly where: string | null;
  readonly onProgress: (text: string) => void;
}

const POLL_MS = 1_000;
const TELL_EVERY_MS = 5_000;

export function sourceInput(table: string): SourceInput {
  const config = loadConfig();
  return { table, mysql: bankLogin(config), excludeTables: config.excludeTables };
}

/** Writes the signal. @returns its id. @throws LedgerflowError LF_BACKFILL_REFUSED, LF_NOT_RUNNING */
export async function beginIncremental(input: BackfillInput): Promise<string> {
  const source = sourceInput(input.table);
  return await onSource(source, async (connection) => {
    const table = await sourceTable(connection, source);
    const why = notReadable(table.schema);
    if (why !== null) throw refused(input.table, `${why}; --mode bulk may do`);
    await refuseBeside(input.table, input.where !== null);
    const estimate = await extentOf(connection, table, input.where);
    await makeKnown(connection, table, input.onProgress);
    const id = signalId('incremental', input.table);
    const name = collectionPattern(table.schema.database, input.table);
    const conditions = input.where === null ? {} : { 'additional-conditions': [{ 'data-collection': name, filter: input.where }] };
    await writeSignal(connection, {
      ...{ id, type: 'execute-snapshot' },
      data: { 'data-collections': [name], type: 'incremental', ...conditions, estimate },
    });
    return id;
  });
}

/** @param partial only some rows are to be read */
export async function refuseBeside(table: string, partial: boolean): Promise<void> {
  const wire = wireOf();
  const name = literal(table);
  const running = await queryAll(wire, `SELECT signal_id FROM ops.rereads WHERE table_name = ${name} AND status = 'running'`);
  if (running.rows.length > 0)
    throw refused(table, `it is being read already (${running.rows[0]?.[0] ?? ''}): \`ledgerflow backfill status\``);
  if (partial && (await isHeld(table))) throw refused(table, 'it is held, so the whole table must be read: leave --where out');
}

async function isHeld(table: string): Promise<boolean> {
  const held = await queryAll(wireOf(), `SELECT 1 FROM ops.held_tables WHERE table_name = ${literal(table)} AND released_commit IS NULL`);
  return held.rows.length > 0;
}

/**
 * Sees to it that the processor knows the table, and the connector captures it. One that the processor has not heard of is held until it is
 * read, so its rows never make a transaction wait for a schema.
 * @throws LedgerflowError LF_BACKFILL_REFUSED, LF_BACKFILL_FAILED
 */
export async function makeKnown(connection: Connection, table: SourceTable, onProgress: (text: string) => void): Promise<void> {
  const { home } = loadConfig();
  const name = table.schema.table;
  const place = capturePlace();
  const left = await isLeftOut(place, table);
  if (left) await refuseUncapturable(connection, table);
  const answer = (await callControl(home, 'backfill/announce', { schema: shapeUnder(readPolicies(home), announcedSchema(table)) })) as {
    state: string;
  };
  if (answer.state === 'announced') {
    onProgress(`${name} is new to the processor: it is held until it has been read`);
    await until(`${name} to be held`, () => isHeld(name));
  }
  if (!left) return;
  await captureTable(place, table);
  onProgress(`${name} is captured from now on`);
}

/** Follows a backfill to its end. @throws LedgerflowError LF_BACKFILL_FAILED */
export async function followBackfill(signal: string, onProgress: (text: string) => void): Promise<BackfillStatus> {
  const wire = wireOf();
  await until('the signal to come through', async () => (await backfillStatuses(wire, signal)).length > 0);
  let told = 0;
  for (;;) {
    const [status] = await backfillStatuses(wire, signal);
    if (status === undefined) throw new LedgerflowError('LF_BACKFILL_FAILED', `${signal} is unknown`);
    if (status.state === 'done') return status;
    if (status.state !== 'running' && status.state !== 'paused')
      throw new LedgerflowError('LF_BACKFILL_FAILED', `${status.table}: ${status.state}`, { where: signal });
    if (Date.now() - told >= TELL_EVERY_MS) {
      onProgress(progressLine(status));
      told = Date.now();
    }
    await sleep(POLL_MS);
  }
}
