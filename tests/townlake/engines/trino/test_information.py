"""What a catalog is asked, and what becomes of an answer that is none."""

from __future__ import annotations

from typing import Any

import pytest
from trino.exceptions import TrinoConnectionError, TrinoQueryError, TrinoUserError

from townlake.domain.errors import EngineError, EngineUnavailable, LimitExceeded, NotFound
from townlake.engines.trino import information
from townlake.engines.trino.coordinator import Coordinator
from townlake.engines.trino.information import Found, FoundColumn, find_tables

TABLES: list[list[Any]] = [["public", "t"], ["public", "u"]]
COLUMNS: list[list[Any]] = [
    ["public", "t", "a", "bigint", "NO", None],
    ["public", "t", "b", "varchar", "YES", "Words."],
]
NO_PROPERTY = TrinoUserError({"errorName": "INVALID_SESSION_PROPERTY", "errorType": "USER_ERROR", "message": "no"})


class Played:
    """The driver's connection and cursor: gives rows, or fails."""

    def __init__(self, fault: Exception | None = None, **answers: Exception | list[list[Any]]) -> None:
        """Answers are given by what the statement holds, or by the value of a property that it runs with."""
        self.said: list[str] = []
        self.users: set[str] = set()
        self.limits: set[str] = set()
        self._fault = fault
        self._answers = answers
        self._setting = ""
        self._told: Any = None

    def __call__(self, *, user: str, session_properties: dict[str, str], **_given: object) -> Played:
        self.users.add(user)
        self.limits.add(session_properties.pop("query_max_run_time"))
        assert set(session_properties) <= {"pg.unsupported_type_handling", "pg.map_string_as_varchar"}
        self._setting = next(iter(session_properties.values()), "")
        return self

    def cursor(self, *, stats_callback: Any, **_given: object) -> Played:
        self._told = stats_callback
        return self

    def cancel(self) -> None:
        """Nothing runs."""

    def execute(self, sql: str) -> Played:
        self.said.append(f"{sql} {self._setting}".strip())
        if self._fault is not None:
            raise self._fault
        if isinstance(answer := self._answer(), Exception):
            raise answer
        self._told({})
        return self

    def genall(self) -> list[list[Any]]:
        answer = self._answer()
        assert not isinstance(answer, Exception)
        return answer

    def _answer(self) -> Exception | list[list[Any]]:
        said = self.said[-1]
        for part, answer in self._answers.items():
            if part in said:
                return answer
        if self._setting:
            return NO_PROPERTY
        if "table_comments" in said:
            return [["t", "One row a thing."], ["u", None]]
        return TABLES if ".tables" in said else COLUMNS


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
        comments={("public", "t"): "One row a thing."},
    )
    assert [sql.split(" FROM ")[1].split(" ORDER")[0] for sql in played.said] == [
        "pg.information_schema.tables WHERE table_schema <> 'information_schema'",
        "pg.information_schema.columns WHERE table_schema = 'public'",
        "pg.information_schema.columns WHERE table_schema = 'public'",
        "system.metadata.table_comments WHERE catalog_name = 'pg' AND schema_name = 'public'",
    ]
    assert (played.users, played.limits) == ({"harvester~1"}, {"300s"})


def test_one_schema_is_asked_for_alone() -> None:
    played = Played()
    found(played, "sales")
    assert "AND table_schema = 'sales'" in played.said[0]


def test_what_a_source_tells_of_itself_is_looked_at_only_when_it_is_named() -> None:
    played = Played(tables=[["public", "t"], ["system", "query_log"]])
    told = found(played)
    assert (told.tables, told.of_the_source) == ((("public", "t"),), ("system",))
    assert not [sql for sql in played.said if "table_schema = 'system'" in sql]
    assert found(played, "system").of_the_source == ()


def test_a_table_that_fails_takes_no_other_with_it() -> None:
    fault = TrinoUserError({"errorName": "INVALID_FUNCTION_ARGUMENT", "errorType": "USER_ERROR", "message": "76"})
    tables = [["public", "it's"], ["public", "t"]]
    whole = "WHERE table_schema = 'public' ORDER"
    told = found(Played(**{".tables": tables, whole: fault, "IN ('it''s', 't')": COLUMNS}))
    assert told.tables == (("public", "it's"), ("public", "t"))
    assert {column.table for column in told.columns} == {"t"}
    assert told.failed == {("public", "it's"): "INVALID_FUNCTION_ARGUMENT"}


def test_a_source_that_fails_leaves_what_is_known() -> None:
    fault = TrinoQueryError({"errorName": "JDBC_ERROR", "errorType": "EXTERNAL", "message": "no way"})
    with pytest.raises(EngineError):
        found(Played(**{".columns": fault}))


def test_what_a_connector_leaves_out_or_makes_texts_of_is_found_by_its_setting() -> None:
    odd = ["public", "t", "odd", "varchar", "YES", None]
    less = found(Played(CONVERT_TO_VARCHAR=[*COLUMNS, odd]))
    assert ([column.name for column in less.hidden], less.as_text) == (["odd"], ())
    more = found(Played(CONVERT_TO_VARCHAR=COLUMNS, IGNORE=COLUMNS[:1]))
    assert (more.hidden, [column.name for column in more.as_text]) == ((), ["b"])
    assert found(Played()).hidden == ()


def test_a_trino_that_tells_no_comments_of_tables_is_no_failure() -> None:
    assert found(Played(table_comments=_user_error("PERMISSION_DENIED"))).comments == {}


def test_texts_that_read_as_bytes_are_found() -> None:
    raw = ["public", "t", "raw", "varbinary", "YES", None]
    text = ["public", "t", "raw", "varchar", "YES", None]
    told = found(Played(**{"position true": [*COLUMNS, text], ".columns": [*COLUMNS, raw]}))
    assert [column.name for column in told.as_bytes] == ["raw"]


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
        found(Played())
