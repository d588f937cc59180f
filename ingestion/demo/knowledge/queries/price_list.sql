/*---
question: What do our plans cost?
paraphrases:
  - price list
  - list prices of plans
  - how much do our plans cost
  - what is the price of each plan
owner: revenue-operations
verified_on: 2026-06-01
assumptions:
  - List prices in US dollars without tax; the price of an annual plan is told for a month, too.
---*/
SELECT plan_name, billing_period, list_price_usd,
  CAST(
    CAST(list_price_usd AS decimal(18, 6)) / CASE WHEN billing_period = 'annual' THEN 12 ELSE 1 END
    AS decimal(12, 2)
  ) AS price_per_month_usd
FROM billing.plans
WHERE retired_on IS NULL
ORDER BY list_price_usd, plan_name
