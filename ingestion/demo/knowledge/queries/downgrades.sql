/*---
question: Which customers downgraded {first..last}?
paraphrases:
  - downgrades {first..last}
  - list customers who moved to a smaller plan {first..last}
parameters:
  - {name: first, type: date}
  - {name: last, type: date}
owner: revenue-operations
verified_on: 2026-09-18
assumptions:
  - In US dollars a month, at the rate of the month of the change.
  - Our own accounts and test accounts are left out.
---*/
SELECT e.event_on, a.name AS customer, p.plan_name AS new_plan,
  CAST(e.mrr_change * fx.usd_rate AS decimal(18, 2)) AS mrr_change
FROM billing.subscription_events AS e
JOIN crm.accounts AS a ON a.account_id = e.account_id
JOIN billing.subscriptions AS s ON s.subscription_id = e.subscription_id
JOIN billing.plans AS p ON p.plan_id = s.plan_id
JOIN billing.exchange_rates AS fx ON fx.currency = e.currency AND fx.rate_month = date_trunc('month', e.event_on)
WHERE e.event_type = 'downgrade' AND e.event_on BETWEEN :first AND :last
  AND NOT a.is_internal AND NOT coalesce(a.is_test, false)
ORDER BY e.event_on, a.name, e.event_id
