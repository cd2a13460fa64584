// What the pages of reconciliation ask of the store. Every choice of the reader is a bound value.

import type {
  BreakEventRow,
  BreakFacts,
  CandidateRow,
  DayRow,
  FacetRow,
  MatchFacts,
  MatchRow,
  QueuedBreakRow,
  RunRow,
  SideRow,
  SumRow,
} from '../answers/recon.ts';
import type { SectionQuery } from '../store/snapshot.ts';
import { scoredSql } from './recon-score.ts';
import { iso, utc } from '../store/time-sql.ts';

const BREAKS = ['gold.recon_breaks'];
const ROWS_MAX = 200;
const CANDIDATES_MAX = 12;
const CANDIDATE_DAYS = 40;
const MATCHES_MAX = 100;

export interface BreakFilter {
  readonly source: string;
  readonly reason: string;
  /** `working`: all that are not resolved. */
  readonly state: string;
  readonly age: string;
  readonly currency: string;
  readonly late: boolean;
}

/** Conditions of a filter, with the values they bind. An empty text filters nothing. */
function conditions({ source, reason, state, age, currency, late }: BreakFilter): { readonly where: string; readonly values: string[] } {
  const values: string[] = [];
  const is = (column: string, value: string): string[] => (value === '' ? [] : [`b.${column} = $${values.push(value)}`]);
  const of = [...is('source', source), ...is('reason', reason), ...is('age_bucket', age), ...is('currency', currency)];
  const states = state === 'working' ? [`b.state <> 'resolved'`] : state === 'all' ? [] : is('state', state);
  return { where: [...of, ...states, ...(late ? ['b.overdue'] : []), 'true'].join(' AND '), values };
}

const BREAK_COLUMNS = `b.break_id, b.source, b.business_date, b.reason, b.state, b.owner, b.currency, b.external_amount, b.internal_amount, b.difference, b.exposure, b.age_days, b.age_bucket,
  b.overdue, ${iso('b.due_at')} AS due_at, b.score, b.why, b.comments`;

export function breaksQuery(filter: BreakFilter): SectionQuery<QueuedBreakRow> {
  const { where, values } = conditions(filter);
  const sql = `WITH b AS (SELECT * FROM gold.recon_breaks b WHERE ${where} ORDER BY b.overdue DESC, b.exposure DESC, b.break_id LIMIT ${ROWS_MAX})
    SELECT ${BREAK_COLUMNS}, n.ids, n.description FROM b LEFT JOIN (SELECT x.break_id, string_agg(r.row_id, ' · ' ORDER BY r.side, r.row_no) AS ids, max(r.description) AS description
      FROM ops.recon_break_rows x JOIN ops.recon_rows r ON r.row_no = x.row_no WHERE x.break_id IN (SELECT break_id FROM b) GROUP BY x.break_id) n ON n.break_id = b.break_id
    ORDER BY b.overdue DESC, b.exposure DESC, b.break_id`;
  return { from: BREAKS, sql, values };
}

export function sumsQuery(filter: BreakFilter): SectionQuery<SumRow> {
  const { where, values } = conditions(filter);
  return {
    from: BREAKS,
    sql: `SELECT b.currency, count(*) AS breaks, sum(b.exposure) AS exposure, sum(b.difference) AS difference, count(*) FILTER (WHERE b.overdue) AS late
          FROM gold.recon_breaks b WHERE ${where} GROUP BY b.currency ORDER BY b.currency LIMIT 50`,
    values,
  };
}

export const facetsQuery: SectionQuery<FacetRow> = {
  from: BREAKS,
  sql: `SELECT source, reason, count(*) FILTER (WHERE state <> 'resolved') AS breaks FROM gold.recon_breaks GROUP BY source, reason ORDER BY source, reason LIMIT 500`,
};

const RULES = `CAST(json_extract(r.definition, '$.rules.weights') AS VARCHAR) AS weights, CAST(json_extract(r.definition, '$.rules.suggest') AS VARCHAR) AS suggest,
  CAST(json_extract(r.definition, '$.rules.auto') AS VARCHAR) AS auto`;

export function breakQuery(id: string): SectionQuery<BreakFacts> {
  return {
    from: BREAKS,
    sql: `SELECT ${BREAK_COLUMNS}, b.run_id, b.components, r.rule_set, ${RULES} FROM gold.recon_breaks b LEFT JOIN ops.recon_runs r ON r.run_id = b.run_id WHERE b.break_id = $1`,
    values: [id],
  };
}

const SIDE_COLUMNS = `r.row_no, r.side, r.row_id AS id, ${iso('r.booked_at')} AS booked_at, r.value_date, r.amount, r.currency, r.reference, r.description, r.batch_key, r.line`;

export function breakRowsQuery(id: string): SectionQuery<SideRow> {
  return {
    from: ['ops.recon_break_rows', 'ops.recon_rows'],
    sql: `SELECT ${SIDE_COLUMNS} FROM ops.recon_break_rows x JOIN ops.recon_rows r ON r.row_no = x.row_no WHERE x.break_id = $1 ORDER BY r.side, r.row_no LIMIT ${ROWS_MAX}`,
    values: [id],
  };
}

export function eventsQuery(id: string): SectionQuery<BreakEventRow> {
  return {
    from: ['ops.recon_break_events'],
    sql: `SELECT seq, ${utc('happened_at')} AS at, actor, kind, from_state, to_state, note, data FROM ops.recon_break_events WHERE break_id = $1 ORDER BY seq LIMIT ${ROWS_MAX}`,
    values: [id],
  };
}

/** Open rows of the source within some weeks of the break, by what they differ from its nearest row; the score is that of the best pair with a row of the other side. */
export function candidatesQuery(id: string): SectionQuery<CandidateRow> {
  const pairs = `SELECT c.row_no, CASE c.side WHEN 'external' THEN c ELSE m END AS e, CASE c.side WHEN 'external' THEN m ELSE c END AS i, rules.rules
    FROM near c JOIN ops.recon_break_rows x ON x.break_id = $1 JOIN ops.recon_rows m ON m.row_no = x.row_no AND m.side <> c.side, rules`;
  return {
    from: ['gold.recon_breaks', 'ops.recon_break_rows', 'ops.recon_rows', 'ops.recon_active_rows', 'ops.recon_runs'],
    sql: `WITH rules AS (SELECT json_extract(r.definition, '$.rules') AS rules FROM gold.recon_breaks b JOIN ops.recon_runs r ON r.run_id = b.run_id WHERE b.break_id = $1),
      near AS (SELECT * FROM (
        SELECT c.*, min(abs(abs(c.amount) - abs(m.amount))) AS amount_off, min(abs(date_diff('day', m.booked_at, c.booked_at))) AS days_off
        FROM ops.recon_break_rows x JOIN ops.recon_rows m ON m.row_no = x.row_no
        JOIN ops.recon_rows c ON c.source = m.source AND c.currency = m.currency AND c.booked_at BETWEEN m.booked_at - INTERVAL ${CANDIDATE_DAYS} DAY AND m.booked_at + INTERVAL ${CANDIDATE_DAYS} DAY
        LEFT JOIN ops.recon_active_rows a ON a.row_no = c.row_no LEFT JOIN ops.recon_break_rows o ON o.break_id = x.break_id AND o.row_no = c.row_no
        WHERE x.break_id = $1 AND a.row_no IS NULL AND o.row_no IS NULL GROUP BY ALL) AS n
        QUALIFY row_number() OVER (PARTITION BY n.side ORDER BY n.amount_off, n.days_off, n.row_no) <= ${CANDIDATES_MAX}),
      best AS (SELECT row_no, max(score) AS score FROM (${scoredSql(pairs)}) GROUP BY row_no)
      SELECT ${SIDE_COLUMNS}, r.amount_off, r.days_off, best.score FROM near r LEFT JOIN best ON best.row_no = r.row_no ORDER BY r.side, r.amount_off, r.days_off, r.row_no`,
    values: [id],
  };
}

export const daysQuery: SectionQuery<DayRow> = {
  from: ['ops.recon_runs'],
  sql: `SELECT business_date AS day, count(*) AS runs FROM ops.recon_runs GROUP BY business_date ORDER BY business_date DESC LIMIT 60`,
};

/** @param day empty: the newest one */
export function runsQuery(day: string): SectionQuery<RunRow> {
  return {
    from: ['ops.recon_runs', 'gold.recon_summary'],
    sql: `SELECT r.run_id, r.source, r.business_date, r.attempt, r.stage, r.state, r.requested_by, ${utc('r.queued_at')} AS queued_at, ${utc('r.finished_at')} AS finished_at, r.file_name, r.rule_set,
        r.code, r.error, s.external_rows, s.internal_rows, s.matched_external, s.match_rate, s.exact, s.fuzzy, s.grouped, s.breaks, s.expected, s.parked, s.new_breaks, s.resolved_breaks, s.reasons, s.sums
      FROM ops.recon_runs r LEFT JOIN gold.recon_summary s ON s.run_id = r.run_id
      WHERE r.business_date = ${day === '' ? '(SELECT max(business_date) FROM ops.recon_runs)' : 'CAST($1 AS DATE)'} ORDER BY r.run_id DESC LIMIT 100`,
    values: day === '' ? [] : [day],
  };
}

const MATCH_COLUMNS = `m.match_id, m.tier, m.score, m.margin, m.components, m.why, m.actor,
  string_agg(r.row_id, ' ' ORDER BY r.row_no) FILTER (WHERE r.side = 'external') AS external_ids, string_agg(r.row_id, ' ' ORDER BY r.row_no) FILTER (WHERE r.side = 'internal') AS internal_ids,
  sum(r.amount) FILTER (WHERE r.side = 'external') AS amount, min(r.currency) AS currency, any_value(u.reason) AS taken_back`;
const MATCH_TABLES = `ops.recon_matches m JOIN ops.recon_match_rows x ON x.match_id = m.match_id JOIN ops.recon_rows r ON r.row_no = x.row_no LEFT JOIN ops.recon_undone u ON u.match_id = m.match_id`;
const MATCH_FROM = ['ops.recon_matches', 'ops.recon_match_rows', 'ops.recon_rows', 'ops.recon_undone'];

export function matchesQuery(run: string): SectionQuery<MatchRow> {
  return {
    from: MATCH_FROM,
    sql: `SELECT f.* FROM (SELECT ${MATCH_COLUMNS} FROM (SELECT * FROM ops.recon_matches WHERE run_id = CAST($1 AS BIGINT) ORDER BY tier = 'exact_id', score, match_id LIMIT ${MATCHES_MAX}) m
      JOIN ops.recon_match_rows x ON x.match_id = m.match_id JOIN ops.recon_rows r ON r.row_no = x.row_no LEFT JOIN ops.recon_undone u ON u.match_id = m.match_id
      GROUP BY ALL) f ORDER BY f.tier = 'exact_id', f.score, f.match_id`,
    values: [run],
  };
}

export function parkedLinesQuery(run: string): SectionQuery<{ readonly line: string; readonly reason: string; readonly raw: string }> {
  const sql = `SELECT line, reason, raw FROM ops.recon_parked WHERE run_id = CAST($1 AS BIGINT) ORDER BY line LIMIT ${ROWS_MAX}`;
  return { from: ['ops.recon_parked'], sql, values: [run] };
}

export function matchQuery(id: string): SectionQuery<MatchFacts> {
  return {
    from: MATCH_FROM,
    sql: `SELECT f.*, ${RULES} FROM (SELECT ${MATCH_COLUMNS}, m.run_id FROM ${MATCH_TABLES} WHERE m.match_id = CAST($1 AS BIGINT) GROUP BY ALL) f LEFT JOIN ops.recon_runs r ON r.run_id = f.run_id`,
    values: [id],
  };
}

export function matchRowsQuery(id: string): SectionQuery<SideRow> {
  return {
    from: MATCH_FROM,
    sql: `SELECT ${SIDE_COLUMNS} FROM ops.recon_match_rows x JOIN ops.recon_rows r ON r.row_no = x.row_no WHERE x.match_id = CAST($1 AS BIGINT) ORDER BY r.side, r.row_no LIMIT ${ROWS_MAX}`,
    values: [id],
  };
}
