"""Which metrics a caller can compute: all that they read must be there, whatever rows the caller sees."""

from __future__ import annotations

import pytest

from agents.ask.known_metrics import known_metrics
from memory.sight import Sight
from tests.agents.plain_lake import ref
from townlake.catalog.knowledge.model import Dimension, Join, Knowledge, Metric, TimeColumn

VISITS, CITIES = ref("geo.visits"), ref("geo.cities")
SEEN = {VISITS: {"city_id", "guests", "day", "is_test"}, CITIES: {"id", "name", "country"}}
KNOWLEDGE = Knowledge(
    metrics=(
        Metric(
            name="guests",
            title="guests",
            description="d",
            owner="o",
            expression="sum(v.guests)",
            table=VISITS,
            alias="v",
            filters=("not v.is_test",),
            time=TimeColumn(column="v.day"),
            joins=(Join(table=CITIES, alias="c", on="c.id = v.city_id"),),
            dimensions=(
                Dimension(name="country", expression="c.country", joins=("c",)),
                Dimension(name="month", expression="date_trunc('month', v.day)"),
            ),
        ),
    )
)


def told(*hidden: str, masked: str = "", filtered: bool = False) -> dict[str, list[str]]:
    """The metrics, with their dimensions, of a caller who does not see some columns."""
    seen = {table: frozenset(c for c in names if f"{table.name}.{c}" not in hidden) for table, names in SEEN.items()}
    seen = {table: names for table, names in seen.items() if names}
    clear = {table: frozenset(c for c in names if f"{table.name}.{c}" != masked) for table, names in seen.items()}
    sight = Sight(tables=frozenset(SEEN), columns=seen, clear_columns=clear, open_columns={} if filtered else clear)
    return {metric.name: [each.name for each in metric.dimensions] for metric in known_metrics(KNOWLEDGE, sight)}


def test_who_sees_all_of_it_knows_all_of_it() -> None:
    assert told() == {"guests": ["country", "month"]}


@pytest.mark.parametrize("column", ["visits.guests", "visits.day", "visits.is_test"])
def test_a_column_that_is_closed_or_masked_takes_the_metric_away(column: str) -> None:
    assert told(column) == {}
    assert told(masked=column) == {}


@pytest.mark.parametrize("column", ["cities.country", "cities.id", "visits.city_id"])
def test_a_column_of_a_dimension_takes_the_dimension_away(column: str) -> None:
    assert told(column) == {"guests": ["month"]}
    assert told(masked=column) == {"guests": ["month"]}


def test_a_closed_table_takes_away_what_is_joined() -> None:
    assert told("cities.id", "cities.name", "cities.country") == {"guests": ["month"]}


def test_below_a_row_filter_a_metric_is_computed_over_the_rows_that_are_seen() -> None:
    assert told(filtered=True) == {"guests": ["country", "month"]}
