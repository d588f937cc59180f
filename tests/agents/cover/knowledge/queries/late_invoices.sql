/*---
question: Which invoices were late between {first_day} and {last_day}?
paraphrases: ["late invoices since {first_day}", "late invoices {first_day..last_day}"]
parameters:
  - {name: first_day, type: date}
  - {name: last_day, type: date, default: as_of}
owner: finance
verified_on: 2026-05-01
---*/
SELECT i.id FROM billing.invoices AS i WHERE i.due_on BETWEEN :first_day AND :last_day AND i.paid_on > i.due_on
