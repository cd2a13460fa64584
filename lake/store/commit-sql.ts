// SQL text of one commit, part by part. Pure: takes the request and returns statements.

import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { raise } from '../../cdc/envelope/types/column-type.ts';
import { keySelect, rowSelect } from '../../cdc/schema/row-sql.ts';
import { APPLIED, POSITION_SQL, type CommitRequest } from './batch.ts';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { bronzeSelect } from './segments.ts';
import { stagingTable, type Slot, type StagedCommit } from './staging-table.ts';
import { columnNames, goneTable, rowsTable } from './tables.ts';

const DELETE_OP = 'd'.charCodeAt(0);
const CREATE_OP = 'c'.charCodeAt(0);
const UPDATE_OP = 'u'.charCodeAt(0);
const KEYED_OP = `CASE WHEN keyless THEN ${raise('VARCHAR', 'the message has no key', 'op::VARCHAR')} ELSE chr(op::INTEGER) END`;

/** Records of held tables in this commit. */
export function heldRecordsSql({ heldRecords }: CommitRequest): string {
  if (heldRecords === undefined) return '';
  return [...heldRecords]
    .map(
      ([table, count]) =>
        `UPDATE ops.held_tables SET records = records + ${count} WHERE table_name = ${literal(table)} AND released_commit IS NULL`,
    )
    .join(';\n');
}

/** Inserts of new versions and superseding marks, per table that has any. Their text is the same in every commit, so that it is planned once. */
export function insertRowsSql(
  staged: StagedCommit,
  perTopic: ReadonlyMap<number, TopicWork>,
  schemas: ReadonlyMap<string, TableSchema>,
): string[] {
  const statements: string[] = [];
  for (const [topicId, work] of perTopic) {
    const table = staged.request.tableOf(topicId);
    const schema = table === undefined ? undefined : schemas.get(staged.request.storedAs?.(table) ?? table);
    if (schema === undefined) continue;
    const from = `FROM ${stagingTable(staged.slot)} WHERE topic_id = ${topicId} AND disposition = ${APPLIED}`;
    if (work.images > 0) statements.push(insertVersions(schema, 'after', `${from} AND op <> ${DELETE_OP}`));
    if (work.deletes > 0) statements.push(insertVersions(schema, 'before', `${from} AND op = ${DELETE_OP}`));
    if (work.marks > 0 && schema.keyColumns.length > 0) statements.push(insertMarks(schema, `${from} AND gone`));
  }
  return statements;
}

/** What a commit has to do for one topic. */
export interface TopicWork {
  images: number;
  deletes: number;
  marks: number;
  /** Versions of op c. */
  creates: number;
  /** Nothing but op c and u. */
  plain: boolean;
  /** Transaction numbers; a snapshot row's is negative. */
  lowestSeq: number;
  highestSeq: number;
}

export function workPerTopic({ request, gone }: StagedCommit): Map<number, TopicWork> {
  const { records } = request;
  const perTopic = new Map<number, TopicWork>();
  for (let index = 0; index < records.count; index += 1) {
    if (records.disposition[index] !== APPLIED) continue;
    const topicId = records.topicId[index] ?? -1;
    let work = perTopic.get(topicId);
    if (work === undefined)
      perTopic.set(topicId, (work = { images: 0, deletes: 0, marks: 0, creates: 0, plain: true, lowestSeq: Infinity, highestSeq: -1 }));
    if (records.op[index] === DELETE_OP) work.deletes += 1;
    else work.images += 1;
    if (records.op[index] === CREATE_OP) work.creates += 1;
    else if (records.op[index] !== UPDATE_OP) work.plain = false;
    const seq = records.seq[index] ?? -1;
    if (seq < work.lowestSeq) work.lowestSeq = seq;
    if (seq > work.highestSeq) work.highestSeq = seq;
    if (gone[index] === 1) work.marks += 1;
  }
  return perTopic;
}

function insertVersions(schema: TableSchema, image: 'before' | 'after', from: string): string {
  const row = rowSelect(schema, 'value', image);
  // Without its key an update of a table that has one would leave two live versions: it is refused, found by diagnose.ts and parked.
  const [op, keyless] = schema.keyColumns.length === 0 ? ['chr(op::INTEGER)', ''] : [KEYED_OP, 'key IS NULL AS keyless, '];
  return `INSERT INTO ${rowsTable(schema.table)} (${columnNames(schema).join(', ')}, _op, _pos, _commit, _ts)
SELECT ${row.columns.join(', ')}, ${op}, ${POSITION_SQL}, commit_id, ${row.timestamp} FROM (SELECT commit_id, op, seq, ord, kafka_offset, ${keyless}${row.parse} ${from})`;
}

function insertMarks(schema: TableSchema, from: string): string {
  const key = keySelect(schema, 'key');
  return `INSERT INTO ${goneTable(schema.table)} (${schema.keyColumns.map(ident).join(', ')}, _pos, _commit)
SELECT ${key.columns.join(', ')}, ${POSITION_SQL}, commit_id FROM (SELECT commit_id, seq, ord, kafka_offset, ${key.parse} ${from})`;
}

export function bronzeSql(slot: Slot): string {
  return `INSERT INTO _bronze.tail ${bronzeSelect(slot)}`;
}

/** The state of a commit that takes nothing from Kafka: the position stays, the commit and its chain go on. */
export function asideStateSql({ commitId, epoch, chain }: { commitId: number; epoch: number; chain: string }): string {
  return `SELECT CASE WHEN epoch <> ${epoch} THEN error('LF_STORE_FENCED') END FROM ops.state;
UPDATE ops.state SET commit_id = ${commitId}, committed_at = now(), chain = ${literal(chain)};
INSERT INTO ops.commits (commit_id, seq, gtid, committed_at, bronze_rows, applied, duplicates, tombstones, control, parked, chain)
SELECT commit_id, seq, gtid, committed_at, 0, 0, 0, 0, 0, 0, chain FROM ops.state;`;
}
