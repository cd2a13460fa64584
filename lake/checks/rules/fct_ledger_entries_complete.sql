-- check: fct_ledger_entries_complete
-- model: fct_ledger_entries
-- severity: block
-- inputs: fct_ledger_entries
-- scope: changed keys
-- expected: count and sum(amount) equal silver.ledger_entries; every key once

-- == changed
SELECT *
FROM (
  SELECT
    (SELECT count(*) FROM gold.fct_ledger_entries WHERE entry_id IN (SELECT entry_id FROM changed.fct_ledger_entries)) AS gold_rows,
    (SELECT count(*) FROM fresh.fct_ledger_entries) AS silver_rows
)
WHERE gold_rows <> silver_rows

-- == full
SELECT *
FROM (SELECT count(*) AS gold_rows, count(DISTINCT entry_id) AS gold_keys, coalesce(sum(amount), 0) AS gold_amount FROM gold.fct_ledger_entries) AS g,
  (SELECT count(*) AS silver_rows, coalesce(sum(amount), 0) AS silver_amount FROM silver.ledger_entries) AS s
WHERE gold_rows <> silver_rows OR gold_keys <> gold_rows OR gold_amount <> silver_amount
