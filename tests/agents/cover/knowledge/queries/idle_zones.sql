/*---
question: Which zones of {account} had no traffic in the last {days} days?
paraphrases:
  - idle zones of {account}
  - "zones without traffic of {account}"
parameters:
  - {name: account, type: varchar, dimension: crm.accounts.name}
  - {name: days, type: bigint, default: 30}
owner: edge
verified_on: 2026-05-01
assumptions: [A zone without a row in daily usage had no traffic.]
---*/
SELECT z.name
FROM product.zones AS z
JOIN crm.accounts AS a ON a.id = z.account_id
WHERE a.name = :account
  AND NOT EXISTS (
    SELECT 1 FROM product.daily_usage AS u
    WHERE u.account_id = a.id AND u.day > date_add('day', -:days, DATE '2026-08-15')
  )
ORDER BY z.name
