"""Each check finds its kind of trouble, and is quiet otherwise."""

from __future__ import annotations

import pyarrow as pa
import pytest

from agents.ask.answer import AnswerPath
from agents.ask.examiner.examine import CHECKS
from agents.ask.examiner.seen import Seen
from agents.ask.outlook import Outlooks
from agents.ask.state import Checked, SqlDraft
from tests.agents.plain_lake import PlainLake, PlainValues, ref
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import MaskMethod
from townlake.domain.rows import Rows
from townlake.domain.verdict import MaskUse, OutputColumn

OUTLOOK = Outlooks(PlainLake()).of(Principal(subject="ann"))  # type: ignore[arg-type]
NAMES = pa.table({"name": ["Bern", "Oslo"]})
NONE = NAMES.slice(0, 0)


def codes(
    sql: str,
    table: pa.Table,
    *,
    truncated: bool = False,
    masked: tuple[str, ...] = (),
    masks: tuple[str, ...] = (),
    row_filtered: tuple[TableRef, ...] = (),
) -> list[str]:
    uses = tuple(MaskUse(column=ColumnRef.parse(name), method=MaskMethod.REDACT) for name in masks)
    columns = tuple(OutputColumn(name=f.name, type=str(f.type), masked=f.name in masked) for f in table.schema)
    seen = Seen(
        draft=SqlDraft(sql=sql, path=AnswerPath.MODEL),
        checked=Checked(passed=True, masks=uses, row_filtered=row_filtered),
        rows=Rows(table=table, columns=columns, truncated=truncated, query_id="q"),
        outlook=OUTLOOK,
        values=PlainValues(),
    )
    return [finding.code for check in CHECKS for finding in check(seen)]


def test_an_answer_without_trouble_has_no_finding() -> None:
    assert codes("SELECT name FROM geo.cities", NAMES) == []


def test_no_rows() -> None:
    assert codes("SELECT name FROM geo.cities WHERE id > 9", NONE) == ["EXA001"]


def test_only_null_unless_it_is_masked() -> None:
    nulls = pa.table({"total": pa.array([None], pa.int64()), "n": [1]})
    assert codes("SELECT sum(guests) AS total, 1 AS n FROM geo.visits", nulls) == ["EXA002"]
    assert codes("SELECT sum(guests) AS total, 1 AS n FROM geo.visits", nulls, masked=("total",)) == []


def test_a_total_over_nothing_is_no_unknown_value() -> None:
    nothing = pa.table({"total": pa.array([None], pa.int64())})
    assert codes("SELECT sum(guests) AS total FROM geo.visits", nothing) == ["EXA009"]
    assert codes("SELECT max(guests) - min(guests) AS total FROM geo.visits", nothing) == ["EXA009"]
    assert codes("SELECT guests AS total FROM geo.visits WHERE id = 1", nothing) == ["EXA002"]
    assert codes("SELECT sum(guests) AS total FROM geo.visits GROUP BY city_id", nothing) == ["EXA002"]


def test_a_count_of_nothing_is_doubted_where_tables_are_joined() -> None:
    zero = pa.table({"n": [0]})
    joined = "SELECT count(*) AS n FROM geo.cities c JOIN geo.visits v ON v.city_id = c.id"
    assert codes(joined, zero) == ["EXA010"]
    assert codes(joined, pa.table({"n": [3]})) == []
    assert codes("SELECT count(*) AS n FROM geo.cities", zero) == []


def test_repeated_rows_only_where_tables_are_joined() -> None:
    twice = pa.table({"name": ["Bern", "Bern"]})
    joined = "SELECT c.name FROM geo.cities c JOIN geo.visits v ON v.city_id = c.id"
    assert codes(joined, twice) == ["EXA003"]
    assert codes("SELECT name FROM geo.cities", twice) == []
    assert codes(joined, NAMES) == []


def test_rows_of_one_label_and_a_finer_grain() -> None:
    same = pa.table({"name": ["Bern", "Bern"], "n": [1, 2]})
    finer = "SELECT name, count(*) AS n FROM geo.cities GROUP BY id, name"
    assert codes(finer, same) == ["EXA004"]
    assert codes("SELECT name, count(*) AS n FROM geo.cities GROUP BY name", same) == []
    assert codes("SELECT name, count(*) AS n FROM geo.cities GROUP BY 1", same) == []
    assert codes(finer, pa.table({"name": ["Bern", "Oslo"], "n": [1, 2]})) == []


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("country = 'CH'", []),
        ("country = 'ch'", ["EXA005"]),
        ("lower(country) = 'ch'", []),
        ("country IN ('CH', 'XX')", ["EXA005"]),
        ("c.country = 'Schweiz'", ["EXA005"]),
        ("'Schweiz' = country", ["EXA005"]),
        ("NOT country = 'XX'", []),
        ("country <> 'XX'", []),
        ("country LIKE 'X%'", []),
        ("id = 99", []),
        ("unknown = 'x'", []),
        ("c.id IN (SELECT city_id FROM geo.visits WHERE note = 'good')", ["EXA005"]),
    ],
)
def test_values_that_nobody_stored(where: str, found: list[str]) -> None:
    assert codes(f"SELECT name FROM geo.cities c WHERE {where}", NAMES) == found


def test_values_are_looked_up_through_named_queries() -> None:
    sql = "WITH x AS (SELECT name FROM lake.geo.cities WHERE country = 'XX') SELECT name FROM x WHERE name = 'nobody'"
    assert codes(sql, NAMES) == ["EXA005"]


def test_hidden_rows_are_told_with_any_answer() -> None:
    assert codes("SELECT name FROM geo.cities", NAMES, row_filtered=(ref("geo.cities"),)) == ["EXA006"]


def test_a_masked_column_that_is_looked_into() -> None:
    sql = "SELECT count(*) AS n FROM geo.cities WHERE name = 'Bern'"
    nothing = pa.table({"n": [0]})
    assert codes(sql, nothing, masks=("geo.cities.name",)) == ["EXA007"]
    assert codes(sql, pa.table({"n": [1]}), masks=("geo.cities.name",)) == []
    assert codes(sql, nothing) == []


def test_a_cut_result() -> None:
    assert codes("SELECT name FROM geo.cities", NAMES, truncated=True) == ["EXA008"]
