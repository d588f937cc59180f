"""Values of a result reach JSON whole, also where Python's own types end."""

import pyarrow as pa
import pytest

from townlake.engines.values import column_values

FAR = 10**18


@pytest.mark.parametrize(
    ("array", "kind", "written"),
    [
        (pa.array([0, None, 3_664_000], pa.date32()), "date", ["1970-01-01", None, "+12001-09-10"]),
        (pa.array([-719_528, -719_529], pa.date32()), "date", ["0000-01-01", "-0001-12-31"]),
        (pa.array([None, FAR], pa.timestamp("us")), "timestamp(3)", [None, "+33658-09-27 01:46:40.000"]),
        (
            pa.array([FAR], pa.timestamp("us", "UTC")),
            "timestamp(6) with time zone",
            ["+33658-09-27 01:46:40.000000 UTC"],
        ),
    ],
)
def test_days_outside_pythons_calendar_are_written_as_trino_does(
    array: pa.Array, kind: str, written: list[str | None]
) -> None:
    assert column_values(pa.chunked_array([array]), kind) == written
