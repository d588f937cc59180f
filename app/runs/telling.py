"""What a question does, told as events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from app.contract.events import EventType
from app.contract.runs import RunState

if TYPE_CHECKING:
    from agents.ask.answer import Answer
    from agents.ask.state import AskState, Checked

ROWS_AT_A_TIME: Final = 500
Told = tuple[EventType, dict[str, Any]]


def step_started(step: str) -> Told:
    """A step begins."""
    return EventType.STEP_STARTED, {"step": step}


def step_finished(step: str, seconds: float, update: AskState) -> Iterator[Told]:
    """A step has ended, and what of its outcome everybody may know who may know the question."""
    if (draft := update.get("draft")) is not None:
        yield (
            EventType.SQL_DRAFT,
            {"sql": draft.sql, "path": draft.path.value, "reading": draft.reading, "assumptions": draft.assumptions},
        )
    if (checked := update.get("checked")) is not None:
        yield (
            EventType.SQL_VALIDATED,
            {"passed": checked.passed, "findings": [finding.model_dump(mode="json") for finding in checked.findings]},
        )
        yield EventType.POLICY_DECISION, _policy(checked)
    ended: dict[str, Any] = {"step": step, "seconds": seconds}
    if (outcome := update.get("outcome")) is not None:
        ended |= {"query_id": outcome.query_id, "row_count": outcome.row_count}
    yield EventType.STEP_FINISHED, ended


def answer_told(answer: Answer) -> Iterator[Told]:
    """The result: its schema, its rows, where it comes from, and what it is in words."""
    if answer.rows is not None:
        columns = [column.model_dump() for column in answer.columns]
        yield (
            EventType.RESULT_SCHEMA,
            {"columns": columns, "row_count": len(answer.rows), "truncated": answer.truncated},
        )
        for first in range(0, len(answer.rows), ROWS_AT_A_TIME):
            yield EventType.RESULT_ROWS, {"first": first, "rows": answer.rows[first : first + ROWS_AT_A_TIME]}
    for table in answer.tables:
        yield EventType.CITATION, table.model_dump(mode="json")
    yield (
        EventType.MESSAGE_DELTA,
        {"text": answer.summary, "answer": answer.model_dump(mode="json", exclude={"rows"})},
    )
    yield EventType.USAGE, usage(answer)


def usage(answer: Answer) -> dict[str, Any]:
    """What it cost."""
    return {
        "model_calls": answer.model_calls,
        "estimated_calls": answer.estimated_calls,
        "tokens": answer.tokens.model_dump(mode="json"),
        "cost_usd": answer.cost_usd,
        "seconds": answer.seconds,
    }


def ending(answer: Answer, approval: int | None) -> dict[str, Any]:
    """How a run ended. Words are kept only where nothing was read, so that they quote nothing."""
    status = RunState.NEEDS_APPROVAL if approval is not None else RunState(answer.status.value)
    return {
        "status": status.value,
        "summary": answer.summary if answer.rows is None else "",
        "asked_back": answer.question,
        "options": answer.options,
        "suggestions": answer.suggestions,
        "closed_tables": answer.closed_tables,
        "approval": approval,
        "limit": answer.limit,
        "sql": answer.sql,
        "plan": None if answer.plan is None else answer.plan.model_dump(mode="json"),
        "columns": [column.name for column in answer.columns],
        "row_count": None if answer.rows is None else len(answer.rows),
        "cost_usd": answer.cost_usd,
    }


def _policy(checked: Checked) -> dict[str, Any]:
    return {
        "effect": "allow" if checked.passed else "refuse",
        "tables": [str(table) for table, _ in checked.tables],
        "masks": [use.model_dump(mode="json") for use in checked.masks],
        "row_filtered": [str(table) for table in checked.row_filtered],
        "hidden_columns": checked.hidden_columns,
    }
