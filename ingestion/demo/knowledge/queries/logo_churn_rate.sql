/*---
question: What was our customer churn rate per month {first..last}?
paraphrases:
  - customer churn rate by month {first..last}
  - monthly logo churn {first..last}
  - logo churn rate per month {first..last}
parameters:
  - {name: first, type: date}
  - {name: last, type: date}
owner: revenue-operations
verified_on: 2026-10-02
assumptions:
  - Customers lost in a month, as a share of those who paid on the day before it began.
  - Our own accounts and test accounts are left out; trials and the free plan are no customers.
---*/
WITH months AS (
  SELECT DISTINCT rate_month AS month
  FROM billing.exchange_rates
  WHERE rate_month BETWEEN date_trunc('month', :first) AND :last
),
customers AS (
  SELECT account_id
  FROM crm.accounts
  WHERE NOT is_internal AND NOT coalesce(is_test, false)
),
paying AS (
  SELECT m.month, count(DISTINCT s.account_id) AS accounts
  FROM months AS m
  CROSS JOIN billing.subscriptions AS s
  JOIN customers AS c ON c.account_id = s.account_id
  WHERE s.price > 0 AND NOT s.is_trial AND NOT s.is_deleted
    AND s.started_on < m.month AND (s.ended_on IS NULL OR s.ended_on >= m.month)
  GROUP BY m.month
),
lost AS (
  SELECT date_trunc('month', e.event_on) AS month, count(DISTINCT e.account_id) AS accounts
  FROM billing.subscription_events AS e
  JOIN customers AS c ON c.account_id = e.account_id
  WHERE e.ends_account AND e.event_on <= :last
  GROUP BY 1
)
SELECT p.month, coalesce(l.accounts, 0) AS lost_accounts, p.accounts AS accounts_before,
  CAST(coalesce(l.accounts, 0) AS double) / p.accounts AS churn_rate
FROM paying AS p
LEFT JOIN lost AS l ON l.month = p.month
ORDER BY p.month
