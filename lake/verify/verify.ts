// Verification (G7): MySQL at a barrier's transaction against the working store at the same transaction, and the working store against
// the published files at their commit. A difference is told only when a second look, at a later barrier, finds it too: DDL and TRUNCATE
// between the barrier and the session can make one that is none.

import { columnType } from '../../cdc/schema/column-type.ts';
import type { SourceTable } from '../../cdc/schema/source-table.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { compareTable, type Comparison } from './compare.ts';
import { hasWholeKey, planTable, type TablePlan } from './plan.ts';
import type { LakeReader, SourceReader, SourceSnapshot, StoreReader, StoreSession } from './ports.ts';
import type { TableOutcome } from './record.ts';
import type { TableStanding } from './sessions.ts';
import type { Side } from './side.ts';

export interface VerifyInput {
  readonly source: SourceReader;
  readonly store: StoreReader;
  /** The published lake at its newest publication; null when nothing is published or it is not to be looked at. */
  readonly lake: () => Promise<LakeReader | null>;
  /** Tables to compare; null for all. */
  readonly tables: ReadonlySet<string> | null;
}

export interface Verification {
  readonly gtid: string;
  readonly outcomes: readonly TableOutcome[];
}

interface Round {
  readonly gtid: string;
  readonly outcomes: readonly TableOutcome[];
  readonly plans: ReadonlyMap<string, TablePlan>;
}

export async function verify(input: VerifyInput): Promise<Verification> {
  const first = await compareStore(input, input.tables);
  const suspects = new Set(first.outcomes.filter(({ status }) => status === 'different').map(({ table }) => table));
  const second = suspects.size === 0 ? null : await compareStore(input, suspects);
  const settled = [...first.outcomes.filter(({ table }) => !suspects.has(table)), ...(second?.outcomes ?? [])];
  const published = await compareLake(input, new Map([...first.plans, ...(second?.plans ?? [])]));
  return { gtid: (second ?? first).gtid, outcomes: [...settled, ...published] };
}

async function compareStore({ source, store }: VerifyInput, wanted: ReadonlySet<string> | null): Promise<Round> {
  await using snapshot = await source.snapshot();
  await using session = await store.begin(snapshot.seq);
  const { serverUuid } = session.standing;
  if (serverUuid !== snapshot.serverUuid)
    throw new LedgerflowError('LF_VERIFY_SOURCE', `the lake stands at server ${serverUuid ?? 'none'}, this is ${snapshot.serverUuid}`);
  const outcomes: TableOutcome[] = [];
  const plans = new Map<string, TablePlan>();
  const lakeTables = new Map(session.standing.tables.map((table) => [table.table, table]));
  for (const table of snapshot.tables) {
    const { table: name } = table.schema;
    if (wanted !== null && !wanted.has(name)) continue;
    outcomes.push(await compareOne({ snapshot, session, plans }, table, lakeTables.get(name)));
  }
  const inSource = new Set(snapshot.tables.map(({ schema }) => schema.table));
  for (const { table } of session.standing.tables)
    if (!inSource.has(table) && (wanted === null || wanted.has(table)))
      outcomes.push({ ...nothing({ snapshot, session }, table), status: 'different', reason: 'MySQL has no such table' });
  return { gtid: snapshot.gtid, outcomes, plans };
}

interface Both {
  readonly snapshot: SourceSnapshot;
  readonly session: StoreSession;
}

function nothing({ snapshot: { gtid, seq }, session }: Both, table: string): TableOutcome {
  return unproven({ table, layer: 'store', gtid, seq, commitId: session.standing.commitId });
}

/** What is known of a table before it is compared. */
function unproven(place: Pick<TableOutcome, 'table' | 'layer' | 'gtid' | 'seq' | 'commitId'>): TableOutcome {
  return { ...place, status: 'unproven', reason: null, rows: 0, digest: '', differences: [], durationMs: 0 };
}

async function compareOne(
  both: Both & { readonly plans: Map<string, TablePlan> },
  table: SourceTable,
  standing: TableStanding | undefined,
): Promise<TableOutcome> {
  const base = nothing(both, table.schema.table);
  const { snapshot, session, plans } = both;
  const obstacle = obstacleOf(table, standing);
  if (obstacle !== null) return { ...base, reason: obstacle };
  const mismatch = mismatchOf(table, standing);
  if (mismatch !== null) return { ...base, status: 'different', reason: mismatch };
  const found = await snapshot.extent(table);
  const extent = hasWholeKey(table) ? found : { ...found, keys: null };
  plans.set(table.schema.table, planTable(table, extent)); // the published files are what the store is, in every column
  const hidden = snapshot.hidden(table.schema.table);
  const left = table.schema.columns.map(({ name }) => name).filter((name) => hidden.has(name));
  if (table.schema.keyColumns.some((name) => hidden.has(name))) return { ...base, reason: 'a column policy makes other values of its key' };
  const plan = planTable(table, extent, hidden);
  const side = session.at({ kind: 'transaction', seq: snapshot.seq });
  const parked = standing?.parked ?? 0;
  const outcome = await outcomeOf(plan, snapshot, side, parked === 0 ? null : `${parked} records of it are parked`);
  const without = left.length === 0 ? null : `without ${left.join(', ')}, which have column policies`;
  return { ...base, ...outcome, reason: [outcome.reason, without].filter((text) => typeof text === 'string').join('; ') || null };
}

/** Why a table cannot be compared; null when it can. */
function obstacleOf({ schema }: SourceTable, standing: TableStanding | undefined): string | null {
  if (standing?.held === true) return 'it is held: `ledgerflow status` says why';
  if (schema.keyColumns.length === 0) return 'it has no primary key: silver keeps every row image of it';
  try {
    for (const column of schema.columns) columnType(column);
    return null;
  } catch {
    return 'it has a column of a type that is not carried';
  }
}

function mismatchOf({ schema }: SourceTable, standing: TableStanding | undefined): string | null {
  if (standing === undefined) return 'the lake has no such table';
  const [wanted, got] = [new Set(schema.columns.map(({ name }) => name)), new Set(standing.columns)];
  const missing = [...wanted].filter((name) => !got.has(name));
  const extra = [...got].filter((name) => !wanted.has(name));
  if (missing.length === 0 && extra.length === 0) return null;
  return `the columns differ: missing in the lake ${missing.join(', ') || 'none'}, only in the lake ${extra.join(', ') || 'none'}`;
}

async function outcomeOf(plan: TablePlan, left: Side, right: Side, remark: string | null): Promise<Partial<TableOutcome>> {
  const started = performance.now();
  const comparison = await compareTable(plan, left, right);
  const { equal, rows, digest, differences } = comparison;
  const durationMs = Math.round(performance.now() - started);
  if (equal) return { status: 'equal', reason: null, rows, digest, differences: [], durationMs };
  return {
    status: 'different',
    reason: [summaryOf(comparison), remark].filter((text) => text !== null).join('; '),
    rows,
    digest,
    differences: [...differences],
    durationMs,
  };
}

function summaryOf({ differences, buckets, more }: Comparison): string {
  const count = (kind: string): number => differences.filter((difference) => difference.kind === kind).length;
  const kinds = ['changed', 'missing', 'extra'].filter((kind) => count(kind) > 0).map((kind) => `${count(kind)} ${kind}`);
  return `${kinds.join(', ') || 'rows differ'}${more ? ' and more' : ''} in ${buckets} key ${buckets === 1 ? 'range' : 'ranges'}`;
}

/** The published files against the store at the commit they were published from. */
async function compareLake({ store, lake: open, tables }: VerifyInput, plans: ReadonlyMap<string, TablePlan>): Promise<TableOutcome[]> {
  await using lake = await open();
  if (lake === null) return [];
  await using session = await store.begin(-1);
  const outcomes: TableOutcome[] = [];
  const at = session.at({ kind: 'commit', commitId: lake.commitId });
  for (const [table, plan] of plans) {
    if (tables !== null && !tables.has(table)) continue;
    const { commitId, gtid } = lake;
    const seq = Number(gtid?.slice(gtid.lastIndexOf(':') + 1) ?? -1);
    const base = unproven({ table, layer: 'lake', gtid, seq, commitId });
    const columns = lake.tables.get(table);
    const replacedAt = session.standing.tables.find((one) => one.table === table)?.replacedAt ?? -1;
    if (columns === undefined || !plan.columns.every(({ name }) => columns.has(name)))
      outcomes.push({ ...base, reason: 'not in this shape in the last publication' });
    else if (replacedAt > commitId) outcomes.push({ ...base, reason: 'it was read anew since the last publication' });
    else outcomes.push({ ...base, ...(await outcomeOf(plan, at, readable(lake.side), null).catch(unreadable)) });
  }
  return outcomes;
}

class Unreadable extends Error {}

/** A file that was altered may not be readable at all: that is a difference too, where an error of the store is none. */
function readable(side: Side): Side {
  const guard = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      throw new Unreadable(messageOf(error), { cause: error });
    });
  return {
    buckets: (plan) => guard(side.buckets(plan)),
    rows: (plan, buckets) => guard(side.rows(plan, buckets)),
    cells: (plan, keys) => guard(side.cells(plan, keys)),
  };
}

function unreadable(error: unknown): Partial<TableOutcome> {
  if (!(error instanceof Unreadable)) throw error;
  return { status: 'different', reason: `it cannot be read: ${error.message}` };
}
