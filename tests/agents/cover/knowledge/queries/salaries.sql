/*---
question: Who earns the most?
owner: people
verified_on: 2026-05-01
---*/
SELECT p.employee_id FROM hr.payroll AS p ORDER BY p.amount DESC LIMIT 1
