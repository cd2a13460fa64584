// What the operator's pages ask of the store's own records.

import type {
  AnyRow,
  BurnRow,
  CountRow,
  GoldRow,
  JobRow,
  MinuteRow,
  ParkedRow,
  PublicationRow,
  RedriveRow,
  SilverTablesRow,
  TableFreshnessRow,
  TotalsRow,
} from '../answers/operator.ts';
import type { SectionQuery } from '../store/snapshot.ts';
import { iso, utc, utcColumn } from '../store/time-sql.ts';

export const minutesQuery: SectionQuery<MinuteRow> = {
  from: ['ops.commits'],
  sql: `SELECT ${utc(`date_trunc('minute', committed_at)`)} AS minute,
          sum(bronze_rows) AS messages, sum(applied) AS applied, count(*) AS commits
        FROM ops.commits WHERE committed_at >= now() - INTERVAL 60 MINUTE GROUP BY ALL ORDER BY 1`,
};

export const totalsQuery: SectionQuery<TotalsRow> = {
  from: ['ops.commits'],
  sql: `SELECT count(*) AS commits, coalesce(sum(bronze_rows), 0) AS messages, coalesce(sum(applied), 0) AS applied,
          coalesce(sum(duplicates), 0) AS duplicates, coalesce(sum(parked), 0) AS parked FROM ops.commits`,
};

export const goldQuery: SectionQuery<GoldRow> = {
  from: ['ops.gold_state', 'ops.gold_models'],
  sql: `SELECT commit_id, ${utcColumn('refreshed_at')}, ${utcColumn('held_since')}, held_reason, (SELECT count(*) FROM ops.gold_models) AS models FROM ops.gold_state`,
};

export const silverTablesQuery: SectionQuery<SilverTablesRow> = {
  from: ['ops.topics'],
  sql: 'SELECT count(DISTINCT table_name) AS tables FROM ops.topics WHERE table_name IS NOT NULL',
};

export const publicationsQuery = (countMax: number): SectionQuery<PublicationRow> => ({
  from: ['ops.publications'],
  sql: `SELECT publication_id, commit_id, gold_commit_id, gtid, lake_snapshot, ${utcColumn('published_at')}, bronze_rows, silver_rows, gold_rows, duration_ms
        FROM ops.publications ORDER BY publication_id DESC LIMIT ${countMax}`,
});

export const commitsQuery: SectionQuery<AnyRow> = {
  from: ['ops.commits'],
  sql: `SELECT commit_id, seq, gtid, ${utcColumn('committed_at')}, bronze_rows, applied, duplicates, tombstones, control, parked, left(chain, 16) AS chain
        FROM ops.commits WHERE commit_id > (SELECT max(commit_id) FROM ops.commits) - 25 ORDER BY commit_id DESC`,
};

export const parkedQuery: SectionQuery<ParkedRow> = {
  from: ['ops.parked'],
  sql: `SELECT parked_id, table_name, status, reason, detail, topic, partition, kafka_offset, ${utcColumn('parked_at')}
        FROM ops.parked WHERE status IN ('parked', 'waiting') ORDER BY parked_id LIMIT 200`,
};

export const parkedCountQuery: SectionQuery<CountRow> = {
  from: ['ops.parked'],
  sql: `SELECT count(*) AS records FROM ops.parked WHERE status IN ('parked', 'waiting')`,
};

export const redrivesQuery: SectionQuery<RedriveRow> = {
  from: ['ops.redrives'],
  sql: `SELECT commit_id, redriven, discarded, requested_by, reason, ${utcColumn('requested_at')} FROM ops.redrives ORDER BY requested_at DESC LIMIT 20`,
};

/** Changes of the last ten minutes are looked for by commit, so that old bronze is not read. */
export const tablesQuery: SectionQuery<TableFreshnessRow> = {
  from: ['ops.topics', 'ops.table_schemas', 'ops.held_tables', 'bronze.changes', 'ops.commits'],
  sql: `WITH since AS (SELECT coalesce(min(commit_id), 0) AS commit_id FROM ops.commits WHERE committed_at >= now() - INTERVAL 10 MINUTE),
        seen AS (SELECT topic, max(kafka_ts) AS last_change, count(*) AS recent FROM bronze.changes
                 WHERE commit_id >= (SELECT commit_id FROM since) AND op IS NOT NULL GROUP BY topic)
        SELECT t.topic, t.table_name, max(s.version) AS version,
          EXISTS (SELECT 1 FROM ops.held_tables h WHERE h.table_name = t.table_name AND h.released_commit IS NULL) AS held,
          ${iso('any_value(x.last_change)')} AS last_change, coalesce(any_value(x.recent), 0) AS recent
        FROM ops.topics t LEFT JOIN ops.table_schemas s ON s.table_name = t.table_name LEFT JOIN seen x ON x.topic = t.topic
        WHERE t.table_name IS NOT NULL GROUP BY t.topic, t.table_name ORDER BY t.table_name`,
};

export const heldQuery: SectionQuery<AnyRow> = {
  from: ['ops.held_tables'],
  sql: `SELECT table_name, code, reason, records, ${utcColumn('held_at')} FROM ops.held_tables WHERE released_commit IS NULL ORDER BY held_at DESC`,
};

export const modelsQuery: SectionQuery<AnyRow> = {
  from: ['ops.gold_models'],
  sql: `SELECT model, status, reason, remedy, commit_id, ${utcColumn('changed_at')} FROM ops.gold_models ORDER BY status = 'current', model`,
};

/** Filled by `ledgerflow verify`. */
export const verifiedQuery: SectionQuery<AnyRow> = {
  from: ['ops.verified_through'],
  sql: `SELECT table_name, seq, gtid, rows, ${utcColumn('verified_at')} FROM ops.verified_through ORDER BY table_name LIMIT 200`,
};

export const certificatesQuery: SectionQuery<AnyRow> = {
  from: ['gold.certificates'],
  sql: `SELECT ${utcColumn('created_at')}, gtid, entries, accounts, compared_with_source AS equal_to_mysql, left(merkle_root, 16) AS merkle_root, left(chain, 16) AS chain, requested_by
        FROM gold.certificates ORDER BY gold.certificates.created_at DESC LIMIT 25`,
};

export const dqResultsQuery: SectionQuery<AnyRow> = {
  from: ['gold.dq_results'],
  sql: `SELECT check_name, table_name, severity, status, violations, violating_rows, ${iso('started_at')} AS last_run
        FROM gold.dq_results WHERE kind <> 'gate' QUALIFY row_number() OVER (PARTITION BY check_name, table_name ORDER BY started_at DESC) = 1
        ORDER BY status = 'passed', severity, check_name LIMIT 300`,
};

export const checksQuery: SectionQuery<AnyRow> = {
  from: ['ops.checks'],
  sql: `SELECT check_name, model, severity, passed, observed, expected, commit_id, ${utcColumn('checked_at')}
        FROM ops.checks QUALIFY row_number() OVER (PARTITION BY check_name ORDER BY checked_at DESC) = 1
        ORDER BY passed, check_name LIMIT 300`,
};

const bad = (interval: string): string =>
  `1 - sum(p.good) FILTER (p.minute >= now()::TIMESTAMP - INTERVAL ${interval}) / nullif(sum(p.total) FILTER (p.minute >= now()::TIMESTAMP - INTERVAL ${interval}), 0)`;

/** How fast each objective's error budget burns: 1 uses it up in exactly its period, 14.4 in an hour's share of it. */
export const burnQuery: SectionQuery<BurnRow> = {
  from: ['gold.pipeline_slo', 'gold.slo_budget'],
  sql: `SELECT b.slo, any_value(b.target) AS target, any_value(b.meaning) AS meaning, any_value(b.budget_left) AS budget_left, any_value(b.days) AS days,
          (${bad('5 MINUTE')}) / (1 - any_value(b.target)) AS burn_5m, (${bad('1 HOUR')}) / (1 - any_value(b.target)) AS burn_1h,
          (${bad('6 HOUR')}) / (1 - any_value(b.target)) AS burn_6h, (${bad('3 DAY')}) / (1 - any_value(b.target)) AS burn_3d
        FROM (FROM gold.slo_budget WHERE weight IS NULL OR weight = 'rows') b
        LEFT JOIN gold.pipeline_slo p ON p.slo = b.slo AND p.minute >= now()::TIMESTAMP - INTERVAL 3 DAY GROUP BY b.slo ORDER BY b.slo`,
};

/** Per table over the last day. */
export const sloQuery: SectionQuery<AnyRow> = {
  from: ['gold.pipeline_slo'],
  sql: `SELECT slo, table_name, sum(good) AS good, sum(total) AS total
        FROM gold.pipeline_slo WHERE minute >= now()::TIMESTAMP - INTERVAL 1 DAY GROUP BY slo, table_name ORDER BY sum(good) / sum(total), slo, table_name LIMIT 300`,
};

export const jobsQuery: SectionQuery<JobRow> = {
  from: ['ops.jobs'],
  sql: `SELECT job, description, version, trigger, position, failures, ${utcColumn('served_until')} FROM ops.jobs WHERE declared ORDER BY job LIMIT 100`,
};

export const runsQuery: SectionQuery<AnyRow> = {
  from: ['ops.job_runs'],
  sql: `SELECT run_id, job, trigger, state, attempt, partition, position, ${utcColumn('started_at')}, duration_ms, outcome, error
        FROM ops.job_runs ORDER BY run_id DESC LIMIT 50`,
};
