"""What Trino's analyzer takes: right statements are never refused, and have Trino's types."""

from __future__ import annotations

import pytest

from tests.townlake.sql.reading import parse, typed
from tests.townlake.sql.test_refused import TABLES
from townlake.sql.types import UNKNOWN
from townlake.sql.typing import annotate, type_of

TYPED = [
    ("SELECT 1 + 1.5, 7 / 2, 7 / 2.0, 1e0 * 2", "decimal(12,1) integer decimal(12,1) double"),
    ("SELECT 2147483648, -2147483648, 1.00, .5, 5.", "bigint integer decimal(3,2) decimal(1,1) decimal(1,0)"),
    (
        "SELECT total * 2, total / total, total % 2, -total FROM orders",
        "decimal(22,2) decimal(14,2) decimal(12,2) decimal(12,2)",
    ),
    (
        "SELECT sum(total), avg(total), sum(id), avg(id), count(id) FROM orders",
        "decimal(38,2) decimal(12,2) bigint double bigint",
    ),
    ("SELECT status || 'x', concat(status, 'x'), substr(status, 2) FROM orders", "varchar varchar varchar(10)"),
    ("SELECT placed_on + INTERVAL '1' DAY, placed_at - INTERVAL '1' HOUR FROM orders", "date timestamp(6)"),
    ("SELECT TIMESTAMP '2024-01-01' + INTERVAL '1' HOUR, TIME '10:00' + INTERVAL '1' HOUR", "timestamp(3) time(3)"),
    ("SELECT placed_at - placed_at, 2 * INTERVAL '1' DAY FROM orders", "interval day to second interval day to second"),
    (
        "SELECT CASE WHEN paid THEN 1 ELSE 2.5 END, COALESCE(NULL, id), IF(paid, 1) FROM orders",
        "decimal(11,1) bigint integer",
    ),
    (
        "SELECT tags[1], attributes['a'], address.city, element_at(tags, -1) FROM orders",
        "varchar varchar varchar varchar",
    ),
    ("SELECT (address).zip, orders.address.zip, s.orders.id FROM orders", "varchar varchar bigint"),
    (
        "SELECT (SELECT max(total) FROM orders), EXISTS (SELECT 1), 1 IN (SELECT id FROM orders)",
        "decimal(12,2) boolean boolean",
    ),
    ("SELECT (SELECT id, name FROM customers LIMIT 1)", "row(id bigint, name varchar)"),
    (
        "SELECT transform(tags, t -> length(t)), filter(tags, t -> t <> '') FROM orders",
        "array(bigint) array(varchar)",
    ),
    (
        "SELECT reduce(tags, 0, (s, t) -> s + 1, s -> s * 1e0) FROM orders",
        "double",
    ),
    (
        "SELECT map_agg(status, id), histogram(status), array_agg(id ORDER BY total DESC) FROM orders",
        "map(varchar(10), bigint) map(varchar(10), bigint) array(bigint)",
    ),
    (
        "SELECT max_by(status, total), min_by(status, total, 3), approx_percentile(total, 0.5) FROM orders",
        "varchar(10) array(varchar(10)) real",
    ),
    (
        "SELECT rank() OVER (ORDER BY total), lag(total) OVER (ORDER BY id), sum(id) OVER () FROM orders",
        "bigint decimal(12,2) bigint",
    ),
    (
        "SELECT placed_at AT TIME ZONE 'Europe/Berlin', date(placed_at), date_trunc('day', placed_at) FROM orders",
        "timestamp(6) with time zone date timestamp(6)",
    ),
    (
        "SELECT round(total), round(total, 1), ceiling(total), floor(id), truncate(total, 1) FROM orders",
        "decimal(11,0) decimal(13,2) decimal(11,0) bigint decimal(12,2)",
    ),
    ("SELECT NULL, ARRAY[], MAP(), ARRAY[NULL, 1]", "unknown array(unknown) map(unknown, unknown) array(integer)"),
    (
        "SELECT current_date, now(), current_timestamp(6), localtimestamp",
        "date timestamp(3) with time zone timestamp(6) with time zone timestamp(3)",
    ),
    (
        "SELECT CAST(id AS varchar(5)), CAST(NULL AS row(a integer, b array(date))), TRY_CAST('' AS date) FROM orders",
        "varchar(5) row(a integer, b array(date)) date",
    ),
    (
        "SELECT * FROM UNNEST(ARRAY[1, 2], MAP(ARRAY['a'], ARRAY[1.5])) WITH ORDINALITY",
        "integer varchar(1) decimal(2,1) bigint",
    ),
    ("SELECT id FROM customers UNION ALL SELECT 1.5", "decimal(20,1)"),
    ("SELECT * FROM (VALUES (1, NULL), (2, 'abc')) AS t(a, b)", "integer varchar(3)"),
    ("SELECT TRY(1 / 0), nullif(id, 0), greatest(1, 2.5) FROM orders", "integer bigint decimal(11,1)"),
    (
        "SELECT json_extract_scalar(status, '$.a'), json_parse(status), json_value('', '$' RETURNING date) FROM orders",
        "varchar(10) json date",
    ),
    ("WITH RECURSIVE t(n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t", "integer"),
]

ACCEPTED = [
    "SELECT id AS k FROM orders ORDER BY k, total, -id",
    "SELECT status, count(*) FROM orders GROUP BY 1 ORDER BY count(*) DESC, 1",
    "SELECT upper(status), count(*) FROM orders GROUP BY upper(orders.status) HAVING count(*) > 1",
    "SELECT status, sum(count(*)) OVER (ORDER BY status) FROM orders GROUP BY status",
    "SELECT status, rank() OVER (ORDER BY sum(total) DESC) FROM orders GROUP BY status",
    "SELECT (id, status) FROM orders GROUP BY id, status",
    "SELECT address.city, count(*) FROM orders GROUP BY address",
    "SELECT address.city, count(*) FROM orders GROUP BY address.city",
    "SELECT status, (SELECT count(*) FROM customers c WHERE c.name = o.status) FROM orders o GROUP BY status",
    "SELECT status, total FROM orders GROUP BY GROUPING SETS ((status, total), (status), ())",
    "SELECT status, grouping(status), grouping(status, total) FROM orders GROUP BY CUBE (status, total)",
    "SELECT count(*) FROM orders GROUP BY ()",
    "SELECT 'all', count(*) FROM orders GROUP BY 1",
    "SELECT DISTINCT c.* FROM customers c ORDER BY c.id",
    "SELECT DISTINCT status AS s, id FROM orders ORDER BY s, orders.id",
    "SELECT DISTINCT year(placed_on) FROM orders ORDER BY year(placed_on)",
    "SELECT DISTINCT a.* FROM (SELECT id, status FROM orders) AS a ORDER BY a.status",
    "SELECT o.id, c.name FROM orders o LEFT JOIN customers c ON c.id = o.customer_id WHERE c.id IS NULL",
    "SELECT id, name, status FROM orders JOIN customers USING (id) ORDER BY id",
    "SELECT o.id, t.tag FROM orders o CROSS JOIN UNNEST(o.tags) AS t(tag)",
    "SELECT o.id, t.tag FROM orders o LEFT JOIN UNNEST(tags) WITH ORDINALITY AS t(tag, n) ON TRUE",
    "SELECT l.n FROM customers c CROSS JOIN LATERAL (SELECT sum(total) AS n FROM orders WHERE customer_id = c.id) AS l",
    "SELECT k, v FROM orders, UNNEST(attributes) AS a(k, v)",
    "SELECT * FROM (orders o JOIN customers c ON o.customer_id = c.id)",
    "SELECT * FROM orders WHERE (id, status) IN (SELECT id, name FROM customers)",
    "SELECT * FROM orders WHERE total > ALL (SELECT 5) AND id <> ANY (VALUES 1, 2)",
    "SELECT * FROM orders WHERE placed_at >= DATE '2024-01-01' AND placed_on < TIMESTAMP '2024-02-01 00:00:00'",
    "SELECT * FROM orders WHERE CAST(status AS char(3)) = status OR status LIKE 'a\\_%' ESCAPE '\\'",
    "SELECT * FROM orders WHERE total > 5 AND total < 7.25e0 AND total IN (1, 2.5)",
    "SELECT * FROM orders WHERE paid AND NOT (status IS NULL OR paid) AND coalesce(paid, false)",
    "SELECT sum(id) OVER w, lag(id) OVER (w) FROM orders WINDOW w AS (PARTITION BY status ORDER BY id)",
    "SELECT sum(id) OVER (ORDER BY placed_on RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW) FROM orders",
    "SELECT sum(id) OVER (ORDER BY total RANGE 5 PRECEDING), sum(id) OVER (ROWS UNBOUNDED PRECEDING) FROM orders",
    "SELECT last_value(total) IGNORE NULLS OVER (ORDER BY id), count(DISTINCT id) OVER () FROM orders",
    "SELECT count(*) FILTER (WHERE paid), sum(total) FILTER (WHERE status = 'open') FROM orders",
    "SELECT listagg(status, ', ') WITHIN GROUP (ORDER BY id), array_agg(DISTINCT status ORDER BY status) FROM orders",
    "WITH a AS (SELECT id FROM orders), b AS (SELECT id FROM a) SELECT * FROM b JOIN a ON a.id = b.id",
    "WITH orders AS (SELECT 1 AS n) SELECT n FROM orders",
    "(SELECT id FROM orders ORDER BY total LIMIT 3) UNION ALL (SELECT id FROM customers) ORDER BY id",
    "TABLE customers ORDER BY name OFFSET 2 ROWS FETCH NEXT 3 ROWS WITH TIES",
    "SELECT map_filter(attributes, (k, v) -> k <> v), zip_with(tags, tags, (a, b) -> a || b) FROM orders",
    "SELECT array_sort(tags, (a, b) -> IF(a < b, 1, IF(a = b, 0, -1))), any_match(tags, t -> t = status) FROM orders",
    "SELECT date_diff('day', placed_on, placed_at), date_add('month', -1, placed_on), date_parse('', '%Y') FROM orders",
    "SELECT format('%s has %d (%.1f%%)', status, id, 1.5e0), concat_ws('-', status, NULL, 'b') FROM orders",
    "SELECT COALESCE(TRY(1 / 0), 0), TRY(CAST('a' AS integer)), CASE WHEN paid THEN 1 / 0 END FROM orders",
    "SELECT IF(paid, 1 / id), CAST('NaN' AS double), CAST(' 12 ' AS bigint), CAST('2024-1-5' AS date) FROM orders",
    "SELECT random(), uuid()",
]


@pytest.mark.parametrize(("sql", "kinds"), TYPED)
def test_it_has_trinos_types(sql: str, kinds: str) -> None:
    found = typed(sql, TABLES)
    assert found.findings == ()
    assert " ".join(str(kind) for _, kind in found.columns) == kinds


@pytest.mark.parametrize("sql", ACCEPTED)
def test_it_is_not_refused(sql: str) -> None:
    assert typed(sql, TABLES).findings == ()


def test_names_of_columns() -> None:
    found = typed('SELECT id, total AS "Sum", o.STATUS, 1, (id), address.city FROM orders o', TABLES)
    assert [name for name, _ in found.columns] == ["id", "Sum", "STATUS", "_col3", "id", "city"]


def test_what_is_not_known_is_not_refused() -> None:
    found = annotate(
        parse("SELECT upper(t.x) + 1, t.x || 5, count(t.y) FROM UNNEST(somewhere.f(1)) AS t(x, y)"),
        lambda ref: None,
    )
    assert not [finding for finding in found.findings if finding.error == "TYPE_MISMATCH"]


def test_a_column_of_a_type_that_is_not_known_is_not_refused() -> None:
    tables = {"t": {"x": "some_future_type", "y": "bigint"}}
    found = typed("SELECT x + 1, upper(x), x > 'a', coalesce(x, 1), count(x), sum(y) FROM t GROUP BY x", tables)
    assert found.findings == ()
    assert [str(kind) for _, kind in found.columns][-2:] == ["bigint", "bigint"]


def test_types_go_along_with_copies_and_the_statement_stays_as_it_is() -> None:
    tree = parse("SELECT a.x + 1.5 AS y FROM (VALUES 1) AS a(x) WHERE x > 0")
    before = tree.sql("trino")
    annotate(tree, lambda ref: None)
    assert tree.sql("trino") == before
    copied = tree.copy().expressions[0].this
    assert str(type_of(copied)) == "decimal(12,1)"
    assert type_of(parse("SELECT 1").expressions[0]) == UNKNOWN
