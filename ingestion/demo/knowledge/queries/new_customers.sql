/*---
question: How many new customers did we win {first..last}?
paraphrases:
  - how many new customers {first..last}
  - new customers {first..last}
  - number of new customers {first..last}
  - how many new paying customers {first..last}
  - new paying customers {first..last}
  - how many customers did we win {first..last}
  - how many new customers did we get {first..last}
parameters:
  - {name: first, type: date}
  - {name: last, type: date}
owner: revenue-operations
verified_on: 2026-10-14
assumptions:
  - A customer is new on the day on which its first paid subscription began; a trial or the free plan makes nobody one.
  - Customers count even when they have left since.
  - Our own accounts and test accounts are left out.
---*/
WITH firsts AS (
  SELECT s.account_id, min(s.started_on) AS first_on
  FROM billing.subscriptions AS s
  JOIN crm.accounts AS a ON a.account_id = s.account_id
  WHERE s.price > 0 AND NOT s.is_trial AND NOT s.is_deleted
    AND NOT a.is_internal AND NOT coalesce(a.is_test, false)
  GROUP BY s.account_id
)
SELECT count(*) AS new_customers
FROM firsts
WHERE first_on BETWEEN :first AND :last
