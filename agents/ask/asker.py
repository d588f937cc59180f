"""Answers questions: the one class that the ways in call."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Final, Self
from uuid import uuid4

from agents.ask.anew import Anew
from agents.ask.answer import Answer, AnswerPath, Status
from agents.ask.answerer import answer_of, failure
from agents.ask.checkpoints import Checkpoints, thread_id
from agents.ask.flow import Step
from agents.ask.look_up import hands_of
from agents.ask.opened_once import OpenedOnce
from agents.ask.outlook import Outlooks
from agents.ask.question import read_conversation, read_question, reply_to
from agents.ask.record import draft_of, finished, kept_draft, slots_of, started, steps_of, turn_of
from agents.ask.run_context import Collaborators, Run
from agents.ask.run_step import check_pinned, run_pinned
from agents.ask.state import AskState, Question, SqlDraft
from agents.ask.validator import summary_of
from agents.ask.walk import walk
from agents.budget import Meter
from agents.question_uses import STATEMENT
from agents.runs import RunRecord, Runs
from agents.usage import ModelCall
from tools.hands import Hands
from townlake.domain.errors import BadInput, Cancelled, HomeError, NotFound, SkipperError
from townlake.domain.limits import Limits
from townlake.domain.principal import Principal

if TYPE_CHECKING:
    from agents.ask.graph_walk import GraphWalk
    from townlake.domain.verdict import Verdict

_TURNS: Final = 4
_BEYOND_COVER: Final = frozenset({Step.SCHEMA_RETRIEVER})
_ENDS_THE_COMMAND: Final = (BadInput, Cancelled, HomeError)


@dataclass(frozen=True, slots=True)
class Order:
    """How a question is to be answered, where it is not as usual."""

    run_id: str | None = None
    """The name of the run, given by whoever brings it to its end: asked again under it, it goes on."""
    runs: bool = True
    """False to write and check the statement only."""
    plans: bool = False
    """True, with `runs` False, to tell also what the statement would take, and to ask nobody to approve it."""
    as_of: date | None = None
    """What `today` means; the lake's own date when None."""
    limits: Limits | None = None
    """Narrower bounds than the lake's own for the answer's statement."""
    on_update: Callable[[str, float, AskState], None] = lambda step, seconds, update: None
    """Told what each step gave, and in how many seconds."""


AS_USUAL: Final = Order()


class Asker:
    """Answers questions as the caller, from one lake.

    A question that a metric or a verified query covers takes the short walk, in memory. Everything else goes through
    the graph, with a checkpoint after every step: a model is slow and costs money, so a killed run goes on where it
    stopped when the same person asks the same question again.

    A context manager: leaving it closes what it opened, memory and the file of the checkpoints.
    """

    def __init__(self, collaborators: Collaborators) -> None:
        # Opening memory loads the embedding model: once for all questions.
        self._memory = OpenedOnce(collaborators.memory)
        self._with = replace(collaborators, memory=self._memory)
        self._outlooks = Outlooks(collaborators.lake)
        self._runs = Runs(collaborators.state)
        self._checkpoints = Checkpoints(collaborators.checkpoints)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of what was opened. A question that comes later opens it again."""
        self._memory.close()
        self.__dict__.pop("_graph", None)
        self._checkpoints.close()

    def ask(
        self,
        question: str,
        principal: Principal,
        *,
        conversation: str | None = None,
        clarification: str | None = None,
        on_step: Callable[[str], None] | None = None,
        cancelled: Event | None = None,
        order: Order = AS_USUAL,
    ) -> Answer:
        """Answer a question.

        Args:
            question: in plain words. In a conversation whose last answer asked something back, this is taken for the
                reply: a number chooses an option.
            principal: who asks; everything is read as them.
            conversation: a name of the caller's own; each question then knows the ones before.
            clarification: the reply to what was asked back about this very question.
            on_step: told the name of each step as it begins.
            cancelled: set it from another thread to stop.
            order: how to answer it.

        Raises:
            BadInput: there is no question, or it cannot be read.
            Cancelled: the caller stopped it; ask again to go on.
            HomeError: the home cannot be used. Every other failure is an answer that says so.
        """
        began = time.perf_counter()
        text, conversation = read_question(question), read_conversation(conversation)
        earlier = self._runs.turns(conversation, principal, _TURNS + 1) if conversation else self._own(order, principal)
        asked = reply_to(tuple(map(turn_of, earlier)), text, clarification)
        before = [record for place, record in enumerate(earlier) if place != asked.place][-_TURNS:]
        run = self._run(principal, conversation, on_step, cancelled, order)
        about = Question(
            text=asked.text,
            run_id=run.run_id,
            as_of=order.as_of or self._with.today(),
            turns=tuple(map(turn_of, before)),
            clarification=asked.clarification,
            asked_back=asked.asked_back,
            slots=slots_of(next((record for record in reversed(before) if record.row_count is not None), None)),
            runs=order.runs,
            lake_version=f"{run.outlook.version}/{self._with.knowledge.digest}",
        )
        state: AskState = {"question": about}
        run.record = started(about, run, self._with.clock())
        try:
            until = _BEYOND_COVER if self._with.model else frozenset[Step]()
            state, step = walk(state, run, until=until)
            if step is Step.SCHEMA_RETRIEVER:
                thread = thread_id(principal, conversation, asked.text, order.run_id)
                state = self._graph.go(thread, state, run)
            answer = run.answer or answer_of(state, run)
        except _ENDS_THE_COMMAND:
            raise
        except SkipperError as error:
            answer = failure(error, state, run)
        return self._kept(answer, state, run, began)

    def knows(self, conversation: str, principal: Principal) -> bool:
        """Whether the caller has asked anything in this conversation.

        Raises:
            BadInput: it cannot be the name of one.
        """
        read_conversation(conversation)
        return self._runs.knows(conversation, principal)

    def unfinished(self, besides: Collection[str] = ()) -> Mapping[str, str]:
        """What is kept of questions that wait or were broken off: its threads, each with its run.

        Args:
            besides: threads that are known already.

        Raises:
            HomeError: the file cannot be read.
        """
        return self._checkpoints.unfinished(besides)

    def forget(self, threads: Iterable[str]) -> None:
        """Delete what is kept under some threads: whoever goes on with their questions begins anew.

        Raises:
            HomeError: the file cannot be written.
        """
        self._checkpoints.forget_all(threads)

    @property
    def anew(self) -> Anew:
        """What makes statements of metrics and verified queries anew, with the date of then."""
        return Anew(self._with, self._outlooks, self._runs)

    def hands(self, principal: Principal) -> Hands:
        """What tools may use for a caller, apart from any question."""
        return hands_of(self._run(principal, None, None, None, AS_USUAL))

    def is_statement(self, run_id: str, principal: Principal) -> bool:
        """Whether a run of this caller was of SQL that they wrote themselves, not of a question.

        Raises:
            NotFound: there is no such run of theirs.
        """
        return self._runs.get(run_id, principal).status == STATEMENT

    def rerun(self, run_id: str, principal: Principal, *, cancelled: Event | None = None) -> Answer:
        """The rows of an earlier answer of the same caller again, from the same snapshots, with today's rights.

        Raises:
            NotFound: there is no such run of theirs, or its snapshots are no longer kept.
            BadInput: the run gave no rows.
            AccessDenied: they may no longer read what it read.
        """
        began = time.perf_counter()
        record = self._runs.get(run_id, principal)
        draft = draft_of(record)
        run = self._run(principal, record.conversation, None, cancelled, Order(run_id=record.run_id))
        run.meter.calls = list(record.calls)
        outcome = run_pinned(draft, record.snapshots, run)
        about = Question(text=record.question, run_id=record.run_id, as_of=record.as_of)
        state: AskState = {
            "question": about,
            "draft": draft,
            "checked": summary_of(run.verdict(draft)),
            "outcome": outcome,
        }
        answer = answer_of(state, run)
        return answer.model_copy(update={"seconds": round(time.perf_counter() - began, 4)})

    def run_kept(
        self,
        principal: Principal,
        order: Order,
        *,
        on_step: Callable[[str], None] | None = None,
        cancelled: Event | None = None,
    ) -> Answer:
        """Run the statement of an earlier run of the same caller, as it was kept: once it is approved.

        No model writes another one.

        Raises:
            NotFound: there is no such run of theirs.
            BadInput: it came to no statement.
            Cancelled: the caller stopped it.
        """
        began = time.perf_counter()
        record = self._runs.get(order.run_id or "", principal)
        run = self._run(principal, record.conversation, on_step, cancelled, order)
        run.record, run.meter.calls = record, list(record.calls)
        about = Question(text=record.question, run_id=record.run_id, as_of=record.as_of)
        # As if a person had written it: nobody is asked to write a better one.
        draft = kept_draft(record)
        if draft.path is AnswerPath.MODEL:
            draft = draft.model_copy(update={"path": AnswerPath.VERIFIED_QUERY})
        path = AnswerPath(record.path) if record.path else None
        answer, state = _from_draft(about, draft, run)
        return self._kept(answer.model_copy(update={"path": path}), state, run, began)

    def run_given(
        self,
        sql: str,
        principal: Principal,
        order: Order,
        *,
        namespace: str | None = None,
        on_step: Callable[[str], None] | None = None,
        cancelled: Event | None = None,
    ) -> Answer:
        """Check a statement that the caller wrote, and run it: kept like a question, and counted as none.

        Args:
            sql: one query, SHOW or DESCRIBE in Trino's dialect.
            principal: whose it is; everything is read as them.
            order: how to answer it.
            namespace: the schema of tables that are named without one.
            on_step: told the name of each step as it begins.
            cancelled: set it from another thread to stop.

        Raises:
            Cancelled: the caller stopped it.
            HomeError: the home cannot be used. Every other failure is an answer that says so.
        """
        began = time.perf_counter()
        run = self._run(principal, None, on_step, cancelled, order)
        about = Question(text="", run_id=run.run_id, as_of=order.as_of or self._with.today(), runs=order.runs)
        run.record = started(about, run, self._with.clock()).model_copy(update={"status": STATEMENT})
        answer, state = _from_draft(about, SqlDraft(sql=sql, path=AnswerPath.STATEMENT, namespace=namespace), run)
        return self._kept(answer, state, run, began)

    def statement(self, run_id: str, principal: Principal) -> Verdict:
        """The verdict of now on the statement of an earlier answer of the same caller, on the same snapshots.

        Raises:
            NotFound: there is no such run of theirs, or its snapshots are no longer kept.
            BadInput: the run gave no rows.
        """
        record = self._runs.get(run_id, principal)
        run = self._run(principal, record.conversation, None, None, Order(run_id=record.run_id))
        return check_pinned(draft_of(record), record.snapshots, run)

    def _run(
        self,
        principal: Principal,
        conversation: str | None,
        on_step: Callable[[str], None] | None,
        cancelled: Event | None,
        order: Order,
    ) -> Run:
        def keep(calls: tuple[ModelCall, ...]) -> None:
            if run.record is not None:
                run.record = run.record.model_copy(update={"calls": calls})
                self._runs.save(run.record)

        run = Run(
            with_=self._with,
            run_id=order.run_id or uuid4().hex[:16],
            conversation=conversation,
            principal=principal,
            outlook=self._outlooks.of(principal),
            meter=Meter(self._with.budget, self._with.day_of(principal), keep),
            on_step=on_step or self._with.on_step,
            on_update=order.on_update,
            limits=order.limits,
            plans=order.plans,
            cancelled=cancelled,
        )
        return run

    def _own(self, order: Order, principal: Principal) -> tuple[RunRecord, ...]:
        """The run itself, when it waits for a reply."""
        with suppress(NotFound):
            record = self._runs.get(order.run_id or "", principal)
            return (record,) if record.status == Status.NEEDS_CLARIFICATION else ()
        return ()

    def _kept(self, answer: Answer, state: AskState, run: Run, began: float) -> Answer:
        answer = answer.model_copy(
            update={"seconds": round(time.perf_counter() - began, 4), "steps": dict(steps_of(run))}
        )
        if run.record is not None:
            self._runs.save(finished(run.record, state, answer, run))
        return answer

    @cached_property
    def _graph(self) -> GraphWalk:
        from agents.ask.graph_walk import GraphWalk

        return GraphWalk(self._checkpoints, self._runs)


def _from_draft(about: Question, draft: SqlDraft, run: Run) -> tuple[Answer, AskState]:
    """Check a statement and run it; nobody writes another one."""
    state: AskState = {"question": about, "draft": draft}
    try:
        state, _ = walk(state, run, start=Step.VALIDATOR, until=_BEYOND_COVER)
        return run.answer or answer_of(state, run), state
    except _ENDS_THE_COMMAND:
        raise
    except SkipperError as error:
        return failure(error, state, run), state


__all__ = ["Asker", "Collaborators", "Order", "RunRecord"]
