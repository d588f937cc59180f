"""What a run tells while it goes, event by event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import Field

from app.contract.runs import RunId
from app.contract.value import ContractValue


class EventType(StrEnum):
    """Of what an event tells. The names map onto those of AG-UI and A2A."""

    RUN_STARTED = "run.started"
    """It was accepted."""
    RUN_WORKING = "run.working"
    """Somebody works on it: at once, when its turn has come, and again after whoever worked on it has died."""
    STEP_STARTED = "step.started"
    STEP_FINISHED = "step.finished"
    SQL_DRAFT = "sql.draft"
    SQL_VALIDATED = "sql.validated"
    POLICY_DECISION = "policy.decision"
    RESULT_SCHEMA = "result.schema"
    RESULT_ROWS = "result.rows"
    MESSAGE_DELTA = "message.delta"
    CITATION = "citation"
    USAGE = "usage"
    RUN_FINISHED = "run.finished"
    RUN_FAILED = "run.failed"

    @property
    def begins(self) -> bool:
        """Whether somebody works on the run from here on."""
        return self is EventType.RUN_WORKING

    @property
    def ends(self) -> bool:
        """Whether it is the last of a run, or of a turn of one that waits."""
        return self in (EventType.RUN_FINISHED, EventType.RUN_FAILED)

    @property
    def quotes(self) -> bool:
        """Whether it holds values of the lake: such an event is never kept, and made again for whoever comes later."""
        return self in (EventType.RESULT_ROWS, EventType.MESSAGE_DELTA)


MEANINGS: Final[Mapping[EventType, str]] = {
    EventType.RUN_STARTED: "It was taken: `kind`, `question` or, of a statement, `sql`, `mode`, `thread`.",
    EventType.RUN_WORKING: "A server works on it (`server`): at once, when its turn has come, and again where the "
    "one before has died.",
    EventType.STEP_STARTED: "A step begins: `step`.",
    EventType.STEP_FINISHED: "It has ended: `step`, `seconds`; where it ran a statement, the `query_id` under which "
    "the audit knows that, and `row_count`.",
    EventType.SQL_DRAFT: "A statement is proposed: `sql`, `path` (where it comes from), `reading`, `assumptions`.",
    EventType.SQL_VALIDATED: "It was checked: `passed`, `findings`.",
    EventType.POLICY_DECISION: "What policy says of it: `effect`, `tables`, `masks`, `row_filtered`, `hidden_columns`.",
    EventType.RESULT_SCHEMA: "The columns of the result: `columns`, `row_count`, `truncated`.",
    EventType.RESULT_ROWS: "Some rows: `rows`, and the number of the `first` of them. Not kept: made again from the "
    "same snapshots, with the rights of now, for whoever comes later; `gone` says why that cannot be done.",
    EventType.CITATION: "A table that was read: `table`, `snapshot_id`, `fresh_at`, `owner`, `tier`, `why`.",
    EventType.MESSAGE_DELTA: "The answer in words (`text`), and all of it but the rows (`answer`). Not kept, as rows.",
    EventType.USAGE: "What it cost: `model_calls`, `estimated_calls` of them, `tokens`, `cost_usd`, `seconds`.",
    EventType.RUN_FINISHED: "The run has ended, or waits for you: `status`, `summary`, `asked_back`, `options`, "
    "`suggestions`, `closed_tables`, `approval`, `limit`, `sql`, `plan`, `columns`, `row_count`, `cost_usd`.",
    EventType.RUN_FAILED: "It could not be brought to an end: `status`, `summary`.",
}
"""What each of them tells, and in which fields of `data`."""


class Event(ContractValue):
    """One event."""

    seq: int
    """From 1 on, without gaps, within a run."""
    run_id: RunId
    trace_id: str
    """32 hexadecimal digits: the trace of the run, as in `traceparent`."""
    type: EventType
    at: datetime
    data: dict[str, Any] = Field(default_factory=dict)
