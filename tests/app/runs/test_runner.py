"""Runs are brought to their end: with a real journal, and an asker that does what the test says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
import sqlalchemy as sa

from agents.ask.answer import Answer, Status
from app.contract.events import Event
from app.contract.runs import RunRequest, RunState
from app.runs.accepting import Wanted
from app.runs.feed import Live
from app.runs.journal import Job, Journal
from app.runs.once import Conflict, Once
from app.runs.runner import Runner
from app.runs.tables import SERVER_RUNS
from tests.support.databases import home_state
from townlake.domain.errors import BadInput, Cancelled, HomeError, LimitExceeded, NotFound
from townlake.domain.limits import Limits
from townlake.domain.principal import Principal, PrincipalKind

ANN, BOB = Principal(subject="ann"), Principal(subject="bob")
ASK = RunRequest(question="how many?")
DAY = date(2026, 3, 1)


class Clock:
    """The time of a test, which goes on by itself."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class StubAsker:
    """Answers as the test says; waits while it is told to."""

    def __init__(self) -> None:
        self.does: Callable[[Any], Answer] = lambda order: answered(order.run_id)
        self.orders: list[Any] = []
        self.callers: list[Principal] = []
        self.kept: list[str] = []
        self.go = Flag()
        self.go.set()

    def run_kept(self, principal: Principal, order: Any, *, cancelled: Flag, **_: Any) -> Answer:
        self.kept.append(order.run_id)
        return self.ask("", principal, cancelled=cancelled, order=order)

    def ask(self, question: str, principal: Principal, *, cancelled: Flag, order: Any, **_: Any) -> Answer:
        self.orders.append(order)
        self.callers.append(principal)
        while not self.go.wait(0.01):
            if cancelled.is_set():
                raise Cancelled("stopped")
        return self.does(order)


def answered(run_id: str) -> Answer:
    return Answer(status=Status.ANSWERED, summary="It is 7.", rows=((7,),), run_id=run_id)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = home_state(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def asker() -> StubAsker:
    return StubAsker()


Make = Callable[..., Runner]


@pytest.fixture
def make(state: sa.Engine, asker: StubAsker) -> Iterator[Make]:
    made: list[Runner] = []

    def runner(name: str = "one", clock: Clock | None = None, **options: Any) -> Runner:
        clock = clock or Clock()
        journal = options.pop("journal", None) or Journal(state, clock, name)
        one = Runner(
            asker,  # type: ignore[arg-type]
            journal,
            Limits(),
            lambda answer, who, namespace: options.get("approval"),
            clock,
            lambda: DAY,
            **{name: value for name, value in options.items() if name != "approval"},
        )
        one.start()
        made.append(one)
        return one

    yield runner
    asker.go.set()
    for one in made:
        one.stop()


def taken(run: Live | str) -> Live:
    assert isinstance(run, Live)
    return run


def kinds(events: tuple[Event, ...]) -> list[str]:
    return [event.type.value for event in events]


def until(is_so: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to it"
        time.sleep(0.02)


def test_a_run_is_kept_before_it_is_acknowledged_and_told_to_its_end(make: Make, state: sa.Engine) -> None:
    live = taken(make().accept(ASK, ANN, "t"))
    assert live.over.wait(10)
    kept = Journal(state, Clock(), "other").events(live.job.run_id)
    assert kinds(kept) == kinds(live.since(0))
    assert kinds(kept)[-1] == "run.finished"
    assert "7" not in "".join(str(event.data) for event in kept if event.type.quotes)


def test_others_see_nothing_of_it(make: Make, state: sa.Engine) -> None:
    run_id = taken(make().accept(ASK, ANN, "t")).job.run_id
    journal = Journal(state, Clock(), "other")
    bot = Principal(subject="ann", kind=PrincipalKind.SERVICE)
    for stranger in (BOB, bot, Principal(subject="bot", kind=PrincipalKind.SERVICE, on_behalf_of="ann")):
        with pytest.raises(NotFound) as theirs:
            journal.get(run_id, stranger)
        with pytest.raises(NotFound) as nobodys:
            journal.get("0" * 16, stranger)
        assert str(theirs.value).replace(run_id, "") == str(nobodys.value).replace("0" * 16, "")
        assert journal.list(stranger, None, None, 10) == ()
        with pytest.raises(NotFound):
            journal.list(stranger, None, run_id, 10)


def test_a_stopped_run_says_so_and_one_that_has_ended_stays_as_it_is(
    make: Make, asker: StubAsker, state: sa.Engine
) -> None:
    runner, journal = make(), Journal(state, Clock(), "other")
    asker.go.clear()
    live = taken(runner.accept(ASK, ANN, "t"))
    until(lambda: bool(asker.orders))
    runner.cancel(live.job.run_id)
    assert live.over.wait(10)
    assert journal.get(live.job.run_id, ANN).status is RunState.CANCELLED
    asker.go.set()
    done = taken(runner.accept(ASK, ANN, "t"))
    assert done.over.wait(10)
    runner.cancel(done.job.run_id)
    assert journal.get(done.job.run_id, ANN).status is RunState.ANSWERED


def test_a_run_is_stopped_through_another_server(make: Make, asker: StubAsker) -> None:
    one, other = make("one"), make("other")
    asker.go.clear()
    live = taken(one.accept(ASK, ANN, "t"))
    until(lambda: bool(asker.orders))
    other.cancel(live.job.run_id)
    assert live.over.wait(10)
    assert live.since(0)[-1].data["status"] == "cancelled"


def test_a_server_that_ends_leaves_its_runs_to_the_next(make: Make, asker: StubAsker, state: sa.Engine) -> None:
    one = make("one")
    asker.go.clear()
    run_id = taken(one.accept(ASK, ANN, "t")).job.run_id
    until(lambda: bool(asker.orders))
    one.stop()
    journal = Journal(state, Clock(), "looks")
    assert not journal.get(run_id, ANN).status.is_over
    asker.go.set()
    make("two")
    until(lambda: journal.get(run_id, ANN).status is RunState.ANSWERED)
    told = journal.events(run_id)
    assert [event.seq for event in told] == list(range(1, len(told) + 1))
    assert kinds(told).count("run.working") == 2
    assert [order.run_id for order in asker.orders] == [run_id, run_id]


def test_a_run_of_a_server_that_died_is_taken_by_one_alone(make: Make, asker: StubAsker, state: sa.Engine) -> None:
    dead = Journal(state, Clock(), "dead")
    jobs = dead.accept([Wanted(f"{place:016x}", ASK, ANN, "t") for place in range(20)], 100)
    make("one")
    make("two")
    journal = Journal(state, Clock(), "looks")
    for job in jobs:
        assert isinstance(job, Job)
        until(lambda run_id=job.run_id: journal.get(run_id, ANN).status is RunState.ANSWERED)  # type: ignore[misc]
    assert sorted(order.run_id for order in asker.orders) == sorted(f"{place:016x}" for place in range(20))


def test_of_questions_accepted_together_each_has_its_own_fate(make: Make, state: sa.Engine) -> None:
    once = Once.of("key", "ask")
    other = Once.of("key", "ask", "something else")
    wanted = [
        Wanted("1" * 16, ASK, ANN, "t", once),
        Wanted("2" * 16, ASK, ANN, "t", once),
        Wanted("3" * 16, ASK, ANN, "t", other),
        Wanted("4" * 16, ASK, ANN, "t"),
        Wanted("5" * 16, ASK, BOB, "t"),
    ]
    journal = Journal(state, Clock(), "one")
    first, again, conflict, over, bobs = journal.accept(wanted, 1)
    assert isinstance(first, Job)
    assert again == "1" * 16
    assert isinstance(conflict, Conflict)
    assert isinstance(over, LimitExceeded)
    assert isinstance(bobs, Job)
    assert {kept.run_id for kept in (*journal.list(ANN, None, None, 9), *journal.list(BOB, None, None, 9))} == {
        "1" * 16,
        "5" * 16,
    }


def test_a_server_that_ends_takes_no_more(make: Make) -> None:
    runner = make()
    runner.stop()
    with pytest.raises(HomeError, match="ends"):
        runner.accept(ASK, ANN, "t")


def test_what_waited_longer_than_an_hour_is_given_up(make: Make, asker: StubAsker, state: sa.Engine) -> None:
    (job,) = Journal(state, Clock(), "dead").accept([Wanted("a" * 16, ASK, ANN, "t")], 100)
    assert isinstance(job, Job)
    with state.begin() as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=2)
        connection.execute(sa.update(SERVER_RUNS).values(accepted_at=long_ago))
    make("one")
    journal = Journal(state, Clock(), "looks")
    until(lambda: journal.get(job.run_id, ANN).status is RunState.FAILED)
    assert "hour" in journal.get(job.run_id, ANN).ending["summary"]
    assert asker.orders == []


@pytest.mark.parametrize(
    "error", [BadInput("no"), HomeError("no"), LimitExceeded("no", limit="rows"), ZeroDivisionError()]
)
def test_whatever_goes_wrong_ends_the_run_and_not_the_server(make: Make, asker: StubAsker, error: Exception) -> None:
    def fails(order: Any) -> Answer:
        raise error

    runner, asker.does = make(), fails
    live = taken(runner.accept(ASK, ANN, "t"))
    assert live.over.wait(10)
    assert live.since(0)[-1].data["status"] == "failed"
    assert "ZeroDivision" not in live.since(0)[-1].data["summary"]
    asker.does = lambda order: answered(order.run_id)
    assert taken(runner.accept(ASK, ANN, "t")).over.wait(10)


class Flaky(Journal):
    """A database that fails for a moment: once for a batch, and once for the one run in it."""

    fails = 2

    def append(self, events: Any) -> frozenset[str]:
        if self.fails and any(event.type.ends for event in events):
            self.fails -= 1
            raise HomeError("full")
        return super().append(events)


def test_events_that_cannot_be_kept_are_not_told_and_the_run_is_taken_up_again(make: Make, state: sa.Engine) -> None:
    clock = Clock()
    journal = Flaky(state, clock, "one")
    live = taken(make("one", clock, journal=journal).accept(ASK, ANN, "t"))
    assert live.over.wait(10)
    assert not any(event.type.ends for event in live.since(0))
    until(lambda: journal.get(live.job.run_id, ANN).status is RunState.ANSWERED)
    told = journal.events(live.job.run_id)
    assert [event.seq for event in told] == list(range(1, len(told) + 1))


def test_a_request_that_is_sent_again_begins_one_run(make: Make, asker: StubAsker) -> None:
    runner, once = make(), Once.of("key", "ask", "how many?")
    run_id = taken(runner.accept(ASK, ANN, "t", once)).job.run_id
    assert runner.accept(ASK, ANN, "t", once) == run_id
    assert taken(runner.accept(ASK, BOB, "t", once)).job.run_id != run_id
    with pytest.raises(Conflict):
        runner.accept(ASK, ANN, "t", Once.of("key", "ask", "something else"))


def test_a_waiting_run_goes_on_with_a_reply_once(make: Make, asker: StubAsker, state: sa.Engine) -> None:
    asker.does = lambda order: Answer(
        status=Status.NEEDS_CLARIFICATION, summary="which?", question="which?", options=("a", "b"), run_id=order.run_id
    )
    runner, journal = make(), Journal(state, Clock(), "looks")
    live = taken(runner.accept(ASK, ANN, "t"))
    assert live.over.wait(10)
    run_id = live.job.run_id
    assert journal.get(run_id, ANN).ending["options"] == ["a", "b"]
    with pytest.raises(NotFound):
        runner.go_on(run_id, BOB, "a")
    asker.does = lambda order: answered(order.run_id)
    once = Once.of("reply", "resume", run_id, "a")
    again = taken(runner.go_on(run_id, ANN, "a", once))
    assert again.over.wait(10)
    assert journal.get(run_id, ANN).status is RunState.ANSWERED
    assert runner.go_on(run_id, ANN, "a", once) == run_id
    with pytest.raises(BadInput):
        runner.go_on(run_id, ANN, "b")


def test_one_person_has_so_many_open_and_no_more(make: Make, asker: StubAsker) -> None:
    runner = make(open_each=3)
    asker.go.clear()
    for _ in range(3):
        runner.accept(ASK, ANN, "t")
    with pytest.raises(LimitExceeded):
        runner.accept(ASK, ANN, "t")
    taken(runner.accept(ASK, BOB, "t"))
    asker.go.set()


def test_whoever_goes_on_does_so_with_the_rights_of_now(make: Make, asker: StubAsker, state: sa.Engine) -> None:
    asker.does = lambda order: Answer(status=Status.NEEDS_CLARIFICATION, summary="which?", run_id=order.run_id)
    runner = make()
    before, after = Principal(subject="ann", groups=frozenset({"finance"})), Principal(subject="ann")
    live = taken(runner.accept(ASK, before, "t"))
    assert live.over.wait(10)
    assert taken(runner.go_on(live.job.run_id, after, "a")).over.wait(10)
    assert asker.callers == [before, after]
    with state.connect() as connection:
        assert "finance" not in connection.execute(sa.text("SELECT caller FROM server_runs")).scalar_one()


def test_whoever_observes_and_fails_stops_no_run(make: Make) -> None:
    def observe(event: Event) -> None:
        raise ValueError("a counter goes up only")

    runner = make(observe=observe)
    for _ in range(2):
        assert taken(runner.accept(ASK, ANN, "t")).over.wait(10)
    until(lambda: not runner.working)


def test_who_goes_on_the_moment_a_run_is_kept_as_waiting_does_not_get_the_old_turn(
    make: Make, asker: StubAsker
) -> None:
    asker.does = lambda order: Answer(status=Status.NEEDS_CLARIFICATION, summary="which?", run_id=order.run_id)
    came: list[Live | str] = []

    def observe(event: Event) -> None:
        # It is kept already, and this server has not let go of it yet.
        if event.type.ends and not came:
            asker.does = lambda order: answered(order.run_id)
            came.append(runner.go_on(event.run_id, ANN, "a"))

    runner = make(observe=observe)
    first = taken(runner.accept(ASK, ANN, "t"))
    until(lambda: bool(came))
    again = taken(came[0])
    assert again is not first
    assert again.over.wait(10)
    assert again.answer is not None
    assert again.answer.status is Status.ANSWERED


def test_what_was_approved_is_run_as_it_was_kept(make: Make, asker: StubAsker) -> None:
    asker.does = lambda order: Answer(status=Status.FAILED, summary="over a limit", sql="SELECT 1", run_id=order.run_id)
    runner = make(approval=7)
    live = taken(runner.accept(ASK, ANN, "t"))
    assert live.over.wait(10)
    assert live.since(0)[-1].data["status"] == "needs_approval"
    assert taken(runner.go_on(live.job.run_id, ANN, None)).over.wait(10)
    assert asker.kept == [live.job.run_id]


def test_today_is_fixed_when_a_question_is_asked(make: Make, asker: StubAsker) -> None:
    runner = make()
    assert taken(runner.accept(ASK, ANN, "t")).over.wait(10)
    other = date(2020, 1, 1)
    assert taken(runner.accept(ASK.model_copy(update={"as_of": other}), ANN, "t")).over.wait(10)
    assert [order.as_of for order in asker.orders] == [DAY, other]


def test_a_run_that_waits_for_its_turn_is_stopped_at_once(make: Make, asker: StubAsker, state: sa.Engine) -> None:
    runner = make(slots=1)
    asker.go.clear()
    taken(runner.accept(ASK, BOB, "t"))
    until(lambda: bool(asker.orders))
    waits = taken(runner.accept(ASK, ANN, "t"))
    runner.cancel(waits.job.run_id)
    assert waits.over.wait(5)
    assert Journal(state, Clock(), "looks").get(waits.job.run_id, ANN).status is RunState.CANCELLED


def test_one_person_does_not_hold_all_turns(make: Make, asker: StubAsker) -> None:
    runner = make(slots=4)
    asker.go.clear()
    for _ in range(10):
        runner.accept(ASK, ANN, "t")
    runner.accept(ASK, BOB, "t")
    until(lambda: BOB in asker.callers)
    assert asker.callers.count(ANN) == 2


def test_a_server_that_was_taken_for_dead_keeps_nothing_more(make: Make, asker: StubAsker, state: sa.Engine) -> None:
    runner = make("one")
    asker.go.clear()
    live = taken(runner.accept(ASK, ANN, "t"))
    until(lambda: bool(asker.orders))
    with state.begin() as connection:
        connection.execute(sa.text("UPDATE server_runs SET server = 'other'"))
    asker.go.set()
    assert live.over.wait(10)
    assert live.is_broken_off
    assert "run.finished" not in kinds(Journal(state, Clock(), "looks").events(live.job.run_id))


def test_accepting_that_had_to_wait_for_the_database_is_no_lost_run(
    make: Make, asker: StubAsker, state: sa.Engine
) -> None:
    clock = Clock()
    runner = make("one", clock)
    before = Journal.accept

    def slowly(self: Journal, *given: Any) -> Any:
        job = before(self, *given)
        # As if the journal had waited long for its turn to write.
        clock.ahead += timedelta(seconds=10)
        time.sleep(1.5)
        return job

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Journal, "accept", slowly)
        live = taken(runner.accept(ASK, ANN, "t"))
    assert live.over.wait(10)
    time.sleep(1.5)
    assert len(asker.orders) == 1
