"""Conversations: in order, by words, by pages, and only one's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.contract.results import SqlRequest
from app.contract.runs import RunRequest
from app.runs.accepting import Wanted
from app.runs.asked import Asked
from app.runs.journal import Journal
from app.runs.threads import place_of, threads
from tests.support.databases import home_state
from townlake.domain.principal import Principal

ANN, BOB = Principal(subject="ann"), Principal(subject="bob")


class Book:
    """Runs as they were asked, a minute apart."""

    def __init__(self, state: sa.Engine) -> None:
        self.state = state
        self._now = datetime(2026, 3, 1, tzinfo=UTC)
        self._journal = Journal(state, lambda: self._now, "one")
        self._count = 0

    def put(self, asked: Asked, caller: Principal = ANN) -> None:
        self._count += 1
        self._now += timedelta(minutes=1)
        wanted = Wanted(f"{self._count:016x}", asked, caller, "0" * 32)
        self._journal.accept([wanted], most=1_000)

    def ask(self, thread: str | None, question: str, caller: Principal = ANN) -> None:
        self.put(RunRequest(question=question, thread=thread), caller)

    def names(self, words: str = "", caller: Principal = ANN) -> list[str]:
        return [one.name for one in threads(self.state, caller, words, None, 100)]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    engine = home_state(tmp_path)
    yield Book(engine)
    engine.dispose()


def test_the_latest_comes_first_named_by_its_first_question(book: Book) -> None:
    book.ask("a", "orders by region")
    book.ask("b", "payslips")
    book.ask("a", "and last year?")
    book.ask(None, "in no thread")
    book.put(SqlRequest(sql="SELECT 1"))
    found = threads(book.state, ANN, "", None, 100)
    assert [(one.name, one.title, one.count) for one in found] == [("a", "orders by region", 2), ("b", "payslips", 1)]
    assert found[0].last_at > found[1].last_at


def test_others_have_other_conversations_though_they_have_the_same_name(book: Book) -> None:
    book.ask("a", "orders by region")
    book.ask("a", "secret plans", BOB)
    found = threads(book.state, ANN, "", None, 100)
    assert [(one.title, one.count) for one in found] == [("orders by region", 1)]
    assert book.names("secret") == []
    assert book.names("secret", BOB) == ["a"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("REGION", ["a"]),
        ("last year", ["a"]),
        ("year LAST", ["a"]),
        # Of one question, not of several.
        ("orders year", []),
        ("100%", ["b"]),
        ("%", ["b"]),
        ("_", []),
        ('"north"', ["b"]),
        ("Umsätze", ["c"]),
        ("売上", ["d"]),
        # Words of how a question is kept are none of the question's.
        ("limits", []),
        ("question", []),
        ("answer", []),
    ],
)
def test_it_is_found_by_the_words_of_any_of_its_questions(book: Book, words: str, expected: list[str]) -> None:
    book.ask("a", "orders by region")
    book.ask("a", "and last year?")
    book.ask("b", 'is "north" at 100% of its plan?')
    book.ask("c", "Umsätze je Land")
    book.ask("d", "地域別の売上")
    assert book.names(words) == expected


def test_pages_amount_to_the_whole_list(book: Book) -> None:
    for number in range(25):
        book.ask(f"t{number % 12}", f"question {number}")
    whole = book.names()
    assert len(whole) == 12
    pages, place = [], None
    while page := threads(book.state, ANN, "", place, 5):
        pages += [one.name for one in page]
        place = place_of(page[-1])
    assert pages == whole
