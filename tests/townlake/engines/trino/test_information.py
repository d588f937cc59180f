"""What a catalog is asked, and what becomes of an answer that is none."""

from __future__ import annotations

from typing import Any

import pytest
from trino.exceptions import TrinoConnectionError, TrinoQueryError, TrinoUserError

from townlake.domain.errors import EngineError, EngineUnavailable, LimitExceeded, NotFound
from townlake.engines.trino import information
from townlake.engines.trino.coordinator import Coordinator
from townlake.engines.trino.information import Found, FoundColumn, find_tables


class Played:
    """The driver's connection and cursor: gives rows, or fails."""

    def __init__(self, fault: Exception | None = None, limit: str = "300s") -> None:
        self.said: list[str] = []
        self.users: set[str] = set()
        self._fault = fault
        self._limit = limit
        self._told: Any = None

    def __call__(self, *, user: str, session_properties: dict[str, str], **_given: object) -> Played:
        assert session_properties == {"query_max_run_time": self._limit}
        self.users.add(user)
        return self

    def cursor(self, *, stats_callback: Any, **_given: object) -> Played:
        self._told = stats_callback
        return self

    def cancel(self) -> None:
        """Nothing runs."""

    def execute(self, sql: str) -> Played:
        self.said.append(sql)
        if self._fault is not None:
            raise self._fault
        self._told({})
        return self

    def fetchall(self) -> list[list[Any]]:
        if ".tables" in self.said[-1]:
            return [["public", "t"], ["public", "u"]]
        return [["public", "t", "a", "bigint", "NO", None], ["public", "t", "b", "varchar", "YES", "Words."]]


def found(played: Played, schema: str | None = None) -> Found:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trino.dbapi.Connection", played)
        return find_tables(Coordinator(url="http://trino.example:8080", user="skipper"), "harvester~1", "pg", schema)


def test_tables_and_columns_are_asked_for_and_no_rows() -> None:
    played = Played()
    assert found(played) == Found(
        tables=(("public", "t"), ("public", "u")),
        columns=(
            FoundColumn("public", "t", "a", "bigint", False, ""),
            FoundColumn("public", "t", "b", "varchar", True, "Words."),
        ),
    )
    assert [sql.split(" FROM ")[1].split(" ")[0] for sql in played.said] == [
        "pg.information_schema.tables",
        "pg.information_schema.columns",
    ]
    assert all("table_schema <> 'information_schema'" in sql for sql in played.said)
    assert played.users == {"harvester~1"}


def test_one_schema_is_asked_for_alone() -> None:
    played = Played()
    found(played, "sales")
    assert all("AND table_schema = 'sales'" in sql for sql in played.said)


def _user_error(name: str) -> TrinoQueryError:
    return TrinoUserError({"errorName": name, "errorType": "USER_ERROR", "message": "line 1:1: it failed"})


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (_user_error("CATALOG_NOT_FOUND"), NotFound),
        (_user_error("PERMISSION_DENIED"), EngineError),
        (TrinoQueryError({"errorName": "JDBC_ERROR", "errorType": "EXTERNAL", "message": "no way"}), EngineError),
        (TrinoConnectionError("no"), EngineUnavailable),
        (OSError("no"), EngineUnavailable),
    ],
)
def test_what_goes_wrong_is_told(fault: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        found(Played(fault))


def test_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(information, "SECONDS", -1.0)
    with pytest.raises(LimitExceeded):
        found(Played(limit="-1s"))
