/*---
question: Why did customers leave {first..last}?
paraphrases:
  - reasons for churn {first..last}
  - cancellation reasons {first..last}
  - why did customers cancel {first..last}
parameters:
  - {name: first, type: date}
  - {name: last, type: date}
owner: revenue-operations
verified_on: 2026-09-18
assumptions:
  - Cancelled paid subscriptions; a customer with two counts twice.
  - Our own accounts and test accounts are left out.
---*/
SELECT coalesce(s.cancel_reason, 'not said') AS reason, count(*) AS cancellations
FROM billing.subscription_events AS e
JOIN billing.subscriptions AS s ON s.subscription_id = e.subscription_id
JOIN crm.accounts AS a ON a.account_id = e.account_id
WHERE e.event_type = 'cancel' AND s.price > 0 AND e.event_on BETWEEN :first AND :last
  AND NOT a.is_internal AND NOT coalesce(a.is_test, false)
GROUP BY 1
ORDER BY cancellations DESC, reason
