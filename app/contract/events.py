"""What a run tells while it goes, event by event."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from app.contract.runs import RunId
from townlake.domain.value import Value


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
    APPROVAL_REQUIRED = "approval.required"
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


class Event(Value):
    """One event."""

    seq: int
    """From 1 on, without gaps, within a run."""
    run_id: RunId
    trace_id: str
    """32 hexadecimal digits: the trace of the run, as in `traceparent`."""
    type: EventType
    at: datetime
    data: dict[str, Any] = Field(default_factory=dict)
