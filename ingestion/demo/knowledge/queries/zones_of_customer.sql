/*---
question: Which {status} zones does {customer} have?
paraphrases:
  - list the zones of {customer}
  - which sites does {customer} have
  - "{status} zones of {customer}"
parameters:
  - {name: customer, type: varchar, dimension: crm.accounts.name}
  - {name: status, type: varchar, dimension: product.zones.status, default: active}
owner: data-platform
verified_on: 2026-07-09
assumptions:
  - Removed zones are left out.
---*/
SELECT z.domain, z.status, CAST(z.created_at AS date) AS added_on
FROM product.zones AS z
JOIN crm.accounts AS a ON a.account_id = z.account_id
WHERE a.name = :customer AND z.status = :status AND z.deleted_at IS NULL
ORDER BY z.domain
