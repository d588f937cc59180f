/*---
question: Who are our {count} biggest customers?
paraphrases:
  - our {count} largest customers
  - who are our biggest customers
  - who are our largest customers
  - our most important customers
parameters:
  - {name: count, type: bigint, default: 10}
  - {name: today, type: date, default: as_of}
owner: revenue-operations
verified_on: 2026-10-02
assumptions:
  - By monthly recurring revenue in US dollars, at the rate of the month.
  - Trials and rows that were entered by mistake are left out, and so are our own accounts and test accounts.
---*/
WITH paying AS (
  SELECT a.name AS customer, a.region, a.segment, count(*) AS subscriptions,
    CAST(sum(s.price * fx.usd_rate / CASE WHEN p.billing_period = 'annual' THEN 12 ELSE 1 END) AS decimal(18, 2)) AS mrr
  FROM billing.subscriptions AS s
  JOIN crm.accounts AS a ON a.account_id = s.account_id
  JOIN billing.plans AS p ON p.plan_id = s.plan_id
  JOIN billing.exchange_rates AS fx ON fx.currency = s.currency AND fx.rate_month = date_trunc('month', :today)
  WHERE s.started_on <= :today AND (s.ended_on IS NULL OR s.ended_on > :today)
    AND s.price > 0 AND NOT s.is_trial AND NOT s.is_deleted
    AND NOT a.is_internal AND NOT coalesce(a.is_test, false)
  GROUP BY a.name, a.region, a.segment
),
ranked AS (
  SELECT customer, region, segment, mrr, subscriptions, row_number() OVER (ORDER BY mrr DESC, customer) AS place
  FROM paying
)
SELECT customer, region, segment, mrr, subscriptions
FROM ranked
WHERE place <= :count
ORDER BY place
