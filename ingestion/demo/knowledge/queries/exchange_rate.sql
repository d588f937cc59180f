/*---
question: What was the exchange rate of {currency} in {month}?
paraphrases:
  - exchange rate of {currency} in {month}
  - "{currency} exchange rate in {month}"
  - "{currency} rate in {month}"
  - how many dollars was one {currency} worth in {month}
parameters:
  - {name: currency, type: varchar, dimension: billing.exchange_rates.currency}
  - {name: month, type: date}
owner: finance
verified_on: 2026-10-01
assumptions:
  - US dollars for one unit; one rate holds for the whole month.
---*/
SELECT currency, rate_month, usd_rate
FROM billing.exchange_rates
WHERE currency = :currency AND rate_month = date_trunc('month', :month)
