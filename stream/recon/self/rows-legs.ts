// The legs that compare rows: MySQL at the barrier with silver at the same transaction, and silver with gold at gold's commit.

import type { SourceTable } from '../../../cdc/schema/source-table.ts';
import { sleep } from '../../../infra/runtime/sleep.ts';
import { ident, mysqlIdent } from '../../../infra/runtime/sql-text.ts';
import { asOfSql, type Place } from '../../../lake/verify/as-of.ts';
import type { Relation } from '../../../lake/verify/digest-sql.ts';
import { hasWholeKey } from '../../../lake/verify/plan.ts';
import type { SourceSnapshot } from '../../../lake/verify/ports.ts';
import type { TableStanding } from '../../../lake/verify/sessions.ts';
import type { TextQuery, TextRow } from '../../../lake/verify/side.ts';
import { countSql, keysSql, type Hours } from './count-sql.ts';
import { compareTallies, unproven, type LegCount, type LegPlace } from './leg.ts';
import { nameKeys } from './name-keys.ts';
import { GOLD_OF, type TableShape } from './shape.ts';
import { tallyOf } from './tally.ts';

export type CountedSnapshot = Pick<SourceSnapshot, 'seq' | 'extent' | 'query' | 'relationOf'>;

/** Rows of an hour whose keys are looked at. */
const KEYS_MAX = 50_000;
const STEP_ROWS = 50_000;

export interface Ends {
  readonly left: { readonly query: TextQuery; readonly relation: Relation };
  readonly right: { readonly query: TextQuery; readonly relation: Relation };
}

export interface RowsInput {
  readonly table: SourceTable;
  readonly shape: TableShape;
  readonly standing: TableStanding | undefined;
  readonly hours: Hours;
}

/** @param session query of the store's reading session */
export async function mysqlLeg(
  input: RowsInput,
  snapshot: CountedSnapshot,
  session: { readonly query: TextQuery; readonly throttleRows: number | null },
): Promise<LegCount[]> {
  const { table, shape, standing, hours } = input;
  const place: LegPlace = { leg: 'mysql_silver', table: shape.table };
  const obstacle = obstacleOf(shape, standing);
  if (obstacle !== null) return [unproven(place, obstacle)];
  const relation = snapshot.relationOf(shape.table);
  const counted = await countInSteps(input, snapshot, session.throttleRows);
  const silver: Relation = { dialect: 'duckdb', from: at(shape, { kind: 'transaction', seq: snapshot.seq }) };
  const found = compareTallies(place, tallyOf(counted), tallyOf(await session.query(countSql(shape, silver, hours))));
  const ends = { left: { query: snapshot.query, relation }, right: { query: session.query, relation: silver } };
  const named = await withNames(found, { shape, hours, ends, table: table.schema.table });
  return named.map((count) => explainParked(count, standing?.parked ?? 0));
}

/** Null when gold has no table with a row for each of its rows. */
export async function goldLeg(
  { shape, standing, hours }: Omit<RowsInput, 'table'>,
  query: TextQuery,
  goldCommit: number,
): Promise<LegCount[]> {
  const gold = GOLD_OF[shape.table];
  if (gold === undefined) return [];
  const place: LegPlace = { leg: 'silver_gold', table: shape.table };
  const obstacle = goldCommit < 0 ? 'gold is not filled yet' : obstacleOf(shape, standing);
  if (obstacle !== null) return [unproven(place, obstacle)];
  const silver: Relation = { dialect: 'duckdb', from: at(shape, { kind: 'commit', commitId: goldCommit }) };
  const right: Relation = { dialect: 'duckdb', from: `gold.${ident(gold)}` };
  const [left, other] = [await query(countSql(shape, silver, hours)), await query(countSql(shape, right, hours))];
  const ends = { left: { query, relation: silver }, right: { query, relation: right } };
  return await withNames(compareTallies(place, tallyOf(left), tallyOf(other)), { shape, hours, ends, table: shape.table });
}

const at = ({ table, columns, keyColumns }: TableShape, place: Place): string => asOfSql(table, columns, keyColumns, place);

function obstacleOf({ keyColumns }: TableShape, standing: TableStanding | undefined): string | null {
  if (standing === undefined) return 'the lake has no such table';
  if (standing.held) return 'it is held: `ledgerflow status` says why';
  return keyColumns.length === 0 ? 'it has no primary key: silver keeps every row image of it' : null;
}

/** Ranges of keys one after the other, with pauses, so that MySQL is read no faster than the throttle allows. */
async function countInSteps(
  { table, shape, hours }: RowsInput,
  snapshot: CountedSnapshot,
  throttleRows: number | null,
): Promise<TextRow[]> {
  const relation = snapshot.relationOf(shape.table);
  const { keys, rows } = await snapshot.extent(table);
  const [column] = shape.keyColumns;
  if (keys === null || column === undefined || !hasWholeKey(table) || rows <= STEP_ROWS)
    return [...(await snapshot.query(countSql(shape, relation, hours)))];
  const key = relation.dialect === 'mysql' ? mysqlIdent(column) : ident(column);
  const stride = ((keys.high - keys.low) * BigInt(STEP_ROWS)) / BigInt(rows) + 1n;
  const found: TextRow[] = [];
  for (let low = keys.low; low <= keys.high; low += stride) {
    const started = performance.now();
    found.push(...(await snapshot.query(countSql(shape, relation, hours, `${key} >= ${low} AND ${key} < ${low + stride}`))));
    if (throttleRows !== null) await sleep(Math.max(0, (STEP_ROWS / throttleRows) * 1_000 - (performance.now() - started)));
  }
  return found;
}

interface NameInput {
  readonly table: string;
  readonly shape: TableShape;
  readonly hours: Hours;
  readonly ends: Ends;
}

/** Names the rows of the hours that differ, where they are few enough. */
async function withNames(counts: readonly LegCount[], { table, shape, hours, ends: { left, right } }: NameInput): Promise<LegCount[]> {
  const found: LegCount[] = [];
  for (const count of counts) {
    const many = count.left.rows > BigInt(KEYS_MAX) || count.right.rows > BigInt(KEYS_MAX);
    if (count.status === 'equal') found.push(count);
    else if (many)
      found.push({ ...count, reason: `more than ${KEYS_MAX} rows: \`ledgerflow verify --tables ${table}\` names those that differ` });
    else {
      const where = { hours, bucket: count.bucket, rowsMax: KEYS_MAX };
      const [ones, others] = [
        await left.query(keysSql(shape, left.relation, where)),
        await right.query(keysSql(shape, right.relation, where)),
      ];
      found.push({ ...count, named: nameKeys(ones, others) });
    }
  }
  return found;
}

/** Rows that wait in ops.parked are missing in silver for a reason that is known; more than those are not. */
function explainParked(count: LegCount, parked: number): LegCount {
  if (count.status === 'equal' || parked === 0) return count;
  const exempt = { parked };
  const apart = count.left.rows > count.right.rows ? count.left.rows - count.right.rows : count.right.rows - count.left.rows;
  const rows = Math.max(Number(apart), count.named.length);
  if (rows > parked) return { ...count, exempt };
  return { ...count, exempt, status: 'unproven', reason: `${parked} records of it are parked: \`ledgerflow dlq\`` };
}
