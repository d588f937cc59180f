"""What lies in a checkpoint comes back exactly, and nothing else comes back at all."""

from __future__ import annotations

import logging
import multiprocessing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agents.ask.answer import AnswerPath, Status
from agents.ask.checkpoints import NOBODYS, Checkpoints, allowed, thread_id
from agents.ask.cover.calendar import Span as Days
from agents.ask.cover.result import Blocked, Gap
from agents.ask.cover.slots import Compare, Period, Share, Slots, Threshold
from agents.ask.schema_slice import SchemaSlice, SliceColumn, SliceNote, SliceTable
from agents.ask.state import (
    VALUES,
    Checked,
    Clarification,
    Ending,
    LookedUp,
    Outcome,
    Question,
    Repair,
    RepairCause,
    SqlDraft,
    Turn,
)
from tests.agents.plain_lake import ref
from townlake.domain.errors import HomeError
from townlake.domain.finding import Finding, Severity, Span
from townlake.domain.names import ColumnRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import MaskMethod
from townlake.domain.table import Tier
from townlake.domain.value import Value
from townlake.domain.verdict import MaskUse, OutputColumn, Verdict

CITIES = ref("geo.cities")
FINDING = Finding(code="NAM002", severity=Severity.ERROR, message="m", hint="h", span=Span(line=1, column=2))
DRAFT = SqlDraft(sql="SELECT 1", path=AnswerPath.MODEL, assumptions=("a",), why=((CITIES, "w"),))
SLOTS = Slots(
    metrics=("m",),
    period=Period(said="in May", span=Days(start=date(2026, 5, 1), until=date(2026, 6, 1))),
    thresholds=(Threshold(compare=Compare.OVER, number=Decimal("1.50")),),
    share=Share.PERCENT,
)
STATE: tuple[Value, ...] = (
    Question(
        text="q",
        run_id="r",
        as_of=date(2026, 3, 1),
        turns=(Turn(question="p", asked="p", status="answered"),),
        slots=SLOTS,
    ),
    Gap(reason="r", readings=("q",), blocked=(Blocked(name="n", tables=(CITIES,)),)),
    Clarification(question="which?", options=("a", "b")),
    SchemaSlice(
        tables=(SliceTable(table=CITIES, columns=(SliceColumn(name="id", type="bigint"),), tier=Tier.CURATED),),
        metrics=(SliceNote(title="t", text="x"),),
    ),
    LookedUp(said="{}"),
    DRAFT,
    Checked(
        passed=True,
        columns=(OutputColumn(name="n", type="bigint", masked=True),),
        tables=((CITIES, 1), (CITIES, None)),
        masks=(MaskUse(column=ColumnRef(table=CITIES, column="name"), method=MaskMethod.LAST4),),
    ),
    Repair(cause=RepairCause.DOUBTFUL, draft=DRAFT, findings=(FINDING,)),
    Outcome(query_id="q", row_count=1, truncated=False, columns=(), snapshots=((CITIES, 5),)),
    Ending(status=Status.REFUSED, message="m"),
    FINDING,
)


def serializer() -> JsonPlusSerializer:
    return JsonPlusSerializer(allowed_msgpack_modules=allowed())


def test_every_value_of_the_state_is_tried_here() -> None:
    assert {type(value) for value in STATE} == set(VALUES)


@pytest.mark.parametrize("value", STATE, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_exactly(value: Value, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        back = serializer().loads_typed(serializer().dumps_typed((value, value)))
    assert tuple(back) == (value, value)
    assert type(back[0]) is type(value)
    assert caplog.records == []


def test_a_verdict_never_comes_back() -> None:
    verdict = Verdict(asked="SELECT 1", principal=Principal(subject="ann"), sql="SELECT 1")
    back = serializer().loads_typed(serializer().dumps_typed(verdict))
    assert not isinstance(back, Verdict)


def test_a_thread_belongs_to_whoever_asks() -> None:
    ann = Principal(subject="ann")
    same = thread_id(ann, "c", "q")
    assert same == thread_id(Principal(subject="ann"), "c", "q")
    others = [
        thread_id(Principal(subject="bea"), "c", "q"),
        thread_id(Principal(subject="ann", groups=frozenset({"hr"})), "c", "q"),
        thread_id(Principal(subject="ann", on_behalf_of="bea"), "c", "q"),
        thread_id(Principal(subject="ann", on_behalf_of="bea", behalf_groups=frozenset({"hr"})), "c", "q"),
        thread_id(Principal(subject="ann", kind=PrincipalKind.SERVICE), "c", "q"),
        thread_id(ann, "d", "q"),
        thread_id(ann, None, "q"),
        thread_id(ann, "c", "p"),
    ]
    assert len({same, *others}) == 9


def hold(path: Path, thread: str, ready: object, leave: object) -> None:
    with Checkpoints(path).claim(thread) as mine:
        assert mine
        ready.set()  # type: ignore[attr-defined]
        leave.wait()  # type: ignore[attr-defined]


def test_two_processes_never_go_on_with_one_run(tmp_path: Path) -> None:
    path, thread = tmp_path / "checkpoints.db", thread_id(Principal(subject="ann"), None, "q")
    context = multiprocessing.get_context("spawn")
    ready, leave = context.Event(), context.Event()
    other = context.Process(target=hold, args=(path, thread, ready, leave))
    other.start()
    assert ready.wait(60)
    checkpoints = Checkpoints(path)
    with checkpoints.claim(thread) as mine:
        assert not mine
    leave.set()
    other.join()
    with checkpoints.claim(thread) as mine:
        assert mine
        with checkpoints.claim(thread) as again:
            assert not again
    with checkpoints.claim(thread) as mine:
        assert mine


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(HomeError, match="unfinished questions"):
        _ = Checkpoints(path).saver


def test_one_that_cannot_be_read_is_nobodys_and_hides_no_other(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints.db")
    question = next(value for value in STATE if isinstance(value, Question))
    kept = {"good": question, "of another release": Verdict(asked="", principal=Principal(subject="ann"), sql="")}
    for thread, value in {**kept, "damaged": question}.items():
        made = empty_checkpoint() | {"channel_values": {"question": value}}
        place = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
        checkpoints.saver.put(place, made, {}, {})  # type: ignore[arg-type,typeddict-item]
    with checkpoints.saver.cursor() as cursor:
        cursor.execute("UPDATE checkpoints SET checkpoint = x'ffff' WHERE thread_id = 'damaged'")
    others = {"of another release": NOBODYS, "damaged": NOBODYS}
    assert checkpoints.unfinished() == {"good": question.run_id, **others}
    assert checkpoints.unfinished(besides={"good"}) == others
    checkpoints.close()
