// The pipeline against itself, on one screen: a barrier in MySQL, a reading session of the store that includes it, and for each table the
// legs from MySQL to silver, from Kafka to bronze, from bronze to silver's versions, and from silver to gold.

import type { SourceTable } from '../../../cdc/schema/source-table.ts';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import type { SourceReader } from '../../../lake/verify/ports.ts';
import type { Standing, VerifySessions } from '../../../lake/verify/sessions.ts';
import type { TextQuery } from '../../../lake/verify/side.ts';
import type { Hours } from './count-sql.ts';
import type { KafkaReader } from './kafka.ts';
import type { LegCount } from './leg.ts';
import { messageLegs } from './message-legs.ts';
import type { HourRange } from './message-sql.ts';
import { goldLeg, mysqlLeg } from './rows-legs.ts';
import { EXEMPT_TABLES, shapeOf, type TableShape } from './shape.ts';
import { HOUR_MS, startOf, type Bucket } from './tally.ts';

export interface SelfParts {
  readonly source: SourceReader;
  readonly sessions: VerifySessions;
  /** Runs work with a connected reader of Kafka. */
  readonly withKafka: <T>(work: (kafka: KafkaReader) => Promise<T>) => Promise<T>;
  /** Values in Kafka are JSON: their money can be read there. */
  readonly readable: boolean;
  /** Rows a second that are read from MySQL, at most; null for as fast as it goes. */
  readonly throttleRows: number | null;
  /** How long the store may take to reach the barrier. */
  readonly waitMs: number;
  readonly now: () => Date;
}

export interface SelfScope {
  /** Null: all captured tables. */
  readonly table: string | null;
  readonly hours: readonly Bucket[];
  /** All rows are counted, those of other hours together: what differs in none is equal. */
  readonly whole: boolean;
}

export interface SelfReport {
  readonly takenAt: Date;
  readonly gtid: string;
  readonly commitId: number;
  readonly goldCommitId: number;
  readonly counts: readonly LegCount[];
  readonly durationMs: number;
}

/** Messages of the last seconds before the barrier are left to the next run: clocks of the machines may differ that much. */
const EDGE_MS = 5_000;

/**
 * @param signal ends it between two tables
 * @throws LedgerflowError LF_VERIFY_…, LF_MYSQL_…, LF_KAFKA_UNREACHABLE, LF_USAGE for a table that is not captured
 */
export async function reconcileSelf(parts: SelfParts, scope: SelfScope, signal: AbortSignal): Promise<SelfReport> {
  const takenAt = parts.now();
  await using snapshot = await parts.source.snapshot();
  const standing = await parts.sessions.begin(snapshot.seq, parts.waitMs);
  try {
    if (standing.serverUuid !== snapshot.serverUuid)
      throw new LedgerflowError(
        'LF_VERIFY_SOURCE',
        `the lake stands at server ${standing.serverUuid ?? 'none'}, this is ${snapshot.serverUuid}`,
      );
    const query: TextQuery = (sql) => parts.sessions.query(standing.session, sql);
    const place = await placeOf(query);
    const hours: Hours = { hours: scope.hours, rest: scope.whole };
    const tables = chosen(snapshot.tables, scope.table);
    const counts: LegCount[] = [];
    for (const table of tables) {
      signal.throwIfAborted();
      const shape = shapeOf(table.schema);
      const input = { table, shape, hours, standing: standing.tables.find((one) => one.table === shape.table) };
      counts.push(...(await mysqlLeg(input, snapshot, { query, throttleRows: parts.throttleRows })));
      counts.push(...(await goldLeg(input, query, place.goldCommitId)));
    }
    const shapes = tables.map(({ schema }) => shapeOf(schema));
    counts.push(
      ...(await countMessages(parts, { shapes, standing, query, hours: scope.hours, untilMs: takenAt.getTime() - EDGE_MS, signal })),
    );
    const durationMs = parts.now().getTime() - takenAt.getTime();
    return { takenAt, gtid: snapshot.gtid, commitId: standing.commitId, goldCommitId: place.goldCommitId, counts, durationMs };
  } finally {
    await parts.sessions.end(standing.session);
  }
}

function chosen(tables: readonly SourceTable[], wanted: string | null): SourceTable[] {
  const found = tables.filter(({ schema: { table } }) => (wanted === null ? !EXEMPT_TABLES.includes(table) : table === wanted));
  if (found.length === 0 && wanted !== null) throw new LedgerflowError('LF_USAGE', `there is no captured table ${wanted}`);
  return found;
}

async function placeOf(query: TextQuery): Promise<{ goldCommitId: number }> {
  const [row] = await query('SELECT coalesce(max(commit_id), -1) FROM ops.gold_state');
  return { goldCommitId: Number(row?.[0] ?? -1) };
}

interface Messages {
  readonly shapes: readonly TableShape[];
  readonly standing: Standing;
  readonly query: TextQuery;
  readonly hours: readonly Bucket[];
  /** Messages that Kafka took from here on are not counted. */
  readonly untilMs: number;
  readonly signal: AbortSignal;
}

async function countMessages(parts: SelfParts, { shapes, standing, query, hours, untilMs, signal }: Messages): Promise<LegCount[]> {
  if (hours.length === 0) return [];
  const topics = new Map(
    (await query('SELECT table_name, topic FROM ops.topics WHERE table_name IS NOT NULL')).map(([table, topic]) => [table, topic]),
  );
  const again = new Set((await query(`SELECT DISTINCT table_name FROM ops.rereads WHERE NOT in_place`)).map(([table]) => table));
  return await parts.withKafka(async (kafka) => {
    const counts: LegCount[] = [];
    for (const shape of shapes) {
      signal.throwIfAborted();
      const topic = topics.get(shape.table);
      if (topic === undefined || topic === null) continue;
      const ranges = await hourRanges(kafka, { topic, hours, untilMs });
      const held = standing.tables.find(({ table }) => table === shape.table)?.held ?? true;
      const obstacle = held ? 'it is held: `ledgerflow status` says why' : again.has(shape.table) ? 'it was read again as a whole' : null;
      counts.push(...(await messageLegs({ shape, topic, obstacle, ranges }, { kafka, query, readable: parts.readable })));
    }
    return counts;
  });
}

/** Hours in which a topic got nothing cost two questions together. */
async function hourRanges(kafka: KafkaReader, at: { topic: string; hours: readonly Bucket[]; untilMs: number }): Promise<HourRange[]> {
  const spans = at.hours.map((bucket) => {
    const fromMs = startOf(bucket);
    return { bucket, fromMs, untilMs: Math.min(fromMs + HOUR_MS, at.untilMs) };
  });
  const open = spans.filter(({ fromMs, untilMs }) => untilMs > fromMs);
  const [first, last] = [Math.min(...open.map(({ fromMs }) => fromMs)), Math.max(...open.map(({ untilMs }) => untilMs))];
  if (open.length === 0 || (await kafka.ranges(at.topic, first, last)).length === 0) return [];
  const found: HourRange[] = [];
  for (const { bucket, fromMs, untilMs } of open)
    found.push(...(await kafka.ranges(at.topic, fromMs, untilMs)).map((range) => ({ ...range, bucket })));
  return found;
}
