"""A table that is read in parts only: what bounds a scan of it, and what only looks as if it did."""

from __future__ import annotations

import pytest

from tests.townlake.governance.guard.lakes import ALICE, FakeLake, table
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import MaskMethod
from townlake.governance.guard.check import check

COLUMNS = "id bigint; day date; seen timestamp(6); region varchar; place row(day date)"


def lake(**more: object) -> FakeLake:
    names = {"web.events": ("day", "region"), "web.visits": ("seen",)}
    infos = [table(name, COLUMNS).model_copy(update={"partition_filter": by}) for name, by in names.items()]
    return FakeLake([*infos, table("web.pages", COLUMNS)], **more)  # type: ignore[arg-type]


def codes(sql: str, *, who: Principal = ALICE, of: FakeLake | None = None) -> list[str]:
    found = of or lake()
    return [finding.code for finding in check(sql, who, found, found, namespace="web").findings]


E, D = "SELECT count(*) FROM events e", "DATE '2026-01-01'"
BOUNDED = [
    f"{E} WHERE day = {D}",
    f"{E} WHERE {D} <= day",
    f"{E} WHERE day >= current_date - INTERVAL '7' DAY",
    f"{E} WHERE day BETWEEN {D} AND {D} + INTERVAL '1' MONTH",
    f"{E} WHERE (day) IN ({D}, DATE '2026-01-02') AND id > 3",
    f"{E} WHERE day = {D} OR region = 'EU'",
    f"{E} WHERE (day < {D} AND id = 1) OR (id = 2 AND (region IN ('EU') OR day > {D}))",
    f"{E} WHERE date_trunc('month', day) = {D}",
    f"{E} WHERE year(day) = 2026",
    f"{E} WHERE CAST(day AS timestamp(6)) > TIMESTAMP '2026-01-01 00:00:00'",
    f"SELECT count(*) FROM visits WHERE date(seen) = {D}",
    f"SELECT count(*) FROM visits WHERE CAST(seen AS date) >= {D}",
    f"SELECT x FROM events AS e(x, y, z, r, p) WHERE y = {D}",
    f"WITH some AS (SELECT * FROM events WHERE day = {D}) SELECT * FROM some a JOIN some b ON a.id = b.id",
    "SELECT * FROM (SELECT id FROM events WHERE region = 'EU') s",
    f"{E} JOIN pages p ON e.day = {D} AND p.id = e.id",
    f"SELECT 1 FROM pages p LEFT JOIN events e ON e.id = p.id AND e.day = {D}",
    f"SELECT 1 FROM events e RIGHT JOIN pages p ON e.id = p.id AND e.day = {D}",
    f"SELECT 1 FROM pages p LEFT JOIN events e ON e.id = p.id WHERE e.day = {D}",
    f"{E} JOIN pages p ON e.day = p.day WHERE p.day = {D}",
    f"{E} JOIN pages p ON e.day = p.day JOIN pages q ON q.day = p.day AND q.day = {D}",
    f"SELECT 1 FROM pages p LEFT JOIN events e ON e.day = p.day WHERE p.day = {D}",
    f"{E}, pages p WHERE e.day = p.day AND p.day = {D}",
    f"{E} JOIN pages p USING (day) WHERE day = {D}",
    f"SELECT 1 FROM (events e JOIN pages p ON e.id = p.id AND e.day = {D}) LEFT JOIN pages q ON q.id = e.id",
    f"SELECT 1 FROM pages p WHERE EXISTS (SELECT 1 FROM events e WHERE e.id = p.id AND e.day = {D})",
    f"SELECT id FROM events WHERE day = {D} UNION SELECT id FROM events WHERE region = 'EU'",
    f"{E} RIGHT JOIN pages p USING (day) WHERE day = {D}",
    f"SELECT 1 FROM pages o WHERE EXISTS (SELECT 1 FROM events e WHERE e.day = o.day AND o.day = {D})",
    "SELECT count(*) FROM pages",
    "DESCRIBE events",
]
UNBOUNDED = [
    E,
    "SELECT * FROM events LIMIT 1",
    f"{E} WHERE day = day",
    f"{E} WHERE day >= e.day",
    f"{E} WHERE day IS NOT NULL",
    f"{E} WHERE day IS NULL OR day = {D}",
    f"{E} WHERE 1 = 1 OR day = {D}",
    f"{E} WHERE NOT (day = {D})",
    f"{E} WHERE day <> {D}",
    f"{E} WHERE day NOT IN ({D})",
    f"{E} WHERE NOT day BETWEEN {D} AND {D}",
    f"{E} WHERE id = 3",
    f"{E} WHERE seen = TIMESTAMP '2026-01-01 00:00:00'",
    f"{E} WHERE day BETWEEN {D} AND day",
    f"{E} WHERE day IN ({D}, day)",
    f"{E} WHERE day IN (SELECT day FROM pages)",
    f"{E} WHERE day = (SELECT max(day) FROM pages)",
    f"{E} WHERE day > ALL (SELECT day FROM pages)",
    f"{E} WHERE coalesce(day, {D}) = {D}",
    f"{E} WHERE if(id = 1, day, {D}) = {D}",
    f"{E} WHERE day + INTERVAL '1' DAY = {D}",
    f"{E} WHERE TRY_CAST(day AS timestamp) = TIMESTAMP '2026-01-01 00:00:00'",
    f"{E} WHERE CAST(day AS varchar) = '2026-01-01'",
    f"{E} WHERE CAST(region AS date) = {D}",
    f"{E} WHERE month(day) = 1",
    f"{E} WHERE date_trunc(lower(region), day) = {D}",
    f"{E} WHERE lower(region) = 'eu'",
    f"{E} WHERE e.place.day = {D}",
    f"{E} WHERE any_match(ARRAY[{D}], day -> day = {D})",
    "SELECT region FROM events GROUP BY region HAVING region = 'EU'",
    f"SELECT count(*) FILTER (WHERE day = {D}) FROM events",
    f"SELECT id FROM events ORDER BY day = {D}",
    f"SELECT day = {D} FROM events",
    f"{E} LEFT JOIN pages p ON e.id = p.id AND e.day = {D}",
    f"SELECT 1 FROM pages p RIGHT JOIN events e ON e.id = p.id AND e.day = {D}",
    f"{E} FULL JOIN pages p ON e.id = p.id AND e.day = {D}",
    f"{E} FULL JOIN pages p USING (day) WHERE day = {D}",
    f"{E} LEFT JOIN pages p ON e.day = p.day AND p.day = {D}",
    f"{E} JOIN pages p ON e.day = p.day",
    f"{E} JOIN pages p ON e.day = p.day WHERE p.day IS NOT NULL",
    f"{E} JOIN pages p ON e.id = p.id WHERE p.day = {D}",
    f"{E}, pages p WHERE p.day = {D}",
    f"{E} JOIN (SELECT {D} AS day, 1 AS id) s ON s.id = e.id WHERE s.day = {D}",
    f"SELECT day FROM (SELECT id, {D} AS day FROM events) e WHERE e.day = {D}",
    f"SELECT * FROM events a, events b WHERE a.day = {D}",
    f"WITH events AS (SELECT * FROM web.events) SELECT * FROM events WHERE day = {D}",
    f"SELECT * FROM (SELECT * FROM events) s WHERE s.day = {D}",
    f"SELECT 1 FROM pages e WHERE e.day = {D} AND EXISTS (SELECT 1 FROM events e)",
    f"SELECT 1 FROM pages p WHERE p.day = {D} AND EXISTS (SELECT 1 FROM events e WHERE p.day = {D})",
    f"{E} WHERE EXISTS (SELECT 1 FROM pages WHERE e.day = {D})",
    f"SELECT id FROM events WHERE day = {D} UNION SELECT id FROM events",
    f"SELECT (SELECT max(id) FROM events) FROM pages WHERE day = {D}",
    f"SELECT 1 FROM pages p CROSS JOIN LATERAL (SELECT * FROM events e WHERE e.day = p.day) WHERE p.day = {D}",
    f"SELECT count(*) FROM visits WHERE day = {D}",
    "SELECT 1 FROM events e(day, id, z, r, p) WHERE day = 3",
]


@pytest.mark.parametrize("sql", BOUNDED)
def test_a_bounded_scan_may_run(sql: str) -> None:
    assert "LIM005" not in codes(sql)


@pytest.mark.parametrize("sql", BOUNDED)
def test_such_a_statement_is_sound_otherwise(sql: str) -> None:
    assert [code for code in codes(sql) if not code.startswith("TRP")] == []


@pytest.mark.parametrize("sql", UNBOUNDED)
def test_an_unbounded_scan_is_refused(sql: str) -> None:
    assert "LIM005" in codes(sql)


def test_the_finding_names_the_column_and_shows_a_condition() -> None:
    found = lake()
    (finding,) = check(E, ALICE, found, found, namespace="web").findings
    assert finding.message == (
        "lake.web.events is read in parts by day or region only, and no condition bounds what is read of it."
    )
    assert "day >= current_date - INTERVAL '7' DAY" in finding.hint
    assert codes("SELECT count(*) FROM events WHERE day >= current_date - INTERVAL '7' DAY") == []


@pytest.mark.parametrize(("column", "example"), [("id", "id = 1"), ("region", "region = '...'"), ("seen", "INTERVAL")])
def test_the_example_fits_the_column(column: str, example: str) -> None:
    found = FakeLake([table("web.t", COLUMNS).model_copy(update={"partition_filter": (column,)})])
    (finding,) = check("SELECT id FROM web.t", ALICE, found, found).findings
    assert example in finding.hint


def test_a_mask_bounds_nothing_and_a_hidden_column_is_not_named() -> None:
    masked = lake(masks={"web.events.day": MaskMethod.YEAR}, hidden=frozenset({"web.events.region"}), ask="Ask rob.")
    (finding,) = check(f"{E} WHERE day = {D}", ALICE, masked, masked, namespace="web").findings
    assert finding.code == "LIM005"
    assert "day" not in finding.message + finding.hint
    assert "region" not in finding.message + finding.hint
    assert "Ask rob." in finding.hint


@pytest.mark.parametrize(
    ("row_filter", "bounded"),
    [
        ("region = 'EU'", True),
        ("region IN ('EU', 'US') AND id > 3", True),
        ("region <> 'EU'", False),
        ("id = 3", False),
        ("region = 'EU' OR id = 3", False),
        ("region IS NOT NULL", False),
    ],
)
def test_a_row_filter_counts_where_it_bounds(row_filter: str, bounded: bool) -> None:
    assert codes(E, of=lake(filters={"web.events": (row_filter,)})) == ([] if bounded else ["LIM005"])


def test_the_indexer_reads_everything() -> None:
    assert codes(E, who=Principal(subject="indexer", kind=PrincipalKind.SYSTEM)) == []


@pytest.mark.parametrize("word", ["AND", "OR"])
def test_a_long_condition_is_read_to_its_end(word: str) -> None:
    parts = [f"day = {D}"] * 300
    assert codes(f"{E} WHERE {f' {word} '.join(parts)}") == []
    open_end = [*parts, "id = 1"] if word == "OR" else ["id = 1"] * 300
    assert codes(f"{E} WHERE {f' {word} '.join(open_end)}") == ["LIM005"]
