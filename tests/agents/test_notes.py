"""Which notes of people a model is shown for whom."""

from __future__ import annotations

from datetime import date

import pytest

from agents.ask.notes import notes_on
from agents.ask.outlook import Outlook
from memory.document import Kind
from memory.found import Found, FoundNote
from memory.sight import Sight
from townlake.catalog.knowledge.model import Knowledge, Metric, VerifiedQuery
from townlake.domain.names import TableRef

PAY = TableRef.parse("hr.pay")


def outlook(seen: set[str], clear: set[str]) -> Outlook:
    sight = Sight(
        tables=frozenset({PAY}),
        columns={PAY: frozenset(seen)},
        clear_columns={PAY: frozenset(clear)},
        open_columns={PAY: frozenset(clear)},
    )
    return Outlook(version="1", sight=sight, tables={})


def metric(expression: str) -> Metric:
    return Metric(name="m", title="m", description="", owner="", expression=expression, table=PAY, alias="p")


def query(sql: str) -> VerifiedQuery:
    return VerifiedQuery(name="q", question="q", owner="o", verified_on=date(2026, 1, 1), sql=sql, tables=(PAY,))


def titles(knowledge: Knowledge, caller: Outlook) -> list[str]:
    notes = notes_on(
        Found(
            preferred=None,
            metrics=(FoundNote(kind=Kind.METRIC, name="m", score=1),),
            queries=(FoundNote(kind=Kind.QUERY, name="q", score=1),),
        ),
        knowledge,
        caller,
    )
    return [note.title for kind in (notes["metrics"], notes["queries"]) for note in kind]


@pytest.mark.parametrize(
    ("expression", "shown"), [("count(p.day)", True), ("sum(p.salary)", False), ("max(p.name)", False)]
)
def test_a_metric_is_shown_to_who_can_compute_it(expression: str, shown: bool) -> None:
    caller = outlook(seen={"day", "name"}, clear={"day"})
    assert titles(Knowledge(metrics=(metric(expression),)), caller) == ["m"] * shown


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT count(*) AS pays FROM hr.pay GROUP BY day ORDER BY pays", True),
        ("SELECT name FROM hr.pay", True),
        ("SELECT salary FROM hr.pay", False),
        ("SELECT p.salary AS salary FROM hr.pay p", False),
        ("SELECT day FROM hr.pay WHERE SALARY > 10", False),
        ("SELECT sum(p.salary) AS salary FROM hr.pay p", False),
        ("SELECT day FROM hr.pay JOIN hr.pay AS q USING (salary)", False),
        ("WITH t AS (SELECT count(*) AS salary FROM hr.pay) SELECT t.salary FROM t", True),
    ],
)
def test_a_query_is_shown_to_who_sees_every_column_in_it(sql: str, shown: bool) -> None:
    caller = outlook(seen={"day", "name"}, clear={"day"})
    assert titles(Knowledge(queries=(query(sql),)), caller) == ["q"] * shown
