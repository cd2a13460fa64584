// How good alerts are against labels. Reads fraud_transactions, fraud_labels and
// `_alerts(rule, transaction_id, score, is_trigger)` of the connection: one row per alert, and one per movement that it names as evidence.

import type { DuckDBConnection } from '@duckdb/node-api';
import { groupBy } from '../../../infra/runtime/group-by.ts';
import { valueSql } from '../canonical.ts';
import { cardPrecision, type DayScore } from './card-precision.ts';

/** A line of the table: a rule, or all rules together. */
export interface RuleMeasure {
  readonly rule: string;
  readonly alerts: number;
  readonly alertsPerDay: number;
  /** Transactions that alerts name: their triggers and their evidence. */
  readonly flagged: number;
  /** Flagged transactions that are labelled / flagged; null without any. */
  readonly precision: number | null;
  /** Labelled transactions that are flagged / labelled. */
  readonly recall: number;
  readonly f1: number | null;
  /** Precision and recall of the triggers alone: what is known at the moment of the movement. */
  readonly triggerPrecision: number | null;
  readonly triggerRecall: number;
  /** Episodes with a flagged transaction / episodes. A transaction without an episode is one by itself. */
  readonly episodeRecall: number;
  /** Value (in dollars) of labelled transactions from the first alert of their episode on / value of all labelled ones. */
  readonly valueCaught: number;
  /** Mean over days of (compromised customers among the 100 highest scores of the day) / 100, without those found on days before. */
  readonly cardPrecision100: number;
  /** The best that could be: every compromised customer ranked first on the first day. */
  readonly cardPrecision100Best: number;
  /** Minutes from the first transaction of an episode to its first alert; median and 95th percentile over found episodes. */
  readonly delayMinutes: number | null;
  readonly delayMinutesP95: number | null;
}

export interface TypologyMeasure {
  readonly typology: string;
  readonly episodes: number;
  readonly found: number;
  readonly episodeRecall: number;
  readonly transactions: number;
  readonly recall: number;
  readonly triggerRecall: number;
  readonly valueCaught: number;
  readonly delayMinutes: number | null;
  /** Rules by the number of episodes they find, most first. */
  readonly by: string;
}

export interface Measures {
  readonly transactions: number;
  readonly labelled: number;
  /** With transactions. */
  readonly days: number;
  readonly union: RuleMeasure;
  readonly rules: readonly RuleMeasure[];
  readonly typologies: readonly TypologyMeasure[];
  /** Area under precision over recall, transactions ranked by the sum of their alerts' scores. */
  readonly averagePrecision: number;
}

/** One row per rule and transaction, and per transaction for `union`; labelled ones with their episode. */
const PREPARE_SQL = `
CREATE OR REPLACE TEMP TABLE _hits AS
WITH fired AS (SELECT rule, transaction_id, count(*) FILTER (is_trigger) AS alerts, max(score) AS score FROM _alerts SEMI JOIN fraud_transactions USING (transaction_id) GROUP BY ALL),
  all_rules AS (FROM fired UNION ALL BY NAME SELECT 'union' AS rule, transaction_id, sum(alerts) AS alerts, least(sum(score), 100) AS score FROM fired GROUP BY transaction_id)
SELECT a.rule, a.transaction_id, a.alerts, a.score, t.event_ts AS moment, coalesce(t.customer_id, t.account_id) AS holder, l.episode, l.typology
FROM all_rules a JOIN fraud_transactions t USING (transaction_id) LEFT JOIN fraud_labels l USING (transaction_id);
CREATE OR REPLACE TEMP TABLE _frauds AS
SELECT l.*, t.event_ts AS moment, abs(${valueSql('t')}) AS amount, coalesce(t.customer_id, t.account_id) AS holder, min(t.event_ts) OVER (PARTITION BY l.episode) AS began
FROM fraud_labels l JOIN fraud_transactions t USING (transaction_id);
CREATE OR REPLACE TEMP TABLE _found AS
SELECT h.rule, h.episode, min(h.moment) AS found_at FROM _hits h WHERE h.episode IS NOT NULL AND h.alerts > 0 GROUP BY ALL;
`;

const RULES_SQL = `
WITH r AS (SELECT rule, sum(alerts) AS alerts, count(*) AS flagged, count(episode) AS hits,
    count(*) FILTER (alerts > 0) AS triggers, count(episode) FILTER (alerts > 0) AS trigger_hits FROM _hits GROUP BY rule),
  e AS (SELECT f.rule, count(DISTINCT f.episode) AS found, sum(x.amount) FILTER (x.moment >= f.found_at) AS caught FROM _found f JOIN _frauds x USING (episode) GROUP BY f.rule),
  d AS (SELECT f.rule, median(delay) AS mid, quantile_cont(delay, 0.95) AS p95
        FROM (SELECT DISTINCT f.rule, f.episode, epoch(f.found_at - x.began) / 60 AS delay FROM _found f JOIN _frauds x USING (episode)) f GROUP BY f.rule),
  t AS (SELECT count(*) AS labelled, count(DISTINCT episode) AS episodes, sum(amount) AS amount FROM _frauds)
SELECT r.rule, r.alerts::DOUBLE, r.flagged::DOUBLE, r.hits::DOUBLE, t.labelled::DOUBLE, coalesce(e.found, 0)::DOUBLE, t.episodes::DOUBLE,
  coalesce(e.caught / nullif(t.amount, 0), 0)::DOUBLE, r.triggers::DOUBLE, r.trigger_hits::DOUBLE, d.mid::DOUBLE, d.p95::DOUBLE
FROM r CROSS JOIN t LEFT JOIN e ON e.rule = r.rule LEFT JOIN d ON d.rule = r.rule ORDER BY r.rule`;

const TYPOLOGIES_SQL = `
WITH u AS (FROM _found WHERE rule = 'union'),
  h AS (SELECT transaction_id, alerts FROM _hits WHERE rule = 'union'),
  b AS (SELECT typology, string_agg(rule || ' ' || n, ', ' ORDER BY n DESC, rule) AS rules
        FROM (SELECT typology, rule, count(DISTINCT episode) AS n FROM _hits WHERE episode IS NOT NULL AND alerts > 0 AND rule <> 'union' GROUP BY ALL) GROUP BY typology),
  d AS (SELECT typology, median(epoch(found_at - began) / 60) AS mid FROM (SELECT DISTINCT x.typology, x.episode, u.found_at, x.began FROM _frauds x JOIN u USING (episode)) GROUP BY typology)
SELECT x.typology, count(DISTINCT x.episode)::DOUBLE, count(DISTINCT u.episode)::DOUBLE, count(*)::DOUBLE, count(h.transaction_id)::DOUBLE, count(*) FILTER (h.alerts > 0)::DOUBLE,
  coalesce(sum(x.amount) FILTER (x.moment >= u.found_at) / nullif(sum(x.amount), 0), 0)::DOUBLE, any_value(d.mid)::DOUBLE, coalesce(any_value(b.rules), '')
FROM _frauds x LEFT JOIN u ON u.episode = x.episode LEFT JOIN h ON h.transaction_id = x.transaction_id LEFT JOIN b ON b.typology = x.typology LEFT JOIN d ON d.typology = x.typology
GROUP BY x.typology ORDER BY x.typology`;

const FACTS_SQL = `SELECT count(*)::DOUBLE, count(DISTINCT event_ts::DATE)::DOUBLE, (SELECT count(*) FROM _frauds)::DOUBLE FROM fraud_transactions`;

/** Ties are one step: the order within them says nothing. */
export const averagePrecisionSql = (scored: string): string => `
WITH s AS (SELECT score, count(*) AS n, count(l.transaction_id) AS hits FROM ${scored} LEFT JOIN fraud_labels l USING (transaction_id) GROUP BY score),
  c AS (SELECT hits, sum(hits) OVER w AS found, sum(n) OVER w AS flagged FROM s WINDOW w AS (ORDER BY score DESC))
SELECT coalesce(sum(hits * found / flagged) / nullif((SELECT count(*) FROM fraud_labels), 0), 0)::DOUBLE FROM c`;

const DAYS_SQL = `SELECT rule, moment::DATE::VARCHAR, holder, sum(score)::DOUBLE FROM _hits WHERE alerts > 0 GROUP BY ALL`;
const COMPROMISED_SQL = `SELECT DISTINCT moment::DATE::VARCHAR, holder FROM _frauds`;

/** @returns the table, `union` first in its own field, then rules by name */
export async function measure(connection: DuckDBConnection): Promise<Measures> {
  const rows = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRows();
  await connection.run(PREPARE_SQL);
  const [[transactions, days, labelled] = []] = await rows(FACTS_SQL);
  const scores = groupBy((await rows(DAYS_SQL)) as [string, string, string, number][], ([rule]) => rule);
  const compromised = new Set((await rows(COMPROMISED_SQL)).map(([day, holder]) => `${String(day)} ${String(holder)}`));
  const lines = (await rows(RULES_SQL)).map((row) => {
    const daily: DayScore[] = (scores.get(row[0] as string) ?? []).map(([, day, holder, score]) => ({ day, holder, score }));
    return ruleMeasure(row, Number(days), cardPrecision(daily, compromised, Number(days)));
  });
  const [[averagePrecision] = []] = await rows(averagePrecisionSql(`(FROM _hits WHERE rule = 'union')`));
  return {
    ...{ transactions: Number(transactions), labelled: Number(labelled), days: Number(days), averagePrecision: Number(averagePrecision) },
    union: lines.find(({ rule }) => rule === 'union') ?? NOTHING,
    rules: lines.filter(({ rule }) => rule !== 'union'),
    typologies: (await rows(TYPOLOGIES_SQL)).map(typologyMeasure),
  };
}

const NOTHING: RuleMeasure = {
  ...{
    rule: 'union',
    alerts: 0,
    alertsPerDay: 0,
    flagged: 0,
    precision: null,
    recall: 0,
    f1: null,
    triggerPrecision: null,
    triggerRecall: 0,
    episodeRecall: 0,
    valueCaught: 0,
  },
  ...{ cardPrecision100: 0, cardPrecision100Best: 0, delayMinutes: null, delayMinutesP95: null },
};

function ruleMeasure(row: readonly unknown[], days: number, card: { reached: number; best: number }): RuleMeasure {
  const [rule, alerts, flagged, hits, labelled, found, episodes, valueCaught, triggers, triggerHits, mid, p95] = row as [
    string,
    ...number[],
  ];
  const precision = flagged === 0 ? null : hits! / flagged!;
  const recall = hits! / labelled!;
  return {
    ...{ rule, alerts: alerts!, alertsPerDay: alerts! / days, flagged: flagged!, precision, recall, valueCaught: valueCaught! },
    f1: precision === null || precision + recall === 0 ? null : (2 * precision * recall) / (precision + recall),
    ...{ triggerPrecision: triggers === 0 ? null : triggerHits! / triggers!, triggerRecall: triggerHits! / labelled! },
    episodeRecall: found! / episodes!,
    ...{ cardPrecision100: card.reached, cardPrecision100Best: card.best, delayMinutes: mid ?? null, delayMinutesP95: p95 ?? null },
  };
}

function typologyMeasure(row: readonly unknown[]): TypologyMeasure {
  const [typology, episodes, found, transactions, hits, triggers, valueCaught, delay, by] = row as [
    string,
    number,
    number,
    number,
    number,
    number,
    number,
    number | null,
    string,
  ];
  return {
    ...{ typology, episodes, found, episodeRecall: found / episodes, transactions, recall: hits / transactions },
    triggerRecall: triggers / transactions,
    ...{ valueCaught, delayMinutes: delay, by },
  };
}
