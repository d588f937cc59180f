"""Deleted conversations: what goes, what stays, and that nobody brings words of them back."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agents.ask.checkpoints import NOBODYS
from agents.runs import RUNS, RunRecord, Runs
from app.contract.events import Event, EventType
from app.contract.runs import RunRequest, RunState
from app.runs.accepting import Wanted
from app.runs.forgetting import StillAnswered, forget
from app.runs.journal import KEPT, Journal
from app.runs.tables import SERVER_RUNS, THREAD_TITLES
from app.runs.threads import prune_titles, rename, threads
from tests.support.databases import embedded, home_state
from townlake.domain.errors import NotFound
from townlake.domain.principal import Principal, PrincipalKind
from townlake.state.store import reading, writing

ANN = Principal(subject="ann")
BOT = Principal(subject="bot", kind=PrincipalKind.SERVICE)
BOT_FOR_ANN = BOT.model_copy(update={"on_behalf_of": "ann"})
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Kept:
    """What was found out for questions that wait."""

    def __init__(self) -> None:
        self.threads: dict[str, str] = {}
        self.coming: dict[str, str] = {}
        """Begin to wait once somebody has looked."""

    def unfinished(self, besides: Collection[str] = ()) -> Mapping[str, str]:
        found = {thread: run_id for thread, run_id in self.threads.items() if thread not in besides}
        self.threads |= self.coming
        self.coming = {}
        return found

    def forget(self, threads: Iterable[str]) -> None:
        for thread in threads:
            del self.threads[thread]


class Book:
    """A server's runs, and what it does to them."""

    def __init__(self, state: sa.Engine) -> None:
        self.state, self.now, self.found_out = state, NOW, Kept()
        self.runs, self.journal = Runs(state), Journal(state, lambda: self.now, "one")
        self._count = 0

    def ask(self, thread: str, caller: Principal = ANN, status: RunState | None = RunState.ANSWERED) -> str:
        self._count += 1
        self.now += timedelta(minutes=1)
        run_id = f"{self._count:016x}"
        request = RunRequest(question="where is the quokka?", thread=thread)
        self.journal.accept([Wanted(run_id, request, caller, "0" * 32)], most=99)
        self.record(run_id, thread, caller)
        self.found_out.threads[f"digest-{run_id}"] = run_id
        if status is not None:
            data = {"status": status.value, "summary": "quokka"}
            event = Event(seq=2, run_id=run_id, trace_id="0" * 32, type=EventType.RUN_FINISHED, at=self.now, data=data)
            self.journal.append([event])
        return run_id

    def record(self, run_id: str, thread: str, caller: Principal = ANN, **more: Any) -> None:
        given = {"subject": caller.subject, "kind": caller.kind, "on_behalf_of": caller.on_behalf_of}
        record = RunRecord(
            run_id=run_id, conversation=thread, asked_at=self.now, as_of=NOW.date(), question="quokka?", **given, **more
        )
        self.runs.save(record)

    def forget(self, thread: str, caller: Principal = ANN) -> None:
        forget(self.state, self.found_out, caller, thread)  # type: ignore[arg-type]

    def holds(self, word: str) -> list[str]:
        """The tables that have a word."""
        found = []
        with reading(self.state) as connection:
            for name in sa.inspect(self.state).get_table_names():
                rows = connection.execute(sa.text(f'SELECT * FROM "{name}"'))
                found += [name for row in rows if word in str(tuple(row))]
        return sorted(set(found))


class Steps:
    """Of SQLite's machine, in thousands: how much work something is, however busy the computer."""

    def __init__(self, connection: sa.Connection) -> None:
        self.thousands = 0
        raw: Any = connection.connection.driver_connection
        if isinstance(raw, sqlite3.Connection):
            raw.set_progress_handler(self._count, 1_000)

    def _count(self) -> int:
        self.thousands += 1
        return 0


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    engine = home_state(tmp_path)
    yield Book(engine)
    engine.dispose()


@pytest.mark.parametrize("caller", [ANN, BOT, BOT_FOR_ANN])
def test_all_words_go_and_only_its_own(book: Book, caller: Principal) -> None:
    book.ask("zoo", caller)
    waits = book.ask("zoo", caller, RunState.NEEDS_CLARIFICATION)
    rename(book.state, caller, "zoo", "The quokka")
    assert book.holds("quokka") == ["run_events", "runs", "server_runs", "thread_titles"]
    others = [who for who in (ANN, BOT, BOT_FOR_ANN) if who != caller]
    for other in others:
        with pytest.raises(NotFound):
            book.forget("zoo", other)
    book.forget("zoo", caller)
    assert book.holds("quokka") == []
    assert book.found_out.threads == {}
    assert threads(book.state, caller, "", None, 9) == ()
    with pytest.raises(NotFound):
        book.runs.get(waits, caller)
    with pytest.raises(NotFound):
        book.forget("zoo", caller)


def test_the_same_name_of_others_stays(book: Book) -> None:
    for caller in (ANN, BOT, BOT_FOR_ANN):
        book.ask("zoo", caller)
        rename(book.state, caller, "zoo", f"Of {caller.subject} {caller.on_behalf_of}")
    book.forget("zoo", BOT_FOR_ANN)
    assert [one.title for one in threads(book.state, ANN, "", None, 9)] == ["Of ann None"]
    assert [one.title for one in threads(book.state, BOT, "", None, 9)] == ["Of bot None"]
    assert len(book.found_out.threads) == 2


@pytest.mark.parametrize("begins", [False, True])
def test_what_is_open_is_refused_and_all_of_it_stays(book: Book, begins: bool) -> None:
    book.ask("zoo")
    run_id = book.ask("zoo", status=None)
    if begins:
        working = Event(
            seq=2, run_id=run_id, trace_id="0" * 32, type=EventType.RUN_WORKING, at=NOW, data={"server": "one"}
        )
        book.journal.append([working])
    with pytest.raises(StillAnswered, match=run_id):
        book.forget("zoo")
    assert [one.count for one in threads(book.state, ANN, "", None, 9)] == [2]
    assert len(book.found_out.threads) == 2


def test_what_cannot_be_forgotten_leaves_everything_as_it_was(book: Book) -> None:
    run_id = book.ask("zoo")
    book.found_out.forget = lambda threads: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    with pytest.raises(ZeroDivisionError):
        book.forget("zoo")
    assert book.runs.get(run_id, ANN).question == "quokka?"
    assert [one.count for one in threads(book.state, ANN, "", None, 9)] == [1]


def test_what_begins_to_wait_meanwhile_goes_too(book: Book) -> None:
    run_id = book.ask("zoo", status=RunState.NEEDS_CLARIFICATION)
    book.found_out.threads, book.found_out.coming = {}, {"late": run_id, "others": "f" * 16}
    book.forget("zoo")
    assert book.found_out.threads == {"others": "f" * 16}


def test_what_cannot_be_read_goes_since_it_may_be_of_these(book: Book) -> None:
    book.ask("zoo")
    book.found_out.threads["unreadable"] = NOBODYS
    book.forget("zoo")
    assert book.found_out.threads == {}


@embedded
def test_a_conversation_of_any_length(book: Book) -> None:
    most = 600

    @sa.event.listens_for(book.state, "checkout")
    def allow_few(connection: Any, *_: object) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, most)

    book.ask("zoo")
    with writing(book.state) as connection:
        row = connection.execute(sa.select(RUNS)).one()._asdict()
        connection.execute(sa.insert(RUNS), [row | {"run_id": f"r{number}"} for number in range(most + 1)])
    book.forget("zoo")
    assert book.holds("quokka") == []


def test_whoever_still_works_on_it_brings_no_word_back(book: Book) -> None:
    run_id = book.ask("zoo")
    book.forget("zoo")
    book.record(run_id, "zoo", status="answered", seconds=3.5)
    assert book.holds("quokka") == []
    assert not book.runs.knows("zoo", ANN)
    assert book.runs.turns("zoo", ANN, 9) == ()
    with reading(book.state) as connection:
        rows = connection.execute(sa.text("SELECT status, seconds FROM runs")).all()
    # It took what it took.
    assert [tuple(row) for row in rows] == [("answered", 3.5)]
    assert book.journal.append(
        [Event(seq=3, run_id=run_id, trace_id="0" * 32, type=EventType.RUN_WORKING, at=NOW, data={"server": "quokka"})]
    ) == {run_id}
    assert book.holds("quokka") == []


def test_what_only_the_command_line_knows_is_deleted_too(book: Book) -> None:
    book.record("a" * 16, "shell")
    book.forget("shell")
    assert book.holds("quokka") == []
    with pytest.raises(NotFound):
        book.forget("shell")


def test_a_title_goes_with_the_last_question(book: Book) -> None:
    book.ask("old")
    rename(book.state, ANN, "old", "Long ago")
    book.now += KEPT
    book.ask("new")
    rename(book.state, ANN, "new", "Today")
    book.now += timedelta(hours=1)
    book.journal.prune()
    with reading(book.state) as connection:
        assert connection.execute(sa.select(THREAD_TITLES.c.title)).scalars().all() == ["Today"]


def test_no_word_of_what_is_too_old_is_left(book: Book) -> None:
    old = book.ask("old")
    book.now += KEPT
    new = book.ask("new")
    book.now += timedelta(minutes=1)
    book.journal.prune()
    with reading(book.state) as connection:
        kept = connection.execute(sa.text("SELECT run_id, question FROM runs ORDER BY run_id")).all()
    assert [tuple(row) for row in kept] == [(old, ""), (new, "quokka?")]


def test_no_title_is_kept_for_what_is_not_there(book: Book) -> None:
    book.ask("zoo", BOT)
    with pytest.raises(NotFound):
        rename(book.state, ANN, "zoo", "Mine")
    with reading(book.state) as connection:
        assert connection.execute(sa.select(THREAD_TITLES.c.title)).all() == []


def test_many_titles_are_looked_through_in_little_time(book: Book) -> None:
    book.ask("t0")
    count = 3_000
    with writing(book.state) as connection:
        row = connection.execute(sa.select(SERVER_RUNS)).one()._asdict()
        runs = [row | {"run_id": f"r{number}", "thread": f"t{number}"} for number in range(1, count)]
        titles = [
            {"subject": "ann", "person": "ann", "name": f"t{number}", "title": "x"} for number in range(2 * count)
        ]
        connection.execute(sa.insert(SERVER_RUNS), runs)
        connection.execute(sa.insert(THREAD_TITLES), titles)
        counted = Steps(connection)
        prune_titles(connection)
        assert counted.thousands < count
        left = connection.execute(sa.select(sa.func.count()).select_from(THREAD_TITLES)).scalar()
    assert left == count
