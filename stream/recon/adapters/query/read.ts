// Rows of a query as events: one statement, its values as the database writes them, no number through a float.

import type { FormatEvent } from '../events.ts';
import { JsonRecords } from '../json/read.ts';
import type { Mapping } from '../mapping.ts';
import type { Query, Question } from '../port.ts';

export interface QueryRequest {
  readonly query: Query;
  readonly question: Question;
  readonly mapping: Mapping;
  readonly timezone: string;
}

/** @param hash hears every row as text */
export async function* readQuery(
  { query, question, mapping, timezone }: QueryRequest,
  hash: { update(text: string): unknown },
): AsyncGenerator<FormatEvent[]> {
  const records = new JsonRecords({ mapping, timezone });
  yield [records.open(1, null)];
  for await (const rows of query(question)) {
    for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
    yield rows.flatMap((row) => records.next(row));
  }
  yield [{ kind: 'close', line: Math.max(1, records.count), stated: {} }];
}
