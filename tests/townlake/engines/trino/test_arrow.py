"""Trino's values become Arrow and read as Trino wrote them; what cannot be held is refused. Values as seen on 476."""

from typing import Any

import pyarrow as pa
import pytest

from townlake.domain.errors import EngineError
from townlake.domain.rows import Rows
from townlake.domain.verdict import OutputColumn
from townlake.engines.trino.arrow import arrow_column, plain_type
from townlake.engines.values import json_rows


def shown(values: list[Any], trino_type: str) -> list[Any]:
    table = pa.table([arrow_column(values, trino_type)], names=["c0"])
    columns = (OutputColumn(name="c", type=trino_type),)
    return [row[0] for row in json_rows(Rows(table=table, columns=columns, truncated=False, query_id=""))]


@pytest.mark.parametrize(
    ("trino_type", "given", "expected"),
    [
        ("boolean", [True, None, False], None),
        ("tinyint", [-128, 127, None], None),
        ("bigint", [2**63 - 1, -(2**63)], None),
        ("real", [1.5, "NaN", None], None),
        ("double", ["Infinity", "-Infinity", "NaN", 0.1], None),
        ("decimal(12,2)", ["1.50", "-0.01", None], None),
        ("decimal(38,0)", ["9" * 38, None], None),
        ("varchar", ["a", "", None, "ß😀"], None),
        ("varchar(3)", ["abc"], None),
        ("char(3)", ["a  "], None),
        ("json", ['{"a":1}', None], None),
        ("uuid", ["12151fd2-7586-11e9-8f9e-2a86e4085a59", None], None),
        ("ipaddress", ["10.0.0.1"], None),
        ("varbinary", ["q80=", "", None], None),
        ("date", ["2024-02-29", None, "0001-01-01", "9999-12-31"], None),
        ("date", ["2024-02-29", "+12001-09-10", "-0001-12-31", None], None),
        ("time(0)", ["10:11:12", None], None),
        ("time(6)", ["10:11:12.000001"], None),
        ("timestamp(3)", ["2024-03-05 14:07:09.123", None], None),
        ("timestamp(6)", ["1969-12-31 23:59:59.999999", "0001-01-01 00:00:00.000000"], None),
        ("timestamp(0)", ["+12001-09-10 01:02:03", "-0221-09-04 00:00:00"], None),
        ("timestamp(3) with time zone", ["2024-03-05 14:07:09.123 UTC", None], None),
        (
            "timestamp(3) with time zone",
            ["2024-07-05 14:07:09.123 Europe/Vienna", "2024-07-05 14:07:09.123 -03:30"],
            ["2024-07-05 12:07:09.123 UTC", "2024-07-05 17:37:09.123 UTC"],
        ),
        ("interval day to second", ["1 02:03:04.005", "-0 00:00:00.001", None], None),
        ("interval year to month", ["1-2", "-0-1", None], None),
        ("array(bigint)", [[1, None], [], None, [2]], None),
        ("array(array(varchar))", [[["a"], None], None], None),
        ("map(varchar, bigint)", [{"b": 2, "a": None}, {}, None], [[["a", None], ["b", 2]], [], None]),
        ("map(bigint, double)", [{"2": "NaN", "1": 0.5}], [[[1, 0.5], [2, "NaN"]]]),
        ("row(a bigint, b varchar(1))", [[1, "x"], None, [None, None]], None),
        ("row(bigint, decimal(3,1))", [[1, "2.5"]], None),
        ("row(a bigint, a bigint)", [[1, 2]], None),
        ("unknown", [None, None], None),
        *((kind, [], None) for kind in ("row(a bigint)", "map(varchar, date)", "array(row(a bigint))", "date", "json")),
    ],
)
def test_values_read_as_trino_wrote_them(trino_type: str, given: list[Any], expected: list[Any] | None) -> None:
    assert shown(given, trino_type) == (given if expected is None else expected)


@pytest.mark.parametrize(
    ("trino_type", "value"),
    [
        ("timestamp(9)", "2024-03-05 14:07:09.123456789"),
        ("timestamp(12) with time zone", "2024-03-05 14:07:09.123456789012 UTC"),
        ("time(9)", "10:11:12.123456789"),
        ("time(3) with time zone", "10:11:12.123+01:00"),
        ("map(array(bigint), bigint)", {"[1]": 2}),
        ("timestamp(3) with time zone", "+12001-09-10 01:02:03.000 Europe/Vienna"),
        ("timestamp(3) with time zone", "2024-10-27 02:30:00.000 Europe/Vienna"),
        ("timestamp(3) with time zone", "2024-10-27 02:30:00.000 Europe/Nowhere"),
        ("timestamp(3)", "yesterday"),
        ("date", "today"),
    ],
)
def test_what_cannot_be_held_is_refused_and_never_cut(trino_type: str, value: object) -> None:
    with pytest.raises(EngineError) as caught:
        arrow_column([value], trino_type)
    assert caught.value.code == "NOT_SUPPORTED"
    assert "varchar" in caught.value.hint


def test_types_are_written_in_one_way() -> None:
    assert plain_type("map(varchar(1), decimal(2, 1))") == "map(varchar(1), decimal(2,1))"
    assert plain_type('row("Big Name" decimal(12, 2))') == 'row("Big Name" decimal(12,2))'
    assert plain_type("INTERVAL YEAR TO MONTH") == "interval year to month"
