"""What is kept of a run once it has an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from agents.ask.answer import Answer, AnswerPath, Status
from agents.ask.cover.slots import Slots
from agents.ask.state import AskState, Question, SqlDraft, Turn
from agents.question_uses import STATEMENT
from agents.runs import Pin, RunRecord
from townlake.domain.errors import BadInput

if TYPE_CHECKING:
    from agents.ask.run_context import Run


def started(question: Question, run: Run, asked_at: datetime) -> RunRecord:
    """The record of a run that has begun."""
    return RunRecord(
        run_id=run.run_id,
        conversation=run.conversation,
        subject=run.principal.subject,
        kind=run.principal.kind,
        on_behalf_of=run.principal.on_behalf_of,
        asked_at=asked_at,
        as_of=question.as_of,
        question=question.text,
        clarification=question.clarification,
        calls=tuple(run.meter.calls),
    )


def finished(record: RunRecord, state: AskState, answer: Answer, run: Run) -> RunRecord:
    """The record of a run that has an answer. Neither rows nor words of the answer are kept.

    A run that waited for a reply waits still, when nothing came of the reply.
    """
    draft, outcome = state.get("draft"), state.get("outcome")
    spent = {"calls": tuple(run.meter.calls), "steps": tuple(run.steps), "seconds": answer.seconds}
    if record.status == Status.NEEDS_CLARIFICATION and answer.status in (Status.FAILED, Status.NEEDS_MODEL):
        # The reply may be given again.
        return record.model_copy(update=spent)
    return record.model_copy(
        update=spent
        | {
            "status": record.status if record.status == STATEMENT else answer.status.value,
            "clarification": state["question"].clarification,
            "path": answer.path.value if answer.path else None,
            "sql": answer.sql,
            "namespace": draft.namespace if draft else None,
            "pins": tuple(Pin(table=ref, snapshot_id=at) for ref, at in outcome.snapshots) if outcome else (),
            "reading": draft.reading if draft else "",
            "unit": draft.unit if draft else "",
            "assumptions": answer.assumptions,
            "why": draft.why if draft else (),
            "slots": draft.slots.model_dump(mode="json") if draft and draft.slots else None,
            "asked_back": answer.question,
            "options": answer.options,
            "columns": tuple(column.name for column in answer.columns),
            "row_count": len(answer.rows) if answer.rows is not None else None,
            "finding_codes": tuple(dict.fromkeys(finding.code for finding in answer.findings)),
        }
    )


def draft_of(record: RunRecord) -> SqlDraft:
    """The statement of an earlier run.

    Raises:
        BadInput: the run gave none.
    """
    if record.row_count is None:
        raise BadInput(f"The run {record.run_id} gave no rows to read again.", hint="Ask its question again.")
    return kept_draft(record)


def kept_draft(record: RunRecord) -> SqlDraft:
    """The statement that a run came to, whether it ran or not.

    Raises:
        BadInput: it came to none.
    """
    if record.sql is None or record.path is None:
        raise BadInput(f"The run {record.run_id} came to no statement.", hint="Ask its question again.")
    return SqlDraft(
        sql=record.sql,
        path=AnswerPath(record.path),
        namespace=record.namespace,
        reading=record.reading,
        unit=record.unit,
        assumptions=record.assumptions,
        why=record.why,
        slots=slots_of(record),
    )


def slots_of(record: RunRecord | None) -> Slots | None:
    """What an earlier run asked of the metrics; None also when another release wrote it."""
    if record is None or record.slots is None:
        return None
    try:
        return Slots.model_validate(record.slots)
    except ValueError:
        return None


def turn_of(record: RunRecord) -> Turn:
    """What of an earlier run the next question stands on."""
    return Turn(
        question=record.question if record.clarification is None else f"{record.question} ({record.clarification})",
        asked=record.question,
        status=record.status,
        path=record.path,
        sql=record.sql,
        reading=record.reading,
        asked_back=record.asked_back,
        options=record.options,
        columns=record.columns,
        row_count=record.row_count,
    )


def steps_of(run: Run) -> Mapping[str, float]:
    """Seconds by step; a step that ran twice counts as one."""
    total: dict[str, float] = {}
    for step, seconds in run.steps:
        total[step] = round(total.get(step, 0.0) + seconds, 4)
    return total
