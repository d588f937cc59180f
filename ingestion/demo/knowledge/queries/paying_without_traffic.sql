/*---
question: Which paying customers had no traffic {first..last}?
paraphrases:
  - paying customers without traffic {first..last}
  - customers who pay but had no traffic {first..last}
parameters:
  - {name: first, type: date}
  - {name: last, type: date}
owner: data-platform
verified_on: 2026-10-13
assumptions:
  - Customers who have a code of the traffic systems and paid on the last day of the span.
  - A customer has traffic when it had one request.
  - Our own accounts and test accounts are left out.
---*/
WITH served AS (
  SELECT c.account_id
  FROM product.usage_daily AS u
  JOIN product.account_codes AS c ON c.external_code = u.external_code
  WHERE u.metric = 'requests' AND u.quantity > 0 AND u.usage_on BETWEEN :first AND :last
  GROUP BY c.account_id
),
coded AS (
  SELECT DISTINCT account_id
  FROM product.account_codes
  WHERE issued_on <= :last
)
SELECT a.name AS customer, a.region, count(s.subscription_id) AS subscriptions
FROM billing.subscriptions AS s
JOIN coded AS c ON c.account_id = s.account_id
JOIN crm.accounts AS a ON a.account_id = s.account_id
LEFT JOIN served AS t ON t.account_id = s.account_id
WHERE t.account_id IS NULL AND s.price > 0 AND NOT s.is_trial AND NOT s.is_deleted
  AND s.started_on <= :last AND (s.ended_on IS NULL OR s.ended_on > :last)
  AND NOT a.is_internal AND NOT coalesce(a.is_test, false)
GROUP BY a.name, a.region
ORDER BY a.name
