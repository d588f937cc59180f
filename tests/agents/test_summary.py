"""The answer in words, the same for the same rows."""

from datetime import UTC, date, datetime

import pytest

from agents.ask.answer import AnswerTable
from agents.ask.summary import say_cautions, say_rows
from townlake.domain.finding import Finding, Severity
from townlake.domain.verdict import OutputColumn


def columns(*names: str) -> list[OutputColumn]:
    return [OutputColumn(name=name, type="varchar") for name in names]


@pytest.mark.parametrize(
    ("reading", "names", "rows", "truncated", "said"),
    [
        ("Cities in CH.", ("name",), [["Bern"]], False, "Cities in CH: Bern."),
        ("", ("name",), [["Bern"]], False, "Bern."),
        ("", ("total",), [[None]], False, "NULL."),
        ("Share", ("share",), [[0.123456789]], False, "Share: 0.123457."),
        ("Count", ("n",), [[1234567]], False, "Count: 1,234,567."),
        ("Flag", ("f",), [[True]], False, "Flag: true."),
        ("Ticket", ("ticket_id", "hits"), [[1234567, 1234567]], False, "Ticket: ticket id 1234567, hits 1,234,567."),
        ("Top", ("a", "b"), [["x", 1], ["y", 2]], False, "Top: 2 rows, the first is a x, b 1."),
        ("Top", ("a",), [["x"], ["y"]], True, "Top: more than 2 rows, the first is x."),
        ("", tuple("abcdef"), [[1, 2, 3, 4, 5, 6]], False, "A 1, b 2, c 3, d 4 and 2 more."),
        ("", ("a",), [["x" * 100]], False, f"{'X' + 'x' * 59}…."),
        ("None", ("a",), [], False, "None: there are no rows."),
    ],
)
def test_rows_are_said(
    reading: str, names: tuple[str, ...], rows: list[list[object]], truncated: bool, said: str
) -> None:
    assert say_rows(reading, columns(*names), rows, truncated=truncated) == said


def test_cautions_are_said_once_and_notes_only_where_the_rows_depend_on_them() -> None:
    warning = Finding(code="CAT001", severity=Severity.WARNING, message="It is deprecated.", hint="Use new.")
    sample = Finding(code="CAT002", severity=Severity.NOTE, message="It is a sample.")
    note = Finding(code="EXA001", severity=Severity.NOTE, message="No row fits.")
    late = AnswerTable(table="lake.a.b", fresh_at=datetime(2026, 2, 20, tzinfo=UTC))
    fresh = AnswerTable(table="lake.a.c", fresh_at=datetime(2026, 2, 28, tzinfo=UTC))
    assert say_cautions([late, fresh], [warning, warning, sample, note], date(2026, 3, 1)) == [
        "It is deprecated. Use new.",
        "It is a sample.",
        "lake.a.b is complete up to 2026-02-20 00:00 only.",
    ]


@pytest.mark.parametrize(("since", "late"), [(None, False), (date(2026, 2, 28), False), (date(2026, 3, 1), True)])
def test_a_span_of_which_no_day_is_over_is_told(since: date | None, late: bool) -> None:
    table = AnswerTable(table="lake.a.b", fresh_at=datetime(2026, 3, 1, 4, tzinfo=UTC))
    said = say_cautions([table], [], date(2026, 3, 1), since)
    assert said == (["lake.a.b is complete up to 2026-03-01 04:00 only."] if late else [])
