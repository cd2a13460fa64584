// Progress of an incremental snapshot from the notifications Debezium 3.6.1 really sent.

import { describe, expect, it } from 'vitest';
import { BackfillProgress, estimate } from './progress.ts';

const note = (type: string, timestamp: number, data: object = {}, id = 'backfill-1'): Buffer =>
  Buffer.from(
    JSON.stringify({
      ...{ id, type, aggregate_type: 'Incremental Snapshot', timestamp },
      additional_data: { connector_name: 'bank_server', data_collections: 'bank.big', ...data },
    }),
  );
const part = (last: number, at: number): Buffer =>
  note('IN_PROGRESS', at, { current_collection_in_progress: 'bank.big', maximum_key: '2000', last_processed_key: String(last) });

describe('progress of a backfill', () => {
  it('follows the keys, and leaves out the time it stood still', () => {
    const progress = new BackfillProgress();
    for (const value of [note('STARTED', 1_000), part(500, 6_000), note('PAUSED', 6_000), note('RESUMED', 96_000), part(1_000, 101_000)])
      progress.note(value);
    const found = progress.of('backfill-1');
    expect(found).toMatchObject({ state: 'running', lastKey: '1000', maximumKey: '2000', pausedMs: 90_000, rows: null });
    if (found === null) return;
    expect(estimate(found, { lowKey: '1' })).toEqual({ done: 0.5, secondsLeft: 10 });
    expect(estimate(found, { lowKey: null })).toBeNull();
    expect(estimate({ ...found, maximumKey: 'abc' }, { lowKey: '1' })).toBeNull();
  });

  it('knows the rows at the end, and passes over what is none of its own', () => {
    const progress = new BackfillProgress();
    progress.note(note('STARTED', 1_000));
    progress.note(note('TABLE_SCAN_COMPLETED', 2_000, { scanned_collection: 'bank.big', total_rows_scanned: '1990', status: 'SUCCEEDED' }));
    progress.note(Buffer.from('not JSON'));
    progress.note(Buffer.from('{"id":"x","type":"STARTED","aggregate_type":"Initial Snapshot","timestamp":1}'));
    progress.note(null);
    expect(progress.of('backfill-1')).toMatchObject({ state: 'scanned', rows: 1_990 });
    expect(progress.of('x')).toBeNull();
  });
});
