/*---
question: Which {count} customers owe us the most?
paraphrases:
  - top {count} debtors
  - the {count} largest debtors
  - who owes us the most
  - biggest debtors
parameters:
  - {name: count, type: bigint, default: 10}
  - {name: today, type: date, default: as_of}
owner: finance
verified_on: 2026-09-30
assumptions:
  - Overdue invoices with tax, in US dollars at the rate of the month of the invoice.
  - Our own accounts and test accounts are left out.
---*/
WITH overdue AS (
  SELECT a.name AS customer, count(*) AS invoices, min(i.due_on) AS due_since,
    CAST(sum(i.total_amount * fx.usd_rate) AS decimal(18, 2)) AS overdue_amount
  FROM billing.invoices AS i
  JOIN crm.accounts AS a ON a.account_id = i.account_id
  JOIN billing.exchange_rates AS fx ON fx.currency = i.currency AND fx.rate_month = date_trunc('month', i.issued_on)
  WHERE i.status = 'open' AND i.due_on < :today
    AND NOT a.is_internal AND NOT coalesce(a.is_test, false)
  GROUP BY a.name
),
ranked AS (
  SELECT customer, overdue_amount, invoices, due_since,
    row_number() OVER (ORDER BY overdue_amount DESC, customer) AS place
  FROM overdue
)
SELECT customer, overdue_amount, invoices, due_since
FROM ranked
WHERE place <= :count
ORDER BY place
