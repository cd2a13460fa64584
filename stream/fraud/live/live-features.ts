// Features of the movements in temp.fraud_now: what they need of the past is read by entity, narrow and only as far back as asked.

import type { JobContext } from '../../jobs/job.ts';
import { labelsSql, legsSql, MOMENT_SQL, MOVES_MONEY, plannedFeaturesSql, type FeatureSet } from '../features.ts';
import { fillIn } from '../fill-in.ts';
import { isPairwise, pairsSql, PAST_KEYS, windowsSql, type Past, type PastKey } from '../past.ts';
import { lookbackOf } from '../rule-file.ts';
import { tickSql } from '../scope.ts';
import type { Chunk } from './live-scope.ts';
import type { LiveFacts } from './live-state.ts';

/** Below, pairs are not counted. */
const PAIRS_SURE_MAX = 5_000_000;

interface FeatureWork {
  readonly context: JobContext;
  readonly facts: LiveFacts;
  readonly chunk: Chunk;
  readonly set: FeatureSet;
}

/** Ids are those of the bank here. */
const NOW = `(SELECT transaction_id, event_ts, ord, nr, ${MOMENT_SQL} FROM (SELECT * REPLACE (_customer_id AS customer_id, _account_id AS account_id, _counter_account_id AS counter_account_id, _merchant_id AS merchant_id, _device_id AS device_id) FROM temp.fraud_now))`;

/**
 * Makes temp.fraud_featured: transaction_id, event_ts and the features of temp.fraud_now.
 * @param labels as featuresSql @returns keys whose history in temp.fraud_past_KEY may be joined pair by pair, with the minutes that it goes back
 */
export async function makeFeatures(work: FeatureWork, labels: string): Promise<ReadonlyMap<PastKey, number>> {
  const { context, set } = work;
  const pasts = new Map<PastKey, string>();
  const pairwise = new Map<PastKey, number>();
  const legs = await readLegs(work);
  for (const key of PAST_KEYS) {
    const of = set.pasts.filter((past) => past.key === key);
    const found = await pastSql(work, of, { key, labels, legs });
    if (found === null) continue;
    pasts.set(key, found.sql);
    if (found.isPairwise) pairwise.set(key, lookbackOf(of, set.values));
  }
  const none = `(SELECT NULL::VARCHAR AS transaction_id, 0::BIGINT AS tick, 0::BIGINT AS tie, false AS is_trigger, false AS is_own, 0::BIGINT AS account, 0::BIGINT AS other, false AS is_in, false AS between_accounts WHERE false)`;
  await context.connection.run(
    `CREATE OR REPLACE TEMP TABLE fraud_featured AS ${plannedFeaturesSql(set, { triggers: NOW, legs: legs.relation ?? none, pasts })}`,
  );
  return pairwise;
}

async function pastSql(
  work: FeatureWork,
  pasts: readonly Past[],
  of: { key: PastKey; labels: string; legs: Legs },
): Promise<{ sql: string; isPairwise: boolean } | null> {
  const { key, labels, legs } = of;
  const { set, chunk } = work;
  if (pasts.length === 0 || (key === 'account' && legs.relation === null)) return null;
  const plan = { pasts, values: set.values, triggers: NOW };
  if (key === 'label_merchant')
    return {
      sql: pairsSql({ ...plan, history: labelsSql(`(SELECT CAST(merchant_id AS BIGINT) AS merchant_id, known_at FROM ${labels})`) }),
      isPairwise: false,
    };
  const table = `temp.fraud_past_${key}`;
  const rows = key === 'account' ? legs.rows : await readPast(work, key, pasts);
  if (rows === 0) return null;
  if (rows * chunk.rows > PAIRS_SURE_MAX && !isPairwise(pasts.length, await countPairs(work, key), rows))
    return { sql: windowsSql({ ...plan, history: windowed(table, key) }), isPairwise: false };
  return { sql: pairsSql({ ...plan, history: table }), isPairwise: true };
}

/** History of the movements' customers, merchants or devices into temp.fraud_past_KEY. @returns its rows */
async function readPast({ context, facts, chunk, set }: FeatureWork, key: PastKey, pasts: readonly Past[]): Promise<number> {
  const merchants = facts.shape.get('merchants');
  const of = (name: string): string => (merchants?.has(name) === true ? `m.${name}` : `NULL::VARCHAR AS ${name}`);
  const moment = `t.kind, t.status, t.direction, t.logs, ${of('category')}, ${of('country')}, t.customer_id, t.merchant_id, t.device_id`;
  const shops = merchants?.has('merchant_id') === true ? 'LEFT JOIN silver.merchants m ON m.merchant_id = t.merchant_id' : '';
  const made = await context.connection
    .runAndReadAll(`CREATE OR REPLACE TEMP TABLE fraud_past_${key} AS SELECT t.moment, t.transaction_id AS nr, t.value, ${key === 'customer_id' ? moment : `t.${key}`}
    FROM ops.fraud_history t ${key === 'customer_id' ? shops : ''} WHERE ${inTime(pasts, set, chunk)} AND t.${key} IN (SELECT _${key} FROM temp.fraud_now)`);
  return Number(made.getRows()[0]?.[0]);
}

function inTime(pasts: readonly Past[], set: FeatureSet, { first, upTo }: Chunk): string {
  return `t.event_ts > ${first} - INTERVAL ${lookbackOf(pasts, set.values)} MINUTE AND t.event_ts <= ${upTo}`;
}

interface Legs {
  /** For circles; null: no movement is of that kind. */
  readonly relation: string | null;
  /** Of temp.fraud_past_account. */
  readonly rows: number;
}

/** Both sides of what the movements' accounts had to do with others into temp.fraud_past_account. */
async function readLegs({ context: { connection }, chunk, set }: FeatureWork): Promise<Legs> {
  const pasts = set.pasts.filter(({ key }) => key === 'account');
  const accounts =
    await connection.runAndReadAll(`CREATE OR REPLACE TEMP TABLE fraud_accounts AS SELECT DISTINCT unnest([_account_id, _counter_account_id]) AS id
    FROM temp.fraud_now WHERE ${MOVES_MONEY}`);
  if (Number(accounts.getRows()[0]?.[0]) === 0 || pasts.length === 0) return { relation: null, rows: 0 };
  const of = (where: string): string =>
    `SELECT moment, transaction_id AS nr, account_id, counter_account_id, status, direction, kind, value FROM ops.fraud_history t WHERE ${inTime(pasts, set, chunk)} AND ${where}`;
  const among = 'IN (SELECT id FROM temp.fraud_accounts WHERE id IS NOT NULL)';
  const movements = `(${of(`t.account_id ${among}`)} UNION ALL ${of(`t.counter_account_id ${among} AND t.account_id NOT ${among}`)})`;
  const made = await connection.runAndReadAll(
    `CREATE OR REPLACE TEMP TABLE fraud_past_account AS SELECT * FROM ${legsSql(movements, 'moment, nr')}`,
  );
  const recent = `between_accounts AND moment > ${tickSql(chunk.first)} - ${fillIn('$ticks(circle_hours)', set.values)} * 2`; // a circle's first leg, and how busy its account was before
  const relation = `(SELECT CAST(nr AS VARCHAR) AS transaction_id, ord IS NOT NULL AS is_trigger, tick, tie, is_own, account, other, is_in, between_accounts FROM ${windowed('temp.fraud_past_account', 'account', recent)})`;
  return { relation, rows: Number(made.getRows()[0]?.[0]) };
}

/** A past with the places of its rows among those of the same instant, and the rows of temp.fraud_now marked. */
function windowed(table: string, key: PastKey, where = 'true'): string {
  const own = key === 'account' ? 'CASE WHEN h.is_own THEN h.nr END' : 'h.nr'; // a condition of its own in ON would make it a nested loop
  return `(SELECT *, moment + tie AS tick FROM (SELECT h.*, dense_rank() OVER (PARTITION BY h.moment ORDER BY h.nr) - 1 AS tie, g.ord
    FROM (SELECT * FROM ${table} WHERE ${where}) h LEFT JOIN temp.fraud_now g ON g.nr = ${own}))`;
}

/** Pairs that a join of the movements with their past has, at most. */
async function countPairs({ context }: FeatureWork, key: PastKey): Promise<number> {
  const count = (relation: string): string => `(SELECT ${key}, count(*) AS n FROM ${relation} GROUP BY 1)`;
  const reader = await context.connection.runAndReadAll(
    `SELECT CAST(coalesce(sum(h.n * g.n), 0) AS DOUBLE) FROM ${count(`temp.fraud_past_${key}`)} h JOIN ${count(NOW)} g ON g.${key} = h.${key}`,
  );
  return Number(reader.getRows()[0]?.[0]);
}
