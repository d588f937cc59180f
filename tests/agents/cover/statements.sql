-- Each question and its SQL, on the lake of lake.py, where today is 2026-08-15.

-- monthly recurring revenue by region last quarter
SELECT
  a.region AS region,
  SUM(s.annual_price / 12) AS mrr
FROM lake.billing.subscriptions AS s
JOIN lake.crm.accounts AS a
  ON a.id = s.account_id
WHERE
  NOT a.is_internal
  AND s.started_on <= DATE '2026-06-30'
  AND (
    s.ended_on IS NULL OR s.ended_on > DATE '2026-06-30'
  )
GROUP BY
  1
ORDER BY
  mrr DESC,
  region ASC;

-- MRR by month in Q2
SELECT
  spans.month AS month,
  SUM(s.annual_price / 12) AS mrr
FROM lake.billing.subscriptions AS s
CROSS JOIN (VALUES
  (DATE '2026-04-01', DATE '2026-04-30'),
  (DATE '2026-05-01', DATE '2026-05-31'),
  (DATE '2026-06-01', DATE '2026-06-30')) AS spans(month, measured_on)
JOIN lake.crm.accounts AS a
  ON a.id = s.account_id
WHERE
  NOT a.is_internal
  AND s.started_on <= spans.measured_on
  AND (
    s.ended_on IS NULL OR s.ended_on > spans.measured_on
  )
GROUP BY
  1
ORDER BY
  month ASC;

-- tickets by month and priority since June
SELECT
  DATE_TRUNC('MONTH', CAST(t.opened_at AS DATE)) AS month,
  t.priority AS priority,
  COUNT(*) AS tickets
FROM lake.support.tickets AS t
WHERE
  NOT t.is_spam
  AND t.opened_at >= TIMESTAMP '2026-06-01 00:00:00'
  AND t.opened_at < TIMESTAMP '2026-08-16 00:00:00'
GROUP BY
  1,
  2
ORDER BY
  month ASC,
  tickets DESC,
  priority ASC;

-- MRR in EMEA and APAC, excluding Germany, by plan
SELECT
  p.name AS plan,
  SUM(s.annual_price / 12) AS mrr
FROM lake.billing.subscriptions AS s
JOIN lake.crm.accounts AS a
  ON a.id = s.account_id
LEFT JOIN lake.billing.plans AS p
  ON p.id = s.plan_id
WHERE
  NOT a.is_internal
  AND a.region IN ('EMEA', 'APAC')
  AND a.country IS DISTINCT FROM 'Germany'
  AND s.started_on <= DATE '2026-08-15'
  AND (
    s.ended_on IS NULL OR s.ended_on > DATE '2026-08-15'
  )
GROUP BY
  1
ORDER BY
  mrr DESC,
  plan ASC;

-- MRR excluding EMEA and APAC
SELECT
  SUM(s.annual_price / 12) AS mrr
FROM lake.billing.subscriptions AS s
JOIN lake.crm.accounts AS a
  ON a.id = s.account_id
WHERE
  NOT a.is_internal
  AND (
    NOT a.region IN ('EMEA', 'APAC') OR a.region IS NULL
  )
  AND s.started_on <= DATE '2026-08-15'
  AND (
    s.ended_on IS NULL OR s.ended_on > DATE '2026-08-15'
  );

-- tickets with error code 404
SELECT
  COUNT(*) AS tickets
FROM lake.support.tickets AS t
WHERE
  NOT t.is_spam AND CAST(t.error_code AS VARCHAR) = '404';

-- top 3 customers by revenue in 2025
SELECT
  a.name AS customer,
  SUM(i.amount * fx.rate) AS invoiced_revenue
FROM lake.billing.invoices AS i
JOIN lake.billing.rates AS fx
  ON fx.currency = i.currency
JOIN lake.crm.accounts AS a
  ON a.id = i.account_id
WHERE
  NOT a.is_internal
  AND i.deleted_at IS NULL
  AND i.issued_on >= DATE '2025-01-01'
  AND i.issued_on < DATE '2026-01-01'
GROUP BY
  1
ORDER BY
  invoiced_revenue DESC,
  customer ASC
LIMIT 3;

-- customers with at least 10 tickets last week
SELECT
  a.name AS customer,
  COUNT(*) AS tickets
FROM lake.support.tickets AS t
JOIN lake.crm.accounts AS a
  ON a.id = t.account_id
WHERE
  NOT t.is_spam
  AND t.opened_at >= TIMESTAMP '2026-08-03 00:00:00'
  AND t.opened_at < TIMESTAMP '2026-08-10 00:00:00'
GROUP BY
  1
HAVING
  COUNT(*) >= 10
ORDER BY
  tickets DESC,
  customer ASC;

-- MRR and revenue by region
WITH mrr AS (
  SELECT
    a.region AS region,
    SUM(s.annual_price / 12) AS mrr
  FROM lake.billing.subscriptions AS s
  JOIN lake.crm.accounts AS a
    ON a.id = s.account_id
  WHERE
    NOT a.is_internal
    AND s.started_on <= DATE '2026-08-15'
    AND (
      s.ended_on IS NULL OR s.ended_on > DATE '2026-08-15'
    )
  GROUP BY
    1
), invoiced_revenue AS (
  SELECT
    a.region AS region,
    SUM(i.amount * fx.rate) AS invoiced_revenue
  FROM lake.billing.invoices AS i
  JOIN lake.billing.rates AS fx
    ON fx.currency = i.currency
  JOIN lake.crm.accounts AS a
    ON a.id = i.account_id
  WHERE
    NOT a.is_internal AND i.deleted_at IS NULL
  GROUP BY
    1
)
SELECT
  region,
  MAX(mrr) AS mrr,
  MAX(invoiced_revenue) AS invoiced_revenue
FROM (
  SELECT
    region,
    mrr,
    NULL AS invoiced_revenue
  FROM mrr
  UNION ALL
  SELECT
    region,
    NULL AS mrr,
    invoiced_revenue
  FROM invoiced_revenue
) AS parts
GROUP BY
  1
ORDER BY
  mrr DESC,
  region ASC;

-- MRR and revenue last quarter
WITH mrr AS (
  SELECT
    SUM(s.annual_price / 12) AS mrr
  FROM lake.billing.subscriptions AS s
  JOIN lake.crm.accounts AS a
    ON a.id = s.account_id
  WHERE
    NOT a.is_internal
    AND s.started_on <= DATE '2026-06-30'
    AND (
      s.ended_on IS NULL OR s.ended_on > DATE '2026-06-30'
    )
), invoiced_revenue AS (
  SELECT
    SUM(i.amount * fx.rate) AS invoiced_revenue
  FROM lake.billing.invoices AS i
  JOIN lake.billing.rates AS fx
    ON fx.currency = i.currency
  JOIN lake.crm.accounts AS a
    ON a.id = i.account_id
  WHERE
    NOT a.is_internal
    AND i.deleted_at IS NULL
    AND i.issued_on >= DATE '2026-04-01'
    AND i.issued_on < DATE '2026-07-01'
)
SELECT
  mrr.mrr AS mrr,
  invoiced_revenue.invoiced_revenue AS invoiced_revenue
FROM mrr
CROSS JOIN invoiced_revenue;

-- share of MRR by region
WITH parts AS (
  SELECT
    a.region AS region,
    SUM(s.annual_price / 12) AS mrr
  FROM lake.billing.subscriptions AS s
  JOIN lake.crm.accounts AS a
    ON a.id = s.account_id
  WHERE
    NOT a.is_internal
    AND s.started_on <= DATE '2026-08-15'
    AND (
      s.ended_on IS NULL OR s.ended_on > DATE '2026-08-15'
    )
  GROUP BY
    1
), total AS (
  SELECT
    SUM(s.annual_price / 12) AS mrr
  FROM lake.billing.subscriptions AS s
  JOIN lake.crm.accounts AS a
    ON a.id = s.account_id
  WHERE
    NOT a.is_internal
    AND s.started_on <= DATE '2026-08-15'
    AND (
      s.ended_on IS NULL OR s.ended_on > DATE '2026-08-15'
    )
)
SELECT
  parts.region AS region,
  parts.mrr AS mrr,
  CAST(parts.mrr AS DOUBLE) / NULLIF(CAST(total.mrr AS DOUBLE), 0E0) AS mrr_share
FROM parts
CROSS JOIN total
ORDER BY
  mrr DESC,
  region ASC;

-- percentage of tickets by priority by month in Q2
WITH parts AS (
  SELECT
    DATE_TRUNC('MONTH', CAST(t.opened_at AS DATE)) AS month,
    t.priority AS priority,
    COUNT(*) AS tickets
  FROM lake.support.tickets AS t
  WHERE
    NOT t.is_spam
    AND t.opened_at >= TIMESTAMP '2026-04-01 00:00:00'
    AND t.opened_at < TIMESTAMP '2026-07-01 00:00:00'
  GROUP BY
    1,
    2
), total AS (
  SELECT
    DATE_TRUNC('MONTH', CAST(t.opened_at AS DATE)) AS month,
    COUNT(*) AS tickets
  FROM lake.support.tickets AS t
  WHERE
    NOT t.is_spam
    AND t.opened_at >= TIMESTAMP '2026-04-01 00:00:00'
    AND t.opened_at < TIMESTAMP '2026-07-01 00:00:00'
  GROUP BY
    1
)
SELECT
  parts.month AS month,
  parts.priority AS priority,
  parts.tickets AS tickets,
  1E2 * CAST(parts.tickets AS DOUBLE) / NULLIF(CAST(total.tickets AS DOUBLE), 0E0) AS tickets_percent
FROM parts
JOIN total
  ON parts.month IS NOT DISTINCT FROM total.month
ORDER BY
  month ASC,
  tickets DESC,
  priority ASC;

-- what share of MRR comes from EMEA
WITH parts AS (
  SELECT
    SUM(s.annual_price / 12) AS mrr
  FROM lake.billing.subscriptions AS s
  JOIN lake.crm.accounts AS a
    ON a.id = s.account_id
  WHERE
    NOT a.is_internal
    AND a.region = 'EMEA'
    AND s.started_on <= DATE '2026-08-15'
    AND (
      s.ended_on IS NULL OR s.ended_on > DATE '2026-08-15'
    )
), total AS (
  SELECT
    SUM(s.annual_price / 12) AS mrr
  FROM lake.billing.subscriptions AS s
  JOIN lake.crm.accounts AS a
    ON a.id = s.account_id
  WHERE
    NOT a.is_internal
    AND s.started_on <= DATE '2026-08-15'
    AND (
      s.ended_on IS NULL OR s.ended_on > DATE '2026-08-15'
    )
)
SELECT
  parts.mrr AS mrr,
  CAST(parts.mrr AS DOUBLE) / NULLIF(CAST(total.mrr AS DOUBLE), 0E0) AS mrr_share
FROM parts
CROSS JOIN total;

-- revenue by region last quarter vs the previous quarter
WITH invoiced_revenue AS (
  SELECT
    a.region AS region,
    SUM(i.amount * fx.rate) AS invoiced_revenue
  FROM lake.billing.invoices AS i
  JOIN lake.billing.rates AS fx
    ON fx.currency = i.currency
  JOIN lake.crm.accounts AS a
    ON a.id = i.account_id
  WHERE
    NOT a.is_internal
    AND i.deleted_at IS NULL
    AND i.issued_on >= DATE '2026-04-01'
    AND i.issued_on < DATE '2026-07-01'
  GROUP BY
    1
), invoiced_revenue_before AS (
  SELECT
    a.region AS region,
    SUM(i.amount * fx.rate) AS invoiced_revenue_before
  FROM lake.billing.invoices AS i
  JOIN lake.billing.rates AS fx
    ON fx.currency = i.currency
  JOIN lake.crm.accounts AS a
    ON a.id = i.account_id
  WHERE
    NOT a.is_internal
    AND i.deleted_at IS NULL
    AND i.issued_on >= DATE '2026-01-01'
    AND i.issued_on < DATE '2026-04-01'
  GROUP BY
    1
)
SELECT
  region,
  MAX(invoiced_revenue) AS invoiced_revenue,
  MAX(invoiced_revenue_before) AS invoiced_revenue_before,
  MAX(invoiced_revenue) - MAX(invoiced_revenue_before) AS invoiced_revenue_change,
  1E2 * CAST((
    MAX(invoiced_revenue) - MAX(invoiced_revenue_before)
  ) AS DOUBLE) / NULLIF(CAST(MAX(invoiced_revenue_before) AS DOUBLE), 0E0) AS invoiced_revenue_change_percent
FROM (
  SELECT
    region,
    invoiced_revenue,
    NULL AS invoiced_revenue_before
  FROM invoiced_revenue
  UNION ALL
  SELECT
    region,
    NULL AS invoiced_revenue,
    invoiced_revenue_before
  FROM invoiced_revenue_before
) AS parts
GROUP BY
  1
ORDER BY
  invoiced_revenue DESC,
  region ASC;

-- MRR by month year over year in Q2
WITH mrr AS (
  SELECT
    spans.month AS month,
    SUM(s.annual_price / 12) AS mrr
  FROM lake.billing.subscriptions AS s
  CROSS JOIN (VALUES
    (DATE '2026-04-01', DATE '2026-04-30'),
    (DATE '2026-05-01', DATE '2026-05-31'),
    (DATE '2026-06-01', DATE '2026-06-30')) AS spans(month, measured_on)
  JOIN lake.crm.accounts AS a
    ON a.id = s.account_id
  WHERE
    NOT a.is_internal
    AND s.started_on <= spans.measured_on
    AND (
      s.ended_on IS NULL OR s.ended_on > spans.measured_on
    )
  GROUP BY
    1
), mrr_before AS (
  SELECT
    spans.month AS month,
    SUM(s.annual_price / 12) AS mrr_before
  FROM lake.billing.subscriptions AS s
  CROSS JOIN (VALUES
    (DATE '2026-04-01', DATE '2025-04-30'),
    (DATE '2026-05-01', DATE '2025-05-31'),
    (DATE '2026-06-01', DATE '2025-06-30')) AS spans(month, measured_on)
  JOIN lake.crm.accounts AS a
    ON a.id = s.account_id
  WHERE
    NOT a.is_internal
    AND s.started_on <= spans.measured_on
    AND (
      s.ended_on IS NULL OR s.ended_on > spans.measured_on
    )
  GROUP BY
    1
)
SELECT
  month,
  MAX(mrr) AS mrr,
  MAX(mrr_before) AS mrr_before,
  MAX(mrr) - MAX(mrr_before) AS mrr_change,
  1E2 * CAST((
    MAX(mrr) - MAX(mrr_before)
  ) AS DOUBLE) / NULLIF(CAST(MAX(mrr_before) AS DOUBLE), 0E0) AS mrr_change_percent
FROM (
  SELECT
    month,
    mrr,
    NULL AS mrr_before
  FROM mrr
  UNION ALL
  SELECT
    month,
    NULL AS mrr,
    mrr_before
  FROM mrr_before
) AS parts
GROUP BY
  1
ORDER BY
  month ASC;

-- average resolution time by month in Q2
SELECT
  DATE_TRUNC('MONTH', CAST(AT_TIMEZONE(t.closed_at, 'UTC') AS DATE)) AS month,
  AVG(CAST(t.hours AS DOUBLE)) AS resolution_hours
FROM lake.support.tickets AS t
WHERE
  t.closed_at >= TIMESTAMP '2026-04-01 00:00:00 UTC'
  AND t.closed_at < TIMESTAMP '2026-07-01 00:00:00 UTC'
GROUP BY
  1
ORDER BY
  month ASC;

-- seats by currency
SELECT
  e.currency AS currency,
  SUM(e.seats * r.rate) AS seats
FROM lake.billing.seat_events AS e
JOIN lake.billing.rates AS r
  ON r.currency = e.currency AND r.day = DATE '2026-08-15'
WHERE
  e.since < TIMESTAMP '2026-08-16 00:00:00'
  AND (
    e.until IS NULL OR e.until >= TIMESTAMP '2026-08-16 00:00:00'
  )
GROUP BY
  1
ORDER BY
  seats DESC,
  currency ASC;

-- seats by month in Q2
SELECT
  spans.month AS month,
  SUM(e.seats * r.rate) AS seats
FROM lake.billing.seat_events AS e
CROSS JOIN (VALUES
  (DATE '2026-04-01', DATE '2026-04-30'),
  (DATE '2026-05-01', DATE '2026-05-31'),
  (DATE '2026-06-01', DATE '2026-06-30')) AS spans(month, measured_on)
JOIN lake.billing.rates AS r
  ON r.currency = e.currency AND r.day = spans.measured_on
WHERE
  e.since < DATE_ADD('DAY', 1, spans.measured_on)
  AND (
    e.until IS NULL OR e.until >= DATE_ADD('DAY', 1, spans.measured_on)
  )
GROUP BY
  1
ORDER BY
  month ASC;

-- which zones of O'Hara & Sons had no traffic in the last 7 days
SELECT
  z.name
FROM product.zones AS z
JOIN crm.accounts AS a
  ON a.id = z.account_id
WHERE
  a.name = 'O''Hara & Sons'
  AND NOT EXISTS(
    SELECT
      1
    FROM product.daily_usage AS u
    WHERE
      u.account_id = a.id AND u.day > DATE_ADD('DAY', -7, DATE '2026-08-15')
  )
ORDER BY
  z.name;

-- late invoices last quarter
SELECT
  i.id
FROM billing.invoices AS i
WHERE
  i.due_on BETWEEN DATE '2026-04-01' AND DATE '2026-06-30' AND i.paid_on > i.due_on;
