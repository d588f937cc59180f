"""The steps of a question and the ways between them: one description, whoever walks it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from agents.ask import answerer, look_up, planner, run_step, schema_retriever, sql_writer, validator
from agents.ask.answer import AnswerPath
from agents.ask.examiner import examine
from agents.ask.state import AskState

if TYPE_CHECKING:
    from agents.ask.run_context import Run


class Step(StrEnum):
    """A step, by the name that people and records know it by."""

    PLANNER = "planner"
    ASK_BACK = "ask_back"
    SCHEMA_RETRIEVER = "schema_retriever"
    SQL_WRITER = "sql_writer"
    LOOK_UP = "look_up"
    VALIDATOR = "validator"
    RUN = "run"
    EXAMINER = "examiner"
    ANSWERER = "answerer"
    END = "end"


@dataclass(frozen=True, slots=True)
class Work:
    """What a step does, what it may see of the state, and where it may lead."""

    do: Callable[[Any, Run], AskState]
    reads: type
    next: Callable[[AskState], Step]
    ways: tuple[Step, ...]


def _after_planner(state: AskState) -> Step:
    if state.get("clarification"):
        return Step.ASK_BACK
    if state.get("ending"):
        return Step.ANSWERER
    return Step.SCHEMA_RETRIEVER if state.get("gap") else Step.VALIDATOR


def _after_schema_retriever(state: AskState) -> Step:
    return Step.ANSWERER if state.get("ending") else Step.SQL_WRITER


def _after_sql_writer(state: AskState) -> Step:
    if state.get("lookup"):
        return Step.LOOK_UP
    if state.get("clarification"):
        return Step.ASK_BACK
    return Step.ANSWERER if state.get("ending") else Step.VALIDATOR


def _after_look_up(state: AskState) -> Step:
    return Step.LOOK_UP if look_up.goes_on(state["lookups"]) else Step.SQL_WRITER


def _after_validator(state: AskState) -> Step:
    if repair := state.get("to_mend"):
        unknown = any(finding.code == validator.UNKNOWN_TABLE for finding in repair.findings)
        return Step.SCHEMA_RETRIEVER if unknown else Step.SQL_WRITER
    return Step.ANSWERER if state.get("ending") or not state["question"].runs else Step.RUN


def _after_run(state: AskState) -> Step:
    if state["draft"].path is AnswerPath.STATEMENT:
        # Whether its rows are what was meant, whoever wrote it knows.
        return Step.ANSWERER
    return Step.SQL_WRITER if state.get("to_mend") else Step.EXAMINER


def _after_examiner(state: AskState) -> Step:
    return Step.SQL_WRITER if state.get("to_mend") else Step.ANSWERER


WORK: Final[Mapping[Step, Work]] = {
    Step.PLANNER: Work(
        planner.planner,
        planner.Reads,
        _after_planner,
        (Step.VALIDATOR, Step.ASK_BACK, Step.SCHEMA_RETRIEVER, Step.ANSWERER),
    ),
    Step.SCHEMA_RETRIEVER: Work(
        schema_retriever.schema_retriever,
        schema_retriever.Reads,
        _after_schema_retriever,
        (Step.SQL_WRITER, Step.ANSWERER),
    ),
    Step.SQL_WRITER: Work(
        sql_writer.sql_writer,
        sql_writer.Reads,
        _after_sql_writer,
        (Step.VALIDATOR, Step.LOOK_UP, Step.ASK_BACK, Step.ANSWERER),
    ),
    Step.LOOK_UP: Work(look_up.look_up, look_up.Reads, _after_look_up, (Step.LOOK_UP, Step.SQL_WRITER)),
    Step.VALIDATOR: Work(
        validator.validator,
        validator.Reads,
        _after_validator,
        (Step.RUN, Step.SQL_WRITER, Step.SCHEMA_RETRIEVER, Step.ANSWERER),
    ),
    Step.RUN: Work(run_step.run_step, run_step.Reads, _after_run, (Step.EXAMINER, Step.SQL_WRITER, Step.ANSWERER)),
    Step.EXAMINER: Work(examine.examiner, examine.Reads, _after_examiner, (Step.ANSWERER, Step.SQL_WRITER)),
    Step.ANSWERER: Work(answerer.answerer, answerer.Reads, lambda state: Step.END, (Step.END,)),
}
"""Every step but `ask_back`, which waits for a person: only a walk that can wait has it."""


def perform(step: Step, state: AskState, run: Run) -> AskState:
    """Do one step: tell that it begins, show it only what it may see, take its time.

    Raises:
        Cancelled: the caller stopped the run.
    """
    run.stop_if_cancelled()
    run.on_step(step.value)
    started = time.perf_counter()
    work, update = WORK[step], AskState()
    try:
        update = work.do({key: state[key] for key in work.reads.__annotations__ if key in state}, run)  # type: ignore[literal-required]
        return update
    finally:
        seconds = round(time.perf_counter() - started, 4)
        run.steps.append((step.value, seconds))
        run.on_update(step.value, seconds, update)
