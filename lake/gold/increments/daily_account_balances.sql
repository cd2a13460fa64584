-- Brings daily_account_balances up to date: adds what came and takes off what went, and carries the difference through all
-- later days of the account. Runs before dim_accounts, whose balance is still the closing of each account's last day.
-- literal first_day: SELECT min(day) FROM changed.fct_ledger_entries
-- literal last_day: SELECT greatest((SELECT max(day) FROM changed.fct_ledger_entries), (SELECT max(day) FROM gold.daily_account_balances WHERE day > {{first_day}}))
-- temporary next_days: account_id BIGINT, day DATE, currency VARCHAR, credits DECIMAL(38,4), debits DECIMAL(38,4), net DECIMAL(38,4), entries BIGINT, closing DECIMAL(38,4)

-- when {{first_day}} = {{last_day}}: all of it is on the newest day there is (a window over few rows costs more than all of this)
MERGE INTO gold.daily_account_balances AS t
USING (
  SELECT m.account_id, m.day, m.currency, m.credits, m.debits, m.entries, coalesce(b.balance, 0) AS opening
  FROM (
    SELECT account_id, day, currency, sum(credits) AS credits, sum(debits) AS debits, sum(entries) AS entries
    FROM (
      SELECT
        account_id, day, currency,
        CASE WHEN posting_type = 'CREDIT' THEN amount ELSE 0 END AS credits,
        CASE WHEN posting_type = 'CREDIT' THEN 0 ELSE amount END AS debits,
        1 AS entries
      FROM fresh.fct_ledger_entries
      UNION ALL
      SELECT
        account_id, day, currency,
        CASE WHEN posting_type = 'CREDIT' THEN -amount ELSE 0 END AS credits,
        CASE WHEN posting_type = 'CREDIT' THEN 0 ELSE -amount END AS debits,
        -1 AS entries
      FROM stale.fct_ledger_entries
    )
    GROUP BY account_id, day, currency
  ) AS m
  LEFT JOIN gold.dim_accounts AS b ON b.account_id = m.account_id
) AS n
ON t.account_id = n.account_id AND t.day = n.day AND t.currency = n.currency AND t.day >= {{first_day}}
WHEN MATCHED AND t.entries + n.entries = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET
  credits = t.credits + n.credits, debits = t.debits + n.debits, net = t.net + n.credits - n.debits,
  closing = t.closing + n.credits - n.debits, entries = t.entries + n.entries
WHEN NOT MATCHED AND n.entries <> 0 THEN INSERT (account_id, day, currency, opening, credits, debits, net, closing, entries)
  VALUES (n.account_id, n.day, n.currency, n.opening, n.credits, n.debits, n.credits - n.debits, n.opening + n.credits - n.debits, n.entries);

-- otherwise: some of it is earlier, and every later day of the account moves with it
INSERT INTO temp.next_days
WITH moved AS (
  SELECT account_id, day, currency, sum(credits) AS credits, sum(debits) AS debits, sum(entries) AS entries
  FROM (
    SELECT
      account_id, day, currency,
      CASE WHEN posting_type = 'CREDIT' THEN amount ELSE 0 END AS credits,
      CASE WHEN posting_type = 'CREDIT' THEN 0 ELSE amount END AS debits,
      1 AS entries
    FROM fresh.fct_ledger_entries
    UNION ALL
    SELECT
      account_id, day, currency,
      CASE WHEN posting_type = 'CREDIT' THEN -amount ELSE 0 END AS credits,
      CASE WHEN posting_type = 'CREDIT' THEN 0 ELSE -amount END AS debits,
      -1 AS entries
    FROM stale.fct_ledger_entries
  )
  GROUP BY account_id, day, currency
),
first_days AS (
  SELECT account_id, currency, min(day) AS day FROM moved GROUP BY account_id, currency
),
-- Found by the accounts alone: joined by account, currency and day at once, the scan takes ten times as long.
candidates AS (
  SELECT account_id, day, currency, opening, credits, debits, entries
  FROM gold.daily_account_balances
  WHERE day >= {{first_day}} AND account_id IN (SELECT account_id FROM changed.fct_ledger_entries)
),
existing AS (
  SELECT c.*
  FROM candidates AS c
  JOIN first_days AS f ON f.account_id = c.account_id AND f.currency = c.currency AND c.day >= f.day
),
-- The opening of the first day that exists at or after the change; with none, the account's balance before this refresh.
starts AS (
  SELECT account_id, currency, arg_min(opening, day) AS opening FROM existing GROUP BY account_id, currency
),
days AS (
  SELECT account_id, day, currency, sum(credits) AS credits, sum(debits) AS debits, CAST(sum(entries) AS BIGINT) AS entries
  FROM (
    SELECT account_id, day, currency, credits, debits, entries FROM existing
    UNION ALL
    SELECT account_id, day, currency, credits, debits, entries FROM moved
  )
  GROUP BY account_id, day, currency
)
SELECT
  n.account_id, n.day, n.currency, n.credits, n.debits, n.credits - n.debits AS net, n.entries,
  coalesce(s.opening, b.balance, 0) + sum(n.credits - n.debits) OVER (PARTITION BY n.account_id, n.currency ORDER BY n.day) AS closing
FROM days AS n
LEFT JOIN starts AS s ON s.account_id = n.account_id AND s.currency = n.currency
LEFT JOIN gold.dim_accounts AS b ON b.account_id = n.account_id;

-- otherwise: as a table, because DuckDB takes the SELECT for large and joins the wrong way round
MERGE INTO gold.daily_account_balances AS t
USING temp.next_days AS n
ON t.account_id = n.account_id AND t.day = n.day AND t.currency = n.currency AND t.day >= {{first_day}}
WHEN MATCHED AND n.entries = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET
  opening = n.closing - n.net, credits = n.credits, debits = n.debits, net = n.net, closing = n.closing, entries = n.entries
WHEN NOT MATCHED AND n.entries <> 0 THEN INSERT (account_id, day, currency, opening, credits, debits, net, closing, entries)
  VALUES (n.account_id, n.day, n.currency, n.closing - n.net, n.credits, n.debits, n.net, n.closing, n.entries);
