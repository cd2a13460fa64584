-- model: as_of
-- description: The last day gold knows of: what "now" means in marts about the present (projections, missed subscriptions), so that equal input gives equal marts.
-- grain: one row
-- key: day
-- inputs: gold.daily_volumes
-- refresh: view
-- ties to: day = greatest day of daily_volumes
-- column day DATE: greatest UTC day of created_at
SELECT max(day) AS day
FROM gold.daily_volumes
