"""A conversation on a terminal: what it shows of an answer, and what it shows when it is asked for more."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from agents.ask.answer import Answer, Status
from app.cli.exits import Exit
from app.cli.output import ConsoleOutput
from app.cli.talk import Talk
from townlake.domain.verdict import OutputColumn


def answer(rows: int) -> Answer:
    return Answer(
        status=Status.ANSWERED,
        sql="SELECT n FROM shop.numbers",
        columns=(OutputColumn(name="n", type="bigint"),),
        rows=tuple((1000 + n,) for n in range(rows)),
        summary="Numbers.",
        run_id="r",
    )


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, rows: int, *lines: str) -> str:
    """What is printed after the last line."""
    typed = iter(lines)

    def type_next(_prompt: str) -> str:
        line = next(typed, None)
        if line is None:
            raise EOFError
        if line == lines[-1]:
            capsys.readouterr()
        return line

    monkeypatch.setattr("builtins.input", type_next)

    def ask(_text: str, _stop: Event | None) -> Answer:
        return answer(rows)

    assert Talk(ask, lambda _: Exit.OK, ConsoleOutput()).with_person() == Exit.OK
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    import signal

    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def test_only_the_first_rows_are_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    out = said(capsys, monkeypatch, 100, "numbers")
    assert "1019" in out
    assert "1020" not in out
    assert "80 more rows: /rows" in out
    assert "100 rows" in out


def test_the_rest_comes_when_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = said(capsys, monkeypatch, 100, "numbers", "/rows")
    assert "1000" in out
    assert "1099" in out
    assert "more row" not in out


def test_few_rows_are_all_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "1 more row: /rows" in said(capsys, monkeypatch, 21, "numbers")
    assert "more row" not in said(capsys, monkeypatch, 20, "numbers")


def test_before_an_answer_there_is_nothing_to_show(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There are no rows yet." in said(capsys, monkeypatch, 1, "/rows")
