-- check: actives_bounded
-- model: active_users
-- severity: block
-- inputs: active_users, churn_proxy, cohorts, customer_activity
-- scope: everything
-- expected: active on a day <= in 7 days <= in 30 days <= customers ever active; churned <= customers; active of a cohort <= its customers

-- == full
SELECT 'active_users' AS mart, day, active_1d AS part, active_30d AS whole
FROM gold.active_users
WHERE active_1d < 0 OR active_1d > active_7d OR active_7d > active_30d OR active_30d > (SELECT count(*) FROM gold.customer_activity)
UNION ALL
SELECT 'churn_proxy', day, churned, customers FROM gold.churn_proxy WHERE churned < 0 OR churned > customers
UNION ALL
SELECT 'cohorts', month, active, customers FROM gold.cohorts WHERE active > customers OR month < cohort_month
