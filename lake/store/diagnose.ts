// After a commit failed: which records of the batch do not convert to their table's columns, and why. They are parked by name.

import type { DuckDBConnection } from '@duckdb/node-api';
import { diagnoseKey, diagnoseSelect, type RowImage } from '../../cdc/schema/row-sql.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { APPLIED, type ParkedRecord } from './batch.ts';
import { stagingTable, type StagedCommit } from './staging-table.ts';

const DELETE_OP = 'd'.charCodeAt(0);
const UNCONVERTIBLE = 'LF_RECORD_UNCONVERTIBLE';

/** Records of the staged batch that their table's columns cannot take. Looks at every record, so it is for failed commits only. */
export async function findUnconvertible(
  connection: DuckDBConnection,
  staged: StagedCommit,
  schemas: ReadonlyMap<string, TableSchema>,
): Promise<ParkedRecord[]> {
  const { records, tableOf } = staged.request;
  const found = new Map<string, string>();
  for (const topicId of new Set(records.topicId)) {
    const table = tableOf(topicId);
    const schema = table === undefined ? undefined : schemas.get(staged.request.storedAs?.(table) ?? table);
    if (schema === undefined) continue;
    const from = `FROM ${stagingTable(staged.slot)} WHERE topic_id = ${topicId} AND disposition = ${APPLIED}`;
    const queries = [
      imageQuery(schema, 'after', `${from} AND op <> ${DELETE_OP}`),
      imageQuery(schema, 'before', `${from} AND op = ${DELETE_OP}`),
    ];
    if (schema.keyColumns.length > 0) queries.push(keyQuery(schema, from), keylessQuery(from));
    for (const query of queries) {
      const reader = await connection.runAndReadAll(query);
      for (const [partition, offset, reason] of reader.getRows())
        found.set(`${topicId}/${String(partition)}@${String(offset)}`, reason as string);
    }
  }
  if (found.size === 0) return [];
  const parked: ParkedRecord[] = [];
  for (let index = 0; index < records.count; index += 1) {
    const detail = found.get(`${records.topicId[index]}/${records.partition[index]}@${records.offset[index]}`);
    if (detail !== undefined) parked.push({ index, reason: UNCONVERTIBLE, detail });
  }
  return parked;
}

function imageQuery(schema: TableSchema, image: RowImage, from: string): string {
  const diagnosis = diagnoseSelect(schema, 'value', image);
  return `SELECT partition, kafka_offset, reason FROM (SELECT partition, kafka_offset, ${diagnosis.reason} AS reason FROM (SELECT partition, kafka_offset, ${diagnosis.parse} ${from})) WHERE reason IS NOT NULL`;
}

function keyQuery(schema: TableSchema, from: string): string {
  const diagnosis = diagnoseKey(schema, 'key');
  return `SELECT partition, kafka_offset, reason FROM (SELECT partition, kafka_offset, ${diagnosis.reason} AS reason FROM (SELECT partition, kafka_offset, ${diagnosis.parse} ${from})) WHERE reason IS NOT NULL`;
}

/** Debezium writes the key of every row of a table that has one. */
function keylessQuery(from: string): string {
  return `SELECT partition, kafka_offset, 'the message has no key, but the table has one' ${from} AND key IS NULL`;
}
