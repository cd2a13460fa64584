// Ledger integrity: do the books tie, does gold follow the bank, what did the checks say.

import { buildDashboard, type Board, type Section } from './layout.ts';
import { NEUTRAL, series, stat, table, UNIT, ZERO_IS_GOOD } from './panels.ts';

const books: Section = {
  title: 'Tie-outs, as of now',
  rows: [
    [
      stat({
        title: 'Credits minus debits',
        about: 'Sum of all balances by currency: every movement has two sides, so it is zero. gold.dim_accounts',
        unit: UNIT.money,
        decimals: 4,
        w: 5,
        each: true,
        steps: ZERO_IS_GOOD,
        sql: `SELECT currency, abs(sum(balance)) AS difference FROM gold.dim_accounts WHERE currency IS NOT NULL GROUP BY currency ORDER BY currency`,
      }),
      stat({
        title: 'Accounts that drift',
        about: 'Accounts whose balance row in the bank is not the sum of their entries. silver.accounts against gold.dim_accounts',
        unit: UNIT.count,
        w: 5,
        steps: ZERO_IS_GOOD,
        sql: `SELECT count(*) AS accounts FROM silver.accounts s JOIN gold.dim_accounts g ON g.account_id = s.account_id WHERE s.balance <> g.balance`,
      }),
      stat({
        title: 'Accounts below their limit',
        about: 'Customer accounts with a balance below minus their overdraft limit. gold.dim_accounts',
        unit: UNIT.count,
        w: 5,
        steps: ZERO_IS_GOOD,
        sql: `SELECT count(*) AS accounts FROM gold.dim_accounts WHERE account_type IN ('checking', 'savings', 'credit', 'investment') AND balance < -overdraft_limit`,
      }),
      stat({
        title: 'Messages unaccounted for',
        about: 'Messages fetched less those applied, duplicate, tombstones, control and parked, over all commits. ops.commits',
        unit: UNIT.count,
        w: 5,
        steps: ZERO_IS_GOOD,
        sql: `SELECT abs(coalesce(sum(bronze_rows - applied - duplicates - tombstones - control - parked), 0))::bigint AS messages FROM ops.commits`,
      }),
      stat({
        title: 'Gold is held',
        about: '1 while a failed blocking check holds gold at an older commit. ops.gold_state',
        unit: UNIT.count,
        w: 4,
        steps: ZERO_IS_GOOD,
        sql: `SELECT count(held_reason) AS held FROM ops.gold_state`,
      }),
    ],
  ],
};

const checks: Section = {
  title: 'Checks that gate gold',
  rows: [
    [
      stat({
        title: 'Failing checks',
        about: 'Checks whose last run did not pass. ops.checks',
        unit: UNIT.count,
        w: 4,
        h: 9,
        steps: ZERO_IS_GOOD,
        sql: `SELECT count(*) FILTER (WHERE NOT passed) AS failing FROM (SELECT arg_max(passed, checked_at) AS passed FROM ops.checks GROUP BY check_name) c`,
      }),
      table({
        title: 'Last run of every check',
        about: 'As the last refresh of gold found them. ops.checks',
        unit: UNIT.count,
        w: 20,
        h: 9,
        sql: `SELECT check_name AS "check", arg_max(model, checked_at) AS model, arg_max(severity, checked_at) AS severity,
            CASE WHEN arg_max(passed, checked_at) THEN 'passed' ELSE 'failed' END AS outcome, arg_max(observed, checked_at) AS observed,
            arg_max(expected, checked_at) AS expected, max(checked_at) AS "checked at"
          FROM ops.checks GROUP BY check_name ORDER BY outcome, check_name`,
      }),
    ],
  ],
};

const quality: Section = {
  title: 'Data quality',
  rows: [
    [
      stat({
        title: 'Passing',
        about: 'Share of the data-quality checks whose last run passed. gold.dq_results',
        unit: UNIT.share,
        decimals: 1,
        w: 4,
        h: 9,
        steps: [
          [null, 'red'],
          [0.95, 'orange'],
          [1, 'green'],
        ],
        sql: `SELECT count(*) FILTER (WHERE violations = 0)::double precision / nullif(count(*), 0) AS passing
          FROM (SELECT arg_max(violations, started_at) AS violations FROM gold.dq_results GROUP BY check_name) r`,
      }),
      series({
        title: 'Violations',
        about: 'Rows that broke a rule, by severity. gold.dq_results',
        unit: UNIT.count,
        style: 'stacked bars',
        w: 20,
        h: 9,
        sql: `SELECT $__timeGroup(started_at, $__interval) AS "time", severity AS metric, sum(violations)::bigint AS violations FROM gold.dq_results
          WHERE $__timeFilter(started_at) GROUP BY 1, 2 ORDER BY 1, 2`,
      }),
    ],
    [
      table({
        title: 'Last run of every data-quality check',
        about: 'As the last run found them. gold.dq_results',
        unit: UNIT.count,
        w: 24,
        h: 10,
        columns: { took: UNIT.ms },
        sql: `SELECT check_name AS "check", arg_max(severity, started_at) AS severity, arg_max(status, started_at) AS status, arg_max(violations, started_at) AS violations,
            max(started_at) AS "last run", arg_max(duration_ms, started_at) AS took
          FROM gold.dq_results GROUP BY check_name ORDER BY violations DESC, check_name`,
      }),
    ],
  ],
};

const certificates: Section = {
  title: 'Certificates',
  rows: [
    [
      stat({
        title: 'Age of the last certificate',
        about: 'Time since entries and balances were last certified equal to MySQL. gold.certificates',
        unit: UNIT.seconds,
        w: 6,
        h: 8,
        steps: [
          [null, 'green'],
          [90_000, 'orange'],
          [180_000, 'red'],
        ],
        sql: `SELECT epoch(now()) - epoch(max(created_at)) AS age FROM gold.certificates WHERE compared_with_source HAVING count(*) > 0`,
      }),
      table({
        title: 'Latest certificates',
        about: 'Signed; `ledgerflow certify check` proves one again from the published lake. gold.certificates',
        unit: UNIT.count,
        w: 18,
        h: 8,
        sql: `SELECT created_at AS "made at", gtid, entries, accounts, CASE WHEN compared_with_source THEN 'yes' ELSE 'no' END AS "equal to MySQL",
            left(merkle_root, 16) AS "Merkle root", left(chain, 16) AS "bronze chain", requested_by AS "asked by"
          FROM gold.certificates ORDER BY created_at DESC LIMIT 20`,
      }),
    ],
  ],
};

const positions: Section = {
  title: 'Positions',
  rows: [
    [
      table({
        title: 'Where gold stands',
        about: 'The last transaction of MySQL that gold includes. ops.gold_state',
        unit: UNIT.count,
        w: 10,
        steps: NEUTRAL,
        sql: `SELECT commit_id AS "commit", gtid, refreshed_at AS "refreshed at", held_since AS "held since", held_reason AS "held because" FROM ops.gold_state`,
      }),
      table({
        title: 'Latest publications',
        about: 'What `SET ledgerflow.as_of` can read. ops.publications',
        unit: UNIT.count,
        w: 14,
        columns: { took: UNIT.ms },
        sql: `SELECT publication_id AS publication, published_at AS "published at", gtid, commit_id AS "commit", gold_commit_id AS "gold's commit",
            bronze_rows AS bronze, silver_rows AS silver, gold_rows AS gold, duration_ms AS took
          FROM ops.publications ORDER BY publication_id DESC LIMIT 20`,
      }),
    ],
  ],
};

export function integrity(): Board {
  return buildDashboard({
    uid: 'lf-integrity',
    title: 'Ledger integrity',
    about: 'Tie-outs of the books, drift between bank and lake, checks and data quality, positions.',
    from: 'now-24h',
    refresh: '30s',
    variables: [],
    sections: [books, checks, quality, certificates, positions],
  });
}
