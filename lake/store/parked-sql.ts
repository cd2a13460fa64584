// SQL text of what a commit does to ops.parked. Pure.

import type { ControlAction, ParkedRecord } from './batch.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { OPEN } from './parked-book.ts';
import { stagingTable, type StagedCommit } from './staging-table.ts';

/** Rows for the records that silver does not get; one statement, however many there are. */
export function parkedSql(staged: StagedCommit, topicName: (topicId: number) => string): string {
  const { records, tableOf } = staged.request;
  const { parked } = staged.held;
  if (parked.length === 0) return '';
  const rows = parked.map((record, place) => {
    const topicId = records.topicId[record.index] ?? -1;
    const table = tableOf(topicId);
    const names = `${literal(topicName(topicId))}, ${table === undefined ? 'NULL' : literal(table)}`;
    return `(${place + 1}, ${topicId}, ${records.partition[record.index]}, ${records.offset[record.index]}, ${names}, ${judgement(record)})`;
  });
  return `INSERT INTO ops.parked (parked_id, topic, partition, kafka_offset, table_name, key, reason, detail, value, seq, ord, commit_id, parked_at, status, op, other_key, headers)
SELECT (SELECT coalesce(max(parked_id), 0) FROM ops.parked) + v.place, v.topic, s.partition, s.kafka_offset, v.table_name, s.key, v.reason, v.detail, s.value,
  s.seq, s.ord, s.commit_id, now(), v.status, CASE WHEN s.op = 0 THEN NULL ELSE chr(s.op::INTEGER) END, unhex(v.other_key), s.headers
FROM ${stagingTable(staged.slot)} s JOIN (VALUES ${rows.join(', ')}) v(place, topic_id, partition, kafka_offset, topic, table_name, reason, detail, status, other_key)
  ON s.topic_id = v.topic_id AND s.partition = v.partition AND s.kafka_offset = v.kafka_offset`;
}

function judgement({ reason, detail, waits, otherKey }: ParkedRecord): string {
  const other = otherKey === undefined ? 'NULL::VARCHAR' : literal(Buffer.from(otherKey, 'latin1').toString('hex'));
  return `${literal(reason)}, ${literal(detail)}, ${literal(waits === true ? 'waiting' : 'parked')}, ${other}`;
}

const supersede = (commitId: number, what: string): string =>
  `UPDATE ops.parked SET status = 'superseded', resolved_at = now(), resolution = ${literal(what)}, resolved_commit = ${commitId} WHERE ${OPEN}`;

/** What TRUNCATE, DROP, a new snapshot or RENAME does to the parked records of a table; runs before the commit's own are added. */
export function parkedControlsSql(controls: readonly ControlAction[], commitId: number): string {
  return controls
    .map((control) => {
      const table = literal(control.table);
      switch (control.kind) {
        case 'clear':
          return `${supersede(commitId, 'the table was truncated')} AND table_name = ${table};`;
        case 'drop':
          return `${supersede(commitId, 'the table was dropped')} AND table_name = ${table};`;
        case 'snapshot':
          return `${supersede(commitId, 'a new snapshot of the table began')} AND table_name = ${table};`;
        case 'schema':
          if (control.anew === true) return `${supersede(commitId, 'the table began anew')} AND table_name = ${table};`;
          return control.previousTable === undefined
            ? ''
            : `UPDATE ops.parked SET table_name = ${table} WHERE ${OPEN} AND table_name = ${literal(control.previousTable)};`;
        case 'reread':
          if ((control.keys ?? null) !== null) return ''; // a row that is read speaks for its own key
          return `${supersede(commitId, 'the table is read again')} AND table_name = ${table};`;
        case 'hold':
        case 'reread-ended':
          return '';
      }
    })
    .join('');
}

/** Marks what the batch's superseding records made irrelevant; runs after the batch's own parked records were added. */
export function supersededSql(staged: StagedCommit): string {
  const { records, tableOf } = staged.request;
  const { superseding } = staged.held;
  if (superseding.length === 0) return '';
  const rows = superseding.map((index) => {
    const topicId = records.topicId[index] ?? -1;
    return `(${topicId}, ${records.partition[index]}, ${records.offset[index]}, ${literal(tableOf(topicId) ?? '')})`;
  });
  const by = `(SELECT v.table_name, s.partition, s.kafka_offset, s.key FROM ${stagingTable(staged.slot)} s JOIN (VALUES ${rows.join(', ')}) v(topic_id, partition, kafka_offset, table_name)
    ON s.topic_id = v.topic_id AND s.partition = v.partition AND s.kafka_offset = v.kafka_offset) AS by_record`;
  return `UPDATE ops.parked SET status = 'superseded', resolved_at = now(), resolution = 'a later change of the key says all', resolved_commit = ${staged.commitId}
FROM ${by} WHERE ${OPEN} AND parked.table_name = by_record.table_name AND parked.key = by_record.key
  AND (parked.commit_id < ${staged.commitId} OR (parked.partition = by_record.partition AND parked.kafka_offset < by_record.kafka_offset))`;
}

/** Removes the oldest records that were dealt with and produced to the dead-letter topic, all but the newest `keep`; bronze has their bytes. */
export function prunedParkedSql(keep: number): string {
  return `DELETE FROM ops.parked WHERE NOT (${OPEN}) AND parked_id <= (SELECT coalesce(max(produced_id), 0) FROM ops.deadletters)
  AND parked_id <= (SELECT parked_id FROM ops.parked WHERE NOT (${OPEN}) ORDER BY parked_id DESC LIMIT 1 OFFSET ${keep})`;
}
