"""Walks the graph with checkpoints: begins a run, goes on with a broken one, or brings it the reply it waits for."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from langgraph.types import Command

from agents.ask.checkpoints import Checkpoints, config_of
from agents.ask.graph import build_graph
from agents.ask.state import AskState, Question
from agents.budget import BUDGETS
from agents.runs import Runs
from townlake.domain.errors import (
    Cancelled,
    EngineUnavailable,
    HomeError,
    LimitExceeded,
    ModelOverloaded,
    ModelUnavailable,
    NotFound,
)

if TYPE_CHECKING:
    from langgraph.types import StateSnapshot

    from agents.ask.run_context import Run

_MOST_STEPS: Final = 60
_WORTH_RESUMING: Final = (Cancelled, EngineUnavailable, HomeError, ModelOverloaded, ModelUnavailable)


class GraphWalk:
    """Takes questions through the graph."""

    def __init__(self, checkpoints: Checkpoints, runs: Runs) -> None:
        self._checkpoints = checkpoints
        self._runs = runs
        self._graph = build_graph(checkpoints.saver)

    def go(self, thread: str, state: AskState, run: Run) -> AskState:
        """Take a question to its end, or to where it waits for a person.

        Args:
            thread: the thread of this caller and question.
            state: what the planner knows.
            run: what the steps work with; it becomes the broken-off run when there is one.

        Raises:
            SkipperError: a step failed. When asking again may help, the checkpoints stay and the run goes on then.
        """
        self._checkpoints.forget_stale(run.with_.clock())
        with self._checkpoints.claim(thread) as mine:
            # Somebody who has the same rights asks the same at this very moment: both are answered.
            held = thread if mine else f"{thread}-{run.run_id}"
            try:
                return self._go(held, state, run)
            finally:
                self._leave_nothing_deleted(held, run)

    def _go(self, thread: str, state: AskState, run: Run) -> AskState:
        config = config_of(thread, _MOST_STEPS)
        entry = self._entry(self._graph.get_state(config), state, run)
        if entry is state:
            self._checkpoints.forget(thread)
        try:
            # The record is there before the first call is paid for.
            if run.record is not None:
                self._runs.save(run.record)
            with self._checkpoints.reported():
                out = self._graph.invoke(entry, config, context=run, durability="sync")
        except Exception as error:
            if not _worth_resuming(error):
                self._checkpoints.forget(thread)
            raise
        if "__interrupt__" not in out:
            self._checkpoints.forget(thread)
        return cast("AskState", {key: value for key, value in out.items() if key != "__interrupt__"})

    def _leave_nothing_deleted(self, thread: str, run: Run) -> None:
        """Another process may have deleted the conversation meanwhile: then nothing of it waits for anybody."""
        with suppress(HomeError):
            if self._runs.is_forgotten(run.run_id):
                self._checkpoints.forget(thread)

    def _entry(self, snapshot: StateSnapshot, state: AskState, run: Run) -> Any:
        """Where to enter: at a step that was broken off, with a reply, or at the start."""
        asked, kept = state["question"], snapshot.values.get("question")
        waits = bool(snapshot.interrupts)
        if not snapshot.next or not isinstance(kept, Question) or not _still_holds(kept, asked, waits=waits):
            return state
        self._adopt(kept.run_id, run)
        return Command(resume=asked.clarification) if waits else None

    def _adopt(self, run_id: str, run: Run) -> None:
        """Become the run that was broken off."""
        try:
            record = self._runs.get(run_id, run.principal)
        except NotFound:
            return
        # It counts for the day on which it goes on, else nothing that is spent now would count today.
        now = run.record.asked_at if run.record is not None else record.asked_at
        run.run_id, run.record = run_id, record.model_copy(update={"asked_at": now})
        run.meter.go_on_from(record.calls)


def _worth_resuming(error: Exception) -> bool:
    """Whether the next try may go on where this one stopped. What failed for good would fail again there."""
    if isinstance(error, LimitExceeded):
        return error.limit in BUDGETS
    return isinstance(error, _WORTH_RESUMING)


def _still_holds(kept: Question, asked: Question, *, waits: bool) -> bool:
    """Whether a run can go on: it stands on what the question stands on now, and nothing else was replied since."""
    if waits and asked.clarification is None:
        return False
    if not waits and asked.clarification != kept.clarification:
        return False
    said = asked.model_dump(include={"run_id", "clarification", "asked_back"})
    return kept.model_copy(update=said) == asked
