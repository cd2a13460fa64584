// What an API answers for the day, as events: all its pages are one statement.

import type { FormatEvent } from '../events.ts';
import { JsonRecords, listOf, statedOf } from '../json/read.ts';
import { pagesOf, type PagesRequest } from './pages.ts';

/** @param hash hears the bodies of all pages */
export async function* readHttp(
  request: PagesRequest,
  timezone: string,
  hash: { update(text: string): unknown },
): AsyncGenerator<FormatEvent[]> {
  const { mapping, list, totals } = request.adapter;
  const records = new JsonRecords({ mapping, timezone });
  let stated: ReturnType<typeof statedOf> | null = null;
  for await (const { document, body } of pagesOf(request)) {
    hash.update(body);
    const events: FormatEvent[] = [];
    if (stated === null) {
      stated = statedOf(document, { totals, mapping });
      events.push(records.open(1, stated.opening));
    }
    yield [...events, ...listOf(document, list).flatMap((record) => records.next(record))];
  }
  const { closing, entries } = stated!;
  yield [{ kind: 'close', line: Math.max(1, records.count), stated: { closing, entries } }];
}
