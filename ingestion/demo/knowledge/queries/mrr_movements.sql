/*---
question: What moved our MRR {first..last}?
paraphrases:
  - MRR waterfall {first..last}
  - MRR bridge {first..last}
  - MRR movements {first..last}
parameters:
  - {name: first, type: date}
  - {name: last, type: date}
owner: revenue-operations
verified_on: 2026-09-18
assumptions:
  - In US dollars at the rate of the month of each change.
  - Our own accounts and test accounts are left out.
---*/
SELECT e.event_type, count(*) AS changes, CAST(sum(e.mrr_change * fx.usd_rate) AS decimal(18, 2)) AS mrr_change
FROM billing.subscription_events AS e
JOIN crm.accounts AS a ON a.account_id = e.account_id
JOIN billing.exchange_rates AS fx ON fx.currency = e.currency AND fx.rate_month = date_trunc('month', e.event_on)
WHERE NOT a.is_internal AND NOT coalesce(a.is_test, false)
  AND e.event_on BETWEEN :first AND :last
GROUP BY e.event_type
ORDER BY mrr_change DESC, e.event_type
