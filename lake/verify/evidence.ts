// The auditor's pack of one day: what was certified, verified, checked, decided and replayed, each a query over records that are only added to.

export interface EvidenceSection {
  readonly name: string;
  readonly meaning: string;
  /** Tables that must exist; a section whose tables are missing is told as such. */
  readonly from: readonly string[];
  /** @param day YYYY-MM-DD, checked by the caller */
  readonly sql: (day: string) => string;
}

/** Rows of the UTC day by an instant. */
const onDay = (column: string, day: string): string =>
  `${column} >= TIMESTAMPTZ '${day} 00:00:00+00' AND ${column} < TIMESTAMPTZ '${day} 00:00:00+00' + INTERVAL 1 DAY`;
const whole = (table: string, instant: string) => (day: string) =>
  `SELECT * FROM ${table} WHERE ${onDay(instant, day)} ORDER BY ${instant}`;

export const EVIDENCE: readonly EvidenceSection[] = [
  {
    name: 'certificates',
    meaning: 'signed statements of entries and balances',
    from: ['gold.certificates'],
    sql: whole('gold.certificates', 'created_at'),
  },
  {
    name: 'verifications',
    meaning: 'comparisons of MySQL, the working store and the published files',
    from: ['ops.verifications'],
    sql: whole('ops.verifications', 'verified_at'),
  },
  { name: 'gates', meaning: 'checks that gold had to pass', from: ['ops.checks'], sql: whole('ops.checks', 'checked_at') },
  { name: 'quality', meaning: 'data-quality checks', from: ['ops.dq_results'], sql: whole('ops.dq_results', 'started_at') },
  {
    name: 'incidents',
    meaning: 'incidents that were open on the day',
    from: ['ops.incidents'],
    sql: (day) =>
      `SELECT * FROM ops.incidents WHERE opened_at < TIMESTAMPTZ '${day} 00:00:00+00' + INTERVAL 1 DAY AND coalesce(closed_at, now()) >= TIMESTAMPTZ '${day} 00:00:00+00' ORDER BY opened_at`,
  },
  {
    name: 'incident_steps',
    meaning: 'who took an incident on or silenced it, and why',
    from: ['ops.incident_steps'],
    sql: whole('ops.incident_steps', 'done_at'),
  },
  {
    name: 'approvals',
    meaning: 'records re-driven or discarded by hand, by whom and why',
    from: ['ops.redrives'],
    sql: whole('ops.redrives', 'requested_at'),
  },
  {
    name: 'guarded',
    meaning: 'mass deletes and TRUNCATEs that waited for a person, and who decided what',
    from: ['ops.guarded_changes'],
    sql: (day) => `SELECT * FROM ops.guarded_changes WHERE ${onDay('found_at', day)} OR ${onDay('decided_at', day)} ORDER BY found_at`,
  },
  {
    name: 'alerts',
    meaning: 'what people decided about fraud alerts',
    from: ['ops.fraud_alert_events'],
    sql: whole('ops.fraud_alert_events', 'done_at'),
  },
  {
    name: 'breaks',
    meaning: 'what became of breaks of reconciliation, and who said so',
    from: ['ops.recon_break_events'],
    sql: whole('ops.recon_break_events', 'happened_at'),
  },
  { name: 'rereads', meaning: 'tables and rows read again from MySQL', from: ['ops.rereads'], sql: whole('ops.rereads', 'started_at') },
  {
    name: 'parked',
    meaning: 'records that could not be applied, and what became of them',
    from: ['ops.parked'],
    sql: (day) =>
      `SELECT * EXCLUDE (key, value, other_key) FROM ops.parked WHERE ${onDay('parked_at', day)} OR ${onDay('resolved_at', day)} ORDER BY parked_id`,
  },
  {
    name: 'replays',
    meaning: 'replays, promotions and rollbacks, by whom and why',
    from: ['ops.replays'],
    sql: whole('ops.replays', 'requested_at'),
  },
  { name: 'jobs', meaning: 'runs of jobs', from: ['ops.job_runs'], sql: whole('ops.job_runs', 'started_at') },
  {
    name: 'publications',
    meaning: 'published states of the lake',
    from: ['ops.publications'],
    sql: whole('ops.publications', 'published_at'),
  },
  {
    name: 'bronze',
    meaning: 'commits of the day, their counts and the first and last head of the chain over bronze',
    from: ['ops.commits'],
    sql: (day) =>
      `SELECT count(*) AS commits, min(commit_id) AS first_commit, max(commit_id) AS last_commit, arg_max(gtid, commit_id) AS last_gtid, sum(bronze_rows) AS messages,
        sum(applied) AS applied, sum(duplicates) AS duplicates, sum(tombstones) AS tombstones, sum(control) AS control, sum(parked) AS parked,
        arg_min(chain, commit_id) AS first_chain, arg_max(chain, commit_id) AS last_chain FROM ops.commits WHERE ${onDay('committed_at', day)}`,
  },
];
