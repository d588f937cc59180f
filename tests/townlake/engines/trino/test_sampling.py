"""The three statements that sample a table of another source, and what becomes of their rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from trino.exceptions import TrinoQueryError

from townlake.domain.errors import EngineError, LimitExceeded
from townlake.domain.names import TableRef
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.engines.trino.sampling import TrinoSampler, statement
from townlake.governance.scanner import SCANNER

TABLE = TableInfo(
    ref=TableRef.parse("pg.crm.people"),
    uuid="u",
    metadata_location="",
    columns=(
        ColumnInfo(name="id", type="bigint", field_id=1),
        ColumnInfo(name="mail", type="varchar(80)", field_id=2),
        ColumnInfo(name="odd", type="timestamp(12)", field_id=3),
    ),
)
ROW = [1, "ann@shop.example", "2026-01-01 00:00:00.000000000001"]


class Source:
    """Stands for Trino: gives rows, or fails, statement by statement."""

    def __init__(self, *answers: int | Exception, holds: int | Exception = 60_000) -> None:
        self._answers, self._holds = list(answers), holds
        self.asked: list[str] = []
        self.tags: list[tuple[str, ...]] = []

    @contextmanager
    def cursor(self, user: str, *, tags: tuple[str, ...], **_: Any) -> Iterator[Source]:
        self.tags.append((user, *tags))
        yield self

    def execute(self, sql: str) -> Source:
        self.asked.append(sql)
        answer = self._holds if "count(*)" in sql else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return self

    def fetchmany(self, size: int) -> list[list[Any]]:
        if "count(*)" in self.asked[-1]:
            return [[self._holds]]
        answer = self._answers.pop(0)
        assert isinstance(answer, int)
        return [ROW] * min(answer, size)


def failure(name: str = "EXCEEDED_TIME_LIMIT") -> TrinoQueryError:
    return TrinoQueryError({"errorName": name, "errorType": "X", "message": "secret"}, "q")


def sampled(source: Source) -> Any:
    sampler = TrinoSampler(source, lambda who: f"{who.subject}~1", {"nightly"})  # type: ignore[arg-type]
    return sampler(TABLE, SCANNER, 30.0, "abc")


def test_the_statements_are_fixed_and_bounded() -> None:
    assert statement(TABLE, 100) == ('SELECT "id", substr("mail", 1, 600), "odd" FROM "pg"."crm"."people" LIMIT 100')
    assert statement(TABLE, 100, percent=0.003).endswith('"people" TABLESAMPLE BERNOULLI (3.000000E-03) LIMIT 100')


def test_a_small_table_is_asked_once_and_announced() -> None:
    source = Source(7)
    found = sampled(source)
    assert (found.num_rows, found.column_names) == (7, ["id", "mail", "odd"])
    assert len(source.asked) == 1
    assert source.tags == [("skimmer~1", "nightly", "scan", "system", "query:abc")]


def test_of_a_large_table_more_is_drawn() -> None:
    source = Source(3000, 500)
    assert sampled(source).num_rows == 3500
    assert source.asked[1] == 'SELECT count(*) FROM "pg"."crm"."people"'
    assert "TABLESAMPLE" in source.asked[2]


@pytest.mark.parametrize(
    ("holds", "percent"), [(3001, "9.996668E+01"), (100_000_000, "3.000000E-03"), (0, "1.000000E+02")]
)
def test_as_many_are_drawn_as_are_wanted_from_all_of_the_table(holds: int, percent: str) -> None:
    source = Source(3000, 3000, holds=holds)
    assert sampled(source).num_rows == 6000
    assert f"({percent}) LIMIT 3000" in source.asked[2]


def test_a_table_that_cannot_be_counted_in_time_is_drawn_from_all_the_same() -> None:
    source = Source(3000, 3000, holds=failure())
    assert sampled(source).num_rows == 6000
    assert "(5.000000E+00)" in source.asked[2]


def test_what_cannot_be_drawn_in_time_is_left_out() -> None:
    assert sampled(Source(3000, failure())).num_rows == 3000


def test_a_source_that_gives_nothing_is_an_error_without_values() -> None:
    with pytest.raises(LimitExceeded) as caught:
        sampled(Source(failure()))
    assert "secret" not in str(caught.value)


def test_a_source_that_changed_is_harvested_again() -> None:
    with pytest.raises(EngineError, match="has changed there") as caught:
        sampled(Source(failure("COLUMN_NOT_FOUND")))
    assert "`skipper harvest pg`" in caught.value.hint
    assert "secret" not in str(caught.value)
