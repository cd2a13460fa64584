// Re-drives and discards parked records: groups in source order, each up to the first record that still fails, all in one commit of
// the store. Runs at a quiet point of the pipeline.

import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { CommitReport } from '../../lake/store/commit-report.ts';
import { readOpenParked, type OpenRecord } from '../../lake/store/open-parked.ts';
import type { ParkedBook } from '../../lake/store/parked-book.ts';
import {
  picksSql,
  redriveMarksSql,
  redriveRecordSql,
  redriveRowsSql,
  resolutionSql,
  stillParkedSql,
  type Pick,
} from '../../lake/store/redrive-sql.ts';
import { Examination, type ExaminationParts, type StillFailing } from './examine.ts';
import type { ParkedDecoder } from './parked-decoder.ts';
import { applicable, groupsOf, type Group } from './plan.ts';

/** Which open records: by number, or all of a table, of a reason, or all. Several conditions must all hold. */
export interface Choice {
  readonly ids?: readonly number[] | undefined;
  readonly table?: string | undefined;
  readonly reason?: string | undefined;
}

export interface RedriveRequest {
  readonly choice: Choice;
  /** Drop the chosen records instead of applying them: those named, or else those unfit themselves. Their followers are applied. */
  readonly discard: boolean;
  /** Who asked. */
  readonly by: string;
  /** Why; needed to discard. */
  readonly reason: string | null;
}

export interface RedriveResult {
  /** The commit that applied them; null when there was nothing to apply. */
  readonly commitId: number | null;
  readonly redriven: number;
  /** With tombstones that were parked because of their key: they change nothing. */
  readonly discarded: number;
  readonly failing: readonly StillFailing[];
  /** Chosen records left for the next call, because one commit takes a bounded number. */
  readonly remaining: number;
}

export interface RedriveParts extends ExaminationParts {
  readonly book: ParkedBook;
  /** Has asked for the schemas already. */
  readonly decoder: ParkedDecoder;
}

/** Records in one re-drive; what is beyond is left for the next one. */
const REDRIVE_RECORDS_MAX = 50_000;
const TOMBSTONE = 'a tombstone: the delete before it says all';

/**
 * Deals with the chosen records. Call it at a quiet point only.
 * @returns what happened, and the report of the commit if there was one
 * @throws LedgerflowError LF_PARKED_UNKNOWN, LF_REDRIVE_FAILED, LF_STORE_FENCED
 */
export async function redrive(
  parts: RedriveParts,
  request: RedriveRequest,
): Promise<{ readonly result: RedriveResult; readonly report: CommitReport | null }> {
  const undecoded = await parts.decoder.decode(parts.store.writer);
  if (parts.decoder.changed) await parts.book.reload(parts.store.writer); // keys that are JSON now hold later changes back
  const open = await readOpenParked(parts.store.writer);
  const chosen = chooser(open, request.choice);
  const named = request.choice.ids !== undefined;
  const discards = request.discard ? open.filter((record) => chosen(record) && (named || record.status === 'parked')) : [];
  const related = groupsOf(open, chosen);
  const tombstones = related
    .flat()
    .filter(({ id, tombstone }) => tombstone && !undecoded.has(id) && !discards.some((one) => one.id === id));
  const dropped = new Set([...discards, ...tombstones].map(({ id }) => id));
  const all = related.map((group) => group.filter(({ id }) => !dropped.has(id)));
  const groups = boundedGroups(all);
  const examination = new Examination(parts, groups.flat(), undecoded);
  await examination.run();
  const applied = groups.flatMap((group) => group.slice(0, applicable(group, examination.failing)));
  const failing = groups.flatMap((group) => examination.firstFailing(group));
  const report = await apply(parts, request, { examination, applied, discards, tombstones, failing });
  await parts.book.reload(parts.store.writer);
  const remaining = all.flat().length - groups.flat().length;
  const discarded = discards.length + tombstones.length;
  const result = { commitId: report?.commitId ?? null, redriven: applied.length, discarded, failing, remaining };
  return { result, report };
}

function chooser(open: readonly OpenRecord[], { ids, table, reason }: Choice): (record: OpenRecord) => boolean {
  const wanted = ids === undefined ? null : new Set(ids);
  const known = new Set(open.map(({ id }) => id));
  const unknown = ids?.filter((id) => !known.has(id)) ?? [];
  if (unknown.length > 0) throw new LedgerflowError('LF_PARKED_UNKNOWN', `not parked, or dealt with already: ${unknown.join(', ')}`);
  const chosen = (record: OpenRecord): boolean =>
    (wanted === null || wanted.has(record.id)) &&
    (table === undefined || record.table === table) &&
    (reason === undefined || record.reason === reason);
  if (!open.some(chosen)) throw new LedgerflowError('LF_PARKED_UNKNOWN', 'no parked record matches');
  return chosen;
}

function boundedGroups(groups: readonly Group[]): Group[] {
  let records = 0;
  return groups.filter((group, index) => (records += group.length) <= REDRIVE_RECORDS_MAX || index === 0);
}

interface Outcome {
  readonly examination: Examination;
  readonly applied: readonly OpenRecord[];
  readonly discards: readonly OpenRecord[];
  readonly tombstones: readonly OpenRecord[];
  readonly failing: readonly StillFailing[];
}

/** One transaction for all of it. */
async function apply(parts: RedriveParts, { by, reason }: RedriveRequest, outcome: Outcome): Promise<CommitReport | null> {
  const { applied, discards, tombstones, failing } = outcome;
  const discarded = discards.length + tombstones.length;
  const bookkeeping = (commitId: number | null): string[] => [
    ...failing.map((one) => stillParkedSql(one.id, one.reason, one.detail)),
    resolutionSql({ status: 'redriven', ids: applied.map(({ id }) => id), by, reason: null, commitId }),
    resolutionSql({ status: 'discarded', ids: discards.map(({ id }) => id), by, reason, commitId }),
    resolutionSql({ status: 'discarded', ids: tombstones.map(({ id }) => id), by, reason: TOMBSTONE, commitId }),
    redriveRecordSql({ commitId, redriven: applied.length, discarded, by, reason }),
  ];
  try {
    if (applied.length > 0) return await commit(parts, outcome, bookkeeping);
    const statements = bookkeeping(null).filter((sql) => sql !== '');
    await parts.store.writer.run(`BEGIN; ${statements.join(';\n')}; COMMIT`);
    return null;
  } catch (error) {
    await parts.store.writer.run('ROLLBACK').catch(() => undefined); // the first error is the one to report
    if (error instanceof LedgerflowError) throw error;
    throw new LedgerflowError('LF_REDRIVE_FAILED', messageOf(error), { cause: error });
  }
}

async function commit(
  { store, committer }: RedriveParts,
  { applied, examination }: Outcome,
  bookkeeping: (commitId: number) => string[],
): Promise<CommitReport> {
  const picks = applied.map(({ id }): Pick => ({ id, shape: examination.shapeOf.get(id) ?? -1 }));
  await store.writer.run(picksSql(picks));
  const used = [...new Set(picks.map(({ shape }) => shape))];
  const touched = new Set(applied.flatMap(({ table }) => (table === null ? [] : [table])));
  const rows = (commitId: number): string[] =>
    used.flatMap((number) => {
      const shape = examination.shapes[number];
      return shape === undefined ? [] : redriveRowsSql(shape.current, { schema: shape.schema, shape: number }, commitId);
    });
  const marks = (commitId: number): string[] =>
    [...touched].flatMap((table) => {
      const schema = committer.schemas.get(table);
      return schema === undefined ? [] : [redriveMarksSql(schema, commitId)];
    });
  return committer.commitAside({
    touched,
    redriven: applied.length,
    statements: (commitId) => [...rows(commitId), ...marks(commitId), ...bookkeeping(commitId)],
  });
}
