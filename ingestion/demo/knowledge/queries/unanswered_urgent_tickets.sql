/*---
question: Which urgent tickets has nobody answered yet?
paraphrases:
  - unanswered urgent tickets
  - urgent tickets without an answer
  - urgent tickets without a first response
owner: support
verified_on: 2026-08-21
assumptions:
  - Spam, and tickets of our own and test accounts, are left out.
---*/
SELECT t.ticket_id, a.name AS customer, t.category, t.opened_at
FROM crm.support_tickets AS t
JOIN crm.accounts AS a ON a.account_id = t.account_id
WHERE t.priority = 'Urgent' AND t.first_response_at IS NULL AND t.closed_at IS NULL AND NOT t.is_spam
  AND NOT a.is_internal AND NOT coalesce(a.is_test, false)
ORDER BY t.opened_at, t.ticket_id
