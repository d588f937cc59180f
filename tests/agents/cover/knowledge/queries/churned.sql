/*---
question: Which accounts churned?
paraphrases: [churned accounts, list of churned accounts]
owner: finance
verified_on: 2026-05-01
---*/
SELECT a.name FROM crm.accounts AS a WHERE a.churned_on IS NOT NULL
