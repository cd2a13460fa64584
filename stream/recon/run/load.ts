// Stage 1: the statement's entries and our movements of the days around it become rows of reconciliation, each once. A row that an earlier
// file had already (same number, same content) is that row; the same row twice in one file is two rows.

import { BIGINT, VARCHAR } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import type { InputEnd, ParkedLine, Statement, StatementEntry } from '../adapters/port.ts';
import { keyMaker } from '../match/prepared.ts';
import { normaliseReference } from '../match/text.ts';
import type { Side } from '../match/row.ts';
import { judgeContinuity } from './continuity.ts';
import { internalSql } from './internal-sql.ts';
import { moveOn, readFrom } from './position.ts';
import { RowsOut } from './rows-out.ts';
import { dayAfter, rowsOf, type StageContext } from './stage.ts';

const incomingTable = (side: Side): string => `recon_incoming_${side}`;
const incomingSql = (
  side: Side,
): string => `CREATE OR REPLACE TEMP TABLE ${incomingTable(side)} (line BIGINT, row_id VARCHAR, booked_at VARCHAR, value_date VARCHAR, amount VARCHAR, currency VARCHAR, reference VARCHAR, description VARCHAR,
  batch_key VARCHAR, match_key VARCHAR, reference_key VARCHAR, raw VARCHAR)`;
const INCOMING_TYPES = [BIGINT, ...Array.from({ length: 11 }, () => VARCHAR)];
const PARKED_MAX = 10_000;

interface Incoming {
  /** Each input with its statements. */
  readonly ends: readonly { readonly end: InputEnd; readonly statements: readonly Statement[] }[];
  readonly parked: readonly ParkedLine[];
}

/** @throws LedgerflowError that refuses the file; nothing of it has been kept then */
export async function load(stage: StageContext): Promise<void> {
  const { connection, run } = stage;
  // All that can refuse the run comes before the first row is written.
  const incoming = await readAside(stage, 'external', run.filePath);
  if (run.internalPath !== null) await readAside(stage, 'internal', run.internalPath);
  // An API may say the same twice: nothing.
  if (run.trigger !== 'every') for (const { end } of incoming.ends) await refuseRepeatedFile(stage, end.sha256);
  await noteFile(stage, incoming);
  await judgeContinuity(stage.connection, run);
  await addRows(stage, 'external');
  await moveOn(stage.connection, run, `temp.${incomingTable('external')}`);
  await addParked(stage, incoming.parked);
  if (run.internalPath === null) await addMovements(stage);
  else await addRows(stage, 'internal');
  for (const side of ['external', 'internal'] as const) await connection.run(`DROP TABLE IF EXISTS temp.${incomingTable(side)}`);
}

/** Reads a whole input into the temporary table; its end says that it was whole. */
async function readAside(stage: StageContext, side: Side, file: string | null): Promise<Incoming> {
  const { connection, run, signal } = stage;
  await connection.run(incomingSql(side));
  const out = await RowsOut.into(connection, incomingTable(side), INCOMING_TYPES);
  const keyOf = side === 'external' ? keyMaker(run.source.rules) : ({ id }: { id: string }): string => normaliseReference(id);
  let statements: Statement[] = [];
  const parked: ParkedLine[] = [];
  const ends: { end: InputEnd; statements: Statement[] }[] = [];
  try {
    const position = file === null ? await readFrom(connection, run) : null;
    for await (const part of stage.read({ source: run.source, date: run.date, file, position, signal })) {
      if (part.kind === 'end') {
        ends.push({ end: part.end, statements });
        statements = [];
      } else if (part.kind === 'statement') statements.push(part.statement);
      else {
        parked.push(...part.parked);
        for (const entry of part.entries) addEntry(out, entry, keyOf);
      }
      if (parked.length > PARKED_MAX) throw new LedgerflowError('LF_RECON_REFUSED', `more than ${PARKED_MAX} lines cannot be read`);
    }
  } finally {
    out.close();
  }
  if (ends.length === 0) throw new LedgerflowError('LF_RECON_REFUSED', 'the statement has no end', { where: file ?? run.source.name });
  return { ends, parked };
}

function addEntry(
  out: RowsOut,
  entry: StatementEntry,
  keyOf: (row: { id: string; reference: string; description: string }) => string,
): void {
  const { line, externalId: id, bookedAt, valueDate, amount, currency, reference, description, counterparty, batchKey, raw } = entry;
  if (entry.status === 'pending') return; // it is in no balance, and may never be booked
  const said = counterparty === '' || description.includes(counterparty) ? description : `${description} ${counterparty}`.trim();
  const keys = [keyOf({ id, reference, description: said }), normaliseReference(reference)];
  out.add(BigInt(line), id, bookedAt, valueDate, amount, currency, reference, said, batchKey, ...keys, raw);
}

/** One file is one day's, whatever its name is; the same day may be run again with it. */
async function refuseRepeatedFile({ connection, run }: StageContext, sha256: string): Promise<void> {
  const sql = `SELECT business_date::VARCHAR FROM ops.recon_files WHERE source = ${literal(run.source.name)} AND sha256 = ${literal(sha256)} AND business_date <> DATE ${literal(run.date)}`;
  const [found] = await rowsOf(connection, sql);
  if (found !== undefined)
    throw new LedgerflowError('LF_RECON_FILE_REPEATED', `the same file was read for ${String(found[0])}`, { where: run.fileName ?? '' });
}

async function addRows({ connection, run }: StageContext, side: Side): Promise<void> {
  const content = ['row_id', 'booked_at', 'amount', 'currency', 'reference', 'description'];
  const same = content.map((name) => `o.${name} = n.${name}`).join(' AND ');
  await connection.run(`INSERT INTO ops.recon_rows
    SELECT nextval('ops.recon_row_ids'), n.* FROM (SELECT ${literal(run.source.name)}, ${literal(side)}, row_id,
      row_number() OVER (PARTITION BY ${content.join(', ')} ORDER BY line) AS occurrence, CAST(replace(booked_at, 'Z', '') AS TIMESTAMP) AS booked_at, CAST(value_date AS DATE) AS value_date,
      CAST(amount AS DECIMAL(28,4)) AS amount, currency, reference, description, batch_key, match_key, reference_key, ${run.runId}, line, raw FROM temp.${incomingTable(side)} ORDER BY line) n
    ANTI JOIN ops.recon_rows o ON o.source = ${literal(run.source.name)} AND o.side = ${literal(side)} AND o.occurrence = n.occurrence AND ${same}`);
}

async function addParked({ connection, run }: StageContext, parked: readonly ParkedLine[]): Promise<void> {
  for (const { line, reason, raw } of parked)
    await connection.run(`INSERT INTO ops.recon_parked VALUES (${run.runId}, ${line}, ${literal(reason)}, ${literal(raw)})`);
}

async function noteFile({ connection, run, now }: StageContext, { ends }: Incoming): Promise<void> {
  for (const { end, statements } of ends) {
    const texts = [end.sha256, run.source.name].map(literal).join(', ');
    const counts = `${end.bytes}, ${end.entries}, ${end.parked}`;
    await connection.run(`INSERT INTO ops.recon_files VALUES (${texts}, DATE ${literal(run.date)}, ${run.runId}, ${literal(run.fileName ?? end.name)}, ${counts},
    ${literal(JSON.stringify(statements))}, TIMESTAMPTZ ${literal(now.toISOString())})`);
  }
  await connection.run(`UPDATE ops.recon_runs SET file_sha256 = ${literal(ends[0]!.end.sha256)} WHERE run_id = ${run.runId}`);
}

/** What we posted within reach of the day's lines. Lines may be booked before or after; the window says how far. */
async function addMovements({ connection, run }: StageContext): Promise<void> {
  const { beforeDays, afterDays } = run.source.rules.window;
  const source = literal(run.source.name);
  const [from, until] = [dayAfter(run.date, -Math.ceil(afterDays)), dayAfter(run.date, 1 + Math.ceil(beforeDays))];
  await connection.run(`INSERT INTO ops.recon_rows
    SELECT nextval('ops.recon_row_ids'), ${source}, 'internal', n.row_id, row_number() OVER (PARTITION BY n.row_id ORDER BY n.amount), n.booked_at, NULL, n.amount, n.currency, '', n.description, n.batch_key,
      n.row_id, '', ${run.runId}, NULL, NULL FROM (${internalSql(run.source, from, until)}) n
    ANTI JOIN ops.recon_rows o ON o.source = ${source} AND o.side = 'internal' AND o.row_id = n.row_id`);
}
