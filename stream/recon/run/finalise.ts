// Stage 4: what the run could not settle becomes breaks that somebody works off; breaks whose rows it settled, or whose reason it
// changed, are resolved by it; the summary; and an incident per source with what is open.

import { literal } from '../../../infra/runtime/sql-text.ts';
import { closeIncidentSql, openIncidentSql } from '../../../lake/quality/incidents.ts';
import { addEvents } from '../breaks/events.ts';
import { rowsOf, type StageContext } from './stage.ts';
import { ENGINE } from './tables.ts';

export async function finalise(stage: StageContext): Promise<void> {
  const { connection, run, now } = stage;
  await connection.run(breaksSql(stage));
  const opened = await changeBreaks(stage);
  await connection.run(summarySql(stage, opened));
  await connection.run(await incidentSql(stage));
  await connection.run(`UPDATE ops.recon_runs SET state = 'succeeded', finished_at = TIMESTAMPTZ ${literal(now.toISOString())} WHERE run_id = ${run.runId};
    DROP TABLE temp.recon_open_now`);
}

/** temp.recon_open_now: the run's breaks by an identity that stays the same from run to run: source, reason and rows. */
function breaksSql({ run, now }: StageContext): string {
  const { runId, source } = run;
  const { days, largeAmount, largeDays } = source.sla;
  const at = `TIMESTAMPTZ ${literal(now.toISOString())}`;
  return `CREATE OR REPLACE TEMP TABLE recon_open_now AS SELECT *, CASE WHEN greatest(abs(coalesce(external_amount, 0)), abs(coalesce(internal_amount, 0))) >= ${largeAmount} THEN ${largeDays} ELSE ${days} END AS sla_days
    FROM (SELECT 'b' || substr(sha256(${literal(source.name)} || ' ' || f.reason || ' ' || CAST(f.external AS VARCHAR) || CAST(f.internal AS VARCHAR)), 1, 15) AS break_id, f.*,
      a.external_amount, a.internal_amount, a.currency, a.row_day FROM ops.recon_findings f JOIN (
        SELECT x.ordinal, sum(r.amount) FILTER (WHERE x.side = 'external') AS external_amount, sum(r.amount) FILTER (WHERE x.side = 'internal') AS internal_amount,
          min(r.currency) AS currency, CAST(min(r.booked_at) AS DATE) AS row_day
        FROM (SELECT ordinal, 'external' AS side, unnest(external) AS row_no FROM ops.recon_findings WHERE run_id = ${runId} AND kind = 'break'
          UNION ALL SELECT ordinal, 'internal', unnest(internal) FROM ops.recon_findings WHERE run_id = ${runId} AND kind = 'break') x
        JOIN ops.recon_rows r ON r.row_no = x.row_no GROUP BY x.ordinal) a ON a.ordinal = f.ordinal
      WHERE f.run_id = ${runId} AND f.kind = 'break');
  CREATE OR REPLACE TEMP TABLE recon_first AS SELECT n.* FROM temp.recon_open_now n ANTI JOIN ops.recon_breaks b ON b.break_id = n.break_id;
  INSERT INTO ops.recon_breaks SELECT break_id, ${literal(source.name)}, ${runId}, DATE ${literal(run.date)}, reason, score, components, why, currency, external_amount, internal_amount, row_day,
    ${at}, ${at} + to_days(sla_days) FROM temp.recon_first;
  INSERT INTO ops.recon_break_rows SELECT break_id, 'external', unnest(external) FROM temp.recon_first UNION ALL SELECT break_id, 'internal', unnest(internal) FROM temp.recon_first;
  DROP TABLE temp.recon_first`;
}

interface Changed {
  readonly opened: number;
  readonly resolved: number;
}

/** Breaks that are new, that came back, and that are no more. Rows of later days were not looked at: their breaks stay. */
async function changeBreaks({ connection, run, now }: StageContext): Promise<Changed> {
  const events = (await rowsOf(
    connection,
    `SELECT n.break_id, s.state, CASE WHEN s.state IS NULL THEN 'open' ELSE 'reopened' END, 'run ${run.runId}: ' || n.why FROM temp.recon_open_now n
      LEFT JOIN ops.recon_break_states s ON s.break_id = n.break_id WHERE s.state IS NULL OR s.state = 'resolved'
    UNION ALL SELECT b.break_id, s.state, 'resolved', 'run ${run.runId}: ' || CASE WHEN every_row_matched THEN 'its rows were matched' ELSE 'its rows are in another break now' END FROM ops.recon_breaks b
      JOIN ops.recon_break_states s ON s.break_id = b.break_id
      JOIN (SELECT r.break_id, bool_and(a.row_no IS NOT NULL) AS every_row_matched FROM ops.recon_break_rows r LEFT JOIN ops.recon_active_rows a ON a.row_no = r.row_no GROUP BY r.break_id) k ON k.break_id = b.break_id
      ANTI JOIN temp.recon_open_now n ON n.break_id = b.break_id
      WHERE b.source = ${literal(run.source.name)} AND b.business_date <= DATE ${literal(run.date)} AND s.state <> 'resolved' AND b.reason <> 'undone' ORDER BY 1`,
  )) as [string, string | null, string, string][];
  await addEvents(
    connection,
    events.map(([breakId, from, to, note]) => ({ breakId, actor: ENGINE, kind: 'state', from, to, note, data: null })),
    now,
  );
  const opened = events.filter(([, , to]) => to !== 'resolved').length;
  return { opened, resolved: events.length - opened };
}

function summarySql({ run, now }: StageContext, { opened, resolved }: Changed): string {
  const { runId, source, date, attempt } = run;
  const name = literal(source.name);
  // Rows that this run matched or found, and those of its day that an earlier attempt had settled.
  const rows = `SELECT row_no, true AS matched FROM ops.recon_match_rows x JOIN ops.recon_matches m ON m.match_id = x.match_id WHERE m.run_id = ${runId}
    UNION SELECT unnest(list_concat(external, internal)), false FROM ops.recon_findings WHERE run_id = ${runId}
    UNION SELECT x.row_no, true FROM ops.recon_active_rows x JOIN ops.recon_matches m ON m.match_id = x.match_id JOIN ops.recon_runs r ON r.run_id = m.run_id
      WHERE r.source = ${name} AND r.business_date = DATE ${literal(date)}`;
  const count = (side: string, matched: boolean): string =>
    `(SELECT count(*) FROM rows WHERE side = '${side}'${matched ? ' AND matched' : ''})`;
  const tiers = (condition: string): string =>
    `(SELECT count(*) FROM ops.recon_matches m JOIN ops.recon_runs r ON r.run_id = m.run_id ANTI JOIN ops.recon_undone u ON u.match_id = m.match_id
      WHERE r.source = ${name} AND r.business_date = DATE ${literal(date)} AND ${condition})`;
  const found = (kind: string): string => `(SELECT count(*) FROM ops.recon_findings WHERE run_id = ${runId} AND kind = '${kind}')`;
  return `INSERT INTO ops.recon_summaries WITH rows AS (SELECT x.row_no, x.matched, r.side, r.currency, r.amount FROM (${rows}) x JOIN ops.recon_rows r ON r.row_no = x.row_no)
  SELECT ${runId}, ${name}, DATE ${literal(date)}, ${attempt}, ${count('external', false)}, ${count('internal', false)}, ${count('external', true)}, ${count('internal', true)},
    ${tiers(`tier IN ('exact_id', 'exact_keys')`)}, ${tiers(`tier = 'fuzzy'`)}, ${tiers(`tier IN ('group', 'subset_sum', 'manual')`)}, ${found('break')}, ${found('expected')},
    (SELECT count(*) FROM ops.recon_parked WHERE run_id = ${runId}), ${opened}, ${resolved},
    coalesce((SELECT CAST(json_group_object(reason, n) AS VARCHAR) FROM (SELECT reason, count(*) AS n FROM ops.recon_findings WHERE run_id = ${runId} AND kind = 'break' GROUP BY reason ORDER BY reason)), '{}'),
    coalesce((SELECT CAST(json_group_array(json_object('currency', currency, 'side', side, 'rows', n, 'amount', amount, 'matched', matched_amount)) AS VARCHAR) FROM
      (SELECT currency, side, count(*) AS n, CAST(sum(amount) AS VARCHAR) AS amount, CAST(coalesce(sum(amount) FILTER (WHERE matched), 0) AS VARCHAR) AS matched_amount FROM rows GROUP BY ALL ORDER BY 1, 2)), '[]'),
    TIMESTAMPTZ ${literal(now.toISOString())}`;
}

/** One open incident per source while it has open breaks; a page when one of them is late. */
async function incidentSql({ connection, run }: StageContext): Promise<string> {
  const { name: source } = run.source;
  const [[open, overdue, exposure]] = (await rowsOf(
    connection,
    `SELECT count(*), count(*) FILTER (WHERE overdue), CAST(coalesce(max(exposure), 0) AS VARCHAR) FROM gold.recon_breaks WHERE source = ${literal(source)} AND state <> 'resolved'`,
  )) as [[bigint, bigint, string]];
  const refused = closeIncidentSql('LF_RECON_REFUSED', source);
  if (open === 0n) return `${refused}; ${closeIncidentSql('LF_RECON_BREAKS', source)}`;
  const rows = await rowsOf(
    connection,
    `SELECT CAST(to_json(b) AS VARCHAR) FROM (SELECT break_id, reason, currency, exposure, age_days FROM gold.recon_breaks WHERE source = ${literal(source)} AND state <> 'resolved'
      ORDER BY exposure DESC, break_id LIMIT 5) b`,
  );
  return `${refused}; ${openIncidentSql({
    ...{ code: 'LF_RECON_BREAKS', severity: overdue > 0n ? 'page' : 'warn', subject: source, dimension: null, table: null },
    summary: `${source}: ${open} open breaks, ${overdue} of them late, the largest ${exposure}`,
    detail: `expected: none; \`ledgerflow recon breaks --source ${source}\` lists them`,
    rows: rows.map(([text]) => text as string),
  })}`;
}
